/** An Asterisk-based PBX that routes by itself, over AMI alone: docs/pbx.md says which AMI user it needs. */
import type { PlatformCheck, PlatformReport } from '../../../protocol/platforms.ts';
import { AmiConnection, AmiRefusal } from '../../telephony/ami/ami-connection.ts';
import type { AmiMessage } from '../../telephony/ami/ami-message.ts';
import { AmiPbx } from '../../telephony/ami/ami-pbx.ts';
import { addressOf, AmiSettings, listed } from '../../telephony/ami/ami-settings.ts';
import { pbxUsers } from '../../telephony/mirror/pbx-users.ts';
import type { LinkState } from '../../telephony/ports.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import type { Clock } from '../../../lib/clock.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { type MirroredPbx, type Platform, type PlatformContext, platformKind } from '../kind.ts';

export const amiKind = platformKind({
  kind: 'ami',
  label: 'Asterisk-based PBX (AMI)',
  help: 'A PBX that routes by itself, such as FreePBX: its queues, agents and calls appear here, its desk phones stay. It needs one AMI user.',
  settings: AmiSettings,
  routesItself: true,
  create: (settings, context) => new AmiPlatform(settings, context),
  check,
});

/** It is built when it is started: before that there is nowhere to show its calls. */
class AmiPlatform implements Platform {
  readonly #settings: AmiSettings;
  readonly #context: PlatformContext;
  readonly #events: Emitter<{ link: [link: LinkState] }>;
  #pbx: AmiPbx | undefined;
  #leave: () => void = () => undefined;

  constructor(settings: AmiSettings, context: PlatformContext) {
    this.#settings = settings;
    this.#context = context;
    this.#events = new Emitter((err, event) => context.log.warn({ err, event }, 'a listener failed'));
  }

  link(): LinkState {
    return this.#pbx?.link ?? 'down';
  }

  onLink(listener: (link: LinkState) => void): () => void {
    return this.#events.on('link', listener);
  }

  problem(): string | undefined {
    return this.link() === 'up' ? undefined : this.#pbx?.problem;
  }

  async start(deadlineMs: number): Promise<void> {
    const { clock, log, id } = this.#context;
    const host = this.#context.mirrorHost();
    const pbx = new AmiPbx({
      id,
      settings: this.#settings,
      conversations: host.conversations,
      users: pbxUsers(
        () => host.users(id),
        (extension) => this.#deviceOf(extension),
      ),
      clock,
      log,
      country: host.country(id),
    });
    this.#pbx = pbx;
    pbx.events.on('link', (link) => this.#events.emit('link', link));
    this.#leave = host.enter(id, this.#brings(pbx));
    pbx.start();
    await isUp(pbx, clock, deadlineMs);
  }

  async close(): Promise<void> {
    this.#leave();
    await this.#pbx?.close();
  }

  #brings(pbx: AmiPbx): MirroredPbx {
    return {
      acd: pbx.acd,
      control: pbx.calls,
      refusal: (target) => pbx.calls.refusal(target),
      link: () => pbx.link,
      onLink: (listener) => pbx.events.on('link', listener),
      deviceOf: (extension) => this.#deviceOf(extension),
      loginQueues: listed(this.#settings.loginQueues),
      usersChanged: () => pbx.usersChanged(),
    };
  }

  #deviceOf(extension: string): string {
    return this.#settings.device.replace('{extension}', extension);
  }
}

async function isUp(pbx: AmiPbx, clock: Clock, ms: number): Promise<void> {
  let stop = () => {};
  const up = new Promise<void>((resolve) => {
    stop = pbx.events.on('link', (link) => (link === 'up' ? resolve() : undefined));
  });
  try {
    await withDeadline(clock, ms, 'AMI', up);
  } finally {
    stop();
  }
}

/** What the AMI user must be allowed to do, by an action that changes nothing and needs the right. */
const LISTS: { action: string; title: string; fix: string }[] = [
  {
    action: 'CoreShowChannels',
    title: 'See the calls',
    fix: 'Give the AMI user write = system.',
  },
  { action: 'QueueStatus', title: 'See the queues', fix: 'Load the module app_queue.' },
  {
    action: 'DeviceStateList',
    title: 'See which phones are there',
    fix: 'Give the AMI user write = call.',
  },
  {
    action: 'ParkedCalls',
    title: 'See parked calls',
    fix: 'Give the AMI user write = call and load res_parking.',
  },
];

/** Rights without which something cannot be done, by the actions that need them: Asterisk lists those a user may use. */
const RIGHTS: { right: string; title: string; actions: string[] }[] = [
  { right: 'originate', title: 'Dial from here', actions: ['Originate'] },
  { right: 'agent', title: 'Change agent states', actions: ['QueuePause', 'QueueAdd', 'QueueRemove'] },
  {
    right: 'call',
    title: 'Transfer, consult and park',
    actions: ['BlindTransfer', 'Atxfer', 'CancelAtxfer', 'Park', 'PlayDTMF', 'Bridge'],
  },
  { right: 'system', title: 'Hang up and mute', actions: ['Hangup', 'MuteAudio', 'PJSIPNotify'] },
];

/** How long an event that we caused may take to come, milliseconds. */
const EVENT_WITHIN_MS = 3_000;

async function check(settings: AmiSettings, { clock }: { clock: Clock }): Promise<PlatformReport> {
  let heard: () => void = () => undefined;
  const hears = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const options = {
    address: addressOf(settings),
    clock,
    onEvent: ({ event }: AmiMessage) => (event === 'OriginateResponse' ? heard() : undefined),
    onClosed: () => undefined,
  };
  const connection = await AmiConnection.open(options, 'call').catch((error: unknown) =>
    whyNot(error, settings),
  );
  if (!(connection instanceof AmiConnection)) return { ok: false, checks: [connection] };
  const checks: PlatformCheck[] = [
    {
      code: 'ami-user',
      title: 'AMI user',
      status: 'ok',
      found: `${connection.banner} let the user ${settings.user} in.`,
    },
  ];
  try {
    for (const list of LISTS) checks.push(await checkList(connection, list));
    checks.push(...(await checkRights(connection)));
    checks.push(await checkEvents(connection, clock, hears));
  } finally {
    connection.close();
  }
  return { ok: checks.every(({ status }) => status === 'ok'), checks };
}

async function checkList(
  connection: AmiConnection,
  { action, title, fix }: (typeof LISTS)[number],
): Promise<PlatformCheck> {
  const code = `ami-${action.toLowerCase()}`;
  try {
    const listed = await connection.list(action);
    return { code, title, status: 'ok', found: `${action} listed ${listed.length}.` };
  } catch (error) {
    const reason = error instanceof AmiRefusal ? error.reason : String(error);
    return { code, title, status: 'wrong', found: `${action} was refused: ${reason}.`, fix };
  }
}

async function checkRights(connection: AmiConnection): Promise<PlatformCheck[]> {
  const allowed = await connection.send('ListCommands');
  return RIGHTS.map(({ right, title, actions }) => {
    const missing = actions.filter((action) => !allowed.has(action));
    const code = `ami-right-${right}`;
    if (missing.length === 0)
      return { code, title, status: 'ok', found: `The user may use ${actions.join(', ')}.` };
    return {
      code,
      title,
      status: 'wrong',
      found: `The user may not use ${missing.join(', ')}, or the PBX has no such action.`,
      fix: `Add ${right} to the AMI user's write line, then reload.`,
    };
  });
}

/**
 * Whether events of calls come: a call by a technology that does not exist fails before there is a channel, and the PBX says
 * so in an event of this class. No phone rings and no call is disturbed.
 */
async function checkEvents(
  connection: AmiConnection,
  clock: Clock,
  hears: Promise<void>,
): Promise<PlatformCheck> {
  const check = { code: 'ami-events', title: 'Hear of calls' };
  try {
    await connection.send('Originate', {
      Channel: 'CrosspointTest/none',
      Application: 'Hangup',
      Async: true,
    });
  } catch (error) {
    if (!(error instanceof AmiRefusal)) throw error;
    return { ...check, status: 'skipped', found: 'It can be tried only by a user who may originate.' };
  }
  try {
    await withDeadline(clock, EVENT_WITHIN_MS, 'an event', hears);
    return { ...check, status: 'ok', found: 'Events of calls come.' };
  } catch {
    return {
      ...check,
      status: 'wrong',
      found: 'No event of a call came: calls would not be seen.',
      fix: 'Give the AMI user read = call,agent, then reload.',
    };
  }
}

function whyNot(error: unknown, { host, port, user }: AmiSettings): PlatformCheck {
  const where = { title: 'AMI user', status: 'wrong' as const };
  if (error instanceof AmiRefusal)
    return {
      ...where,
      code: 'ami-user',
      found: `${host}:${port} is AMI and does not let the user ${user} in: ${error.reason}.`,
      fix: `Check the section [${user}] of manager.conf: its secret and its permit line, then reload.`,
    };
  const reason = error instanceof Error ? error.message : String(error);
  return {
    ...where,
    code: 'ami-address',
    found: `${host}:${port} does not answer as AMI: ${reason}.`,
    fix: 'Check the address, then enabled, port and bindaddr in manager.conf, TLS, and firewalls.',
  };
}
