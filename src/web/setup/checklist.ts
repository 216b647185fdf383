/**
 * What is set up and what is missing, from "a call can be made" to "ready for the office". Pure: each item looks at what was
 * read and says whether it is done.
 */
import type { ShownPlatform } from '../../protocol/platforms.ts';
import type { ShownQueue, ShownUser, SystemState } from '../../protocol/setup.ts';

export interface Installed {
  users: ShownUser[];
  queues: ShownQueue[];
  numbers: { queueId?: string | null }[];
  platforms: Pick<ShownPlatform, 'id' | 'label' | 'state'>[];
  trunks: { status: { state: string } }[];
  recordingRules: number;
  system: SystemState;
}

export interface CheckItem {
  id: string;
  done: boolean;
  /** What is so, or what to do. */
  text: string;
  /** Why it matters, in a sentence. */
  why: string;
  /** Page of Setup where it is done. */
  path: string;
}

export interface CheckStage {
  title: string;
  items: CheckItem[];
}

/** The stages in the order in which one goes through them. */
export function checklist(installed: Installed): CheckStage[] {
  return [
    { title: 'A call can be made', items: callItems(installed) },
    { title: 'Calls are handled well', items: careItems(installed) },
    { title: 'Ready for the office', items: officeItems(installed) },
  ];
}

function callItems({ users, queues, numbers, platforms, system }: Installed): CheckItem[] {
  const agents = users.filter(takesCalls);
  const staffed = queues.filter((queue) => queue.memberIds.length > 0);
  const led = staffed.filter((queue) => numbers.some((number) => number.queueId === queue.id));
  return [
    {
      id: 'switch',
      done: downOf(platforms).length === 0 && system.switch.audio,
      text: platformText(platforms, system.switch.audio),
      why: 'It carries the calls and their sound.',
      path: downOf(platforms)[0] ? `/platforms/${downOf(platforms)[0]?.id}` : '/platforms',
    },
    {
      id: 'agents',
      done: agents.length > 0,
      text:
        agents.length > 0 ? `${count(agents.length, 'user')} can take calls` : 'Add somebody who takes calls',
      why: 'A call needs somebody to answer it.',
      path: '/users',
    },
    {
      id: 'queue',
      done: staffed.length > 0,
      text:
        staffed.length > 0
          ? `${count(staffed.length, 'queue')} with members`
          : 'Make a queue and choose its members',
      why: 'Callers wait in a queue for its members.',
      path: '/queues',
    },
    {
      id: 'number',
      done: led.length > 0,
      text:
        led.length > 0
          ? 'A number leads to a queue with members'
          : 'Let a number lead to a queue with members',
      why: 'It is what callers dial.',
      path: '/numbers',
    },
  ];
}

/** Those that should be connected and are not. */
function downOf(platforms: Installed['platforms']): Installed['platforms'] {
  return platforms.filter(({ state }) => state === 'down' || state === 'reconciling');
}

function platformText(platforms: Installed['platforms'], audio: boolean): string {
  const down = downOf(platforms).map((one) => one.label);
  if (down.length > 0) return `Not connected: ${down.join(', ')}`;
  if (!audio) return 'Calls are simulated: there is no sound';
  return platforms.length > 1
    ? `All ${platforms.length} telephone systems are connected`
    : 'The telephone system is connected';
}

function careItems({ users, queues, recordingRules }: Installed): CheckItem[] {
  const lonely = queues.filter((queue) => queue.memberIds.length === 0);
  const codeless = queues.filter((queue) => !queue.dispositions.some(({ active }) => active));
  const mute = users.filter((user) => takesCalls(user) && user.extension === null);
  return [
    {
      id: 'members',
      done: queues.length > 0 && lonely.length === 0,
      text: lonely.length === 0 ? 'Every queue has members' : `Nobody answers ${names(lonely)}`,
      why: 'Callers of a queue without members wait for nobody.',
      path: lonely[0] ? `/queues/${lonely[0].id}` : '/queues',
    },
    {
      id: 'codes',
      done: queues.length > 0 && codeless.length === 0,
      text: codeless.length === 0 ? 'Every queue has wrap-up codes' : `${names(codeless)}: no wrap-up codes`,
      why: 'With them the log says what came of each call.',
      path: codeless[0] ? `/queues/${codeless[0].id}` : '/queues',
    },
    {
      id: 'extensions',
      done: mute.length === 0,
      text:
        mute.length === 0
          ? 'Everybody has an extension'
          : `${count(mute.length, 'user')} without an extension`,
      why: 'Colleagues dial it, and transfer calls to it.',
      path: mute[0] ? `/users/${mute[0].id}` : '/users',
    },
    {
      id: 'recording',
      done: recordingRules > 0,
      text: recordingRules > 0 ? count(recordingRules, 'recording rule') : 'Decide which calls are recorded',
      why: 'A rule says it, also that none is, and whether callers are told.',
      path: '/recording-rules',
    },
  ];
}

function officeItems({ users, trunks, system }: Installed): CheckItem[] {
  const administrators = users.filter((user) => !user.disabled && user.roles.includes('administrator'));
  const failed = trunks.filter((trunk) => trunk.status.state === 'failed');
  return [
    {
      id: 'trunk',
      done: trunks.length > 0 && failed.length === 0,
      text: trunkText(trunks.length, failed.length),
      why: 'It is the line to the telephone network; without one, calls stay inside.',
      path: '/trunks',
    },
    {
      id: 'https',
      done: system.https,
      text: system.https ? 'Pages are served by https' : 'Open it to the office: pages by https',
      why: 'Without https no browser but this machine’s gives a page the microphone. It is one setting, CROSSPOINT_OFFICE.',
      path: '/health',
    },
    {
      id: 'passwords',
      done: system.demoPasswords === 0,
      text:
        system.demoPasswords === 0
          ? 'Nobody has the demo password'
          : `${count(system.demoPasswords, 'user')} with the demo password`,
      why: 'Everybody knows it.',
      path: '/users',
    },
    {
      id: 'administrators',
      done: administrators.length > 1,
      text: administrators.length > 1 ? 'There is a second administrator' : 'Make a second administrator',
      why: 'One may lose the password, or be away.',
      path: '/users',
    },
    {
      id: 'outbox',
      done: system.outbox.stuck === 0,
      text:
        system.outbox.stuck === 0
          ? 'Nothing is stuck in the outbox'
          : `${count(system.outbox.stuck, 'write')} stuck in the outbox`,
      why: 'Call logs that do not reach the CRM wait there.',
      path: '/outbox',
    },
  ];
}

function trunkText(all: number, failed: number): string {
  if (all === 0) return 'Set up a trunk to your provider';
  return failed > 0 ? `${count(failed, 'trunk')} failed` : `${count(all, 'trunk')} to the telephone network`;
}

function takesCalls(user: ShownUser): boolean {
  return !user.disabled && user.roles.some((role) => role !== 'administrator');
}

function count(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

function names(queues: ShownQueue[]): string {
  const shown = queues.slice(0, 3).map((queue) => queue.label);
  return shown.join(', ') + (queues.length > shown.length ? ` and ${queues.length - shown.length} more` : '');
}
