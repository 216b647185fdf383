import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { HostStatus } from '../hosts/host.ts';
import type { IceOutcome } from '../phone/ice-check.ts';
import { isSimulated, phoneHealth, sentence } from './phone-health.ts';
import type { SessionView } from './session.ts';

export interface Check {
  name: 'Server' | 'Microphone' | 'Phone' | 'Audio path' | 'Page around' | 'Clock';
  tone: 'ok' | 'warn' | 'stop' | 'gray';
  /** That it is good, or what to do. */
  text: string;
}

export interface HealthInput {
  state: Pick<SoftphoneState, 'phone' | 'agent' | 'platforms'>;
  view: Pick<SessionView, 'phone' | 'audioHere' | 'client' | 'host'>;
  /** `undefined`: asked just now. */
  microphone: MicrophoneOutcome | undefined;
  ice: IceOutcome | 'running' | undefined;
  /** What the server's clock is ahead of this computer's, in milliseconds. */
  clockOffset: number;
}

/** What asking the browser about the microphone gave: a code of the catalogue where it cannot be used. */
export interface MicrophoneOutcome {
  problem?: string;
  /** Its name, where the browser tells. */
  label?: string;
}

/** Timers and tokens bear this difference; beyond it somebody should set the computer's clock. */
const CLOCK_MS = 5_000;

/** Everything that a call needs, in the order to look at it: the first that is not good explains those below. */
export function healthChecks(input: HealthInput): Check[] {
  return [server(input), clock(input), host(input.view.host), ...phoneChecks(input)];
}

function phoneChecks({ state, view, microphone, ice }: HealthInput): Check[] {
  const { tone, text } = phoneHealth(
    state.phone,
    view,
    state.agent.shown === 'logged-out',
    isSimulated(state.platforms),
  );
  const phone: Check = { name: 'Phone', tone, text };
  if (state.phone.kind !== 'browser' || isSimulated(state.platforms)) return [phone];
  return [microphoneCheck(microphone), phone, audioPath(ice, view.audioHere)];
}

function server({ view: { client } }: HealthInput): Check {
  if (client.status === 'online') return { name: 'Server', tone: 'ok', text: 'Connected.' };
  return {
    name: 'Server',
    tone: 'stop',
    text: client.refusal?.message ?? 'No connection. Look at your network; it is tried again by itself.',
  };
}

function clock({ clockOffset }: HealthInput): Check {
  const seconds = Math.round(Math.abs(clockOffset) / 1_000);
  if (Math.abs(clockOffset) <= CLOCK_MS) return { name: 'Clock', tone: 'ok', text: 'As the server’s.' };
  const way = clockOffset > 0 ? 'slow' : 'fast';
  return {
    name: 'Clock',
    tone: 'warn',
    text: `This computer’s clock is ${seconds} s ${way}. Have it set by the network; the phone goes by the server’s.`,
  };
}

function host({ state, text }: HostStatus): Check {
  if (state === 'joined') return { name: 'Page around', tone: 'ok', text };
  if (state === 'failed') return { name: 'Page around', tone: 'stop', text };
  return { name: 'Page around', tone: 'gray', text: `Waiting for ${text}…` };
}

function microphoneCheck(outcome: MicrophoneOutcome | undefined): Check {
  if (!outcome) return { name: 'Microphone', tone: 'gray', text: 'Asking the browser…' };
  if (outcome.problem) return { name: 'Microphone', tone: 'stop', text: sentence(outcome.problem) };
  return { name: 'Microphone', tone: 'ok', text: outcome.label ? `${outcome.label}.` : 'It can be used.' };
}

function audioPath(ice: IceOutcome | 'running' | undefined, audioHere: boolean): Check {
  const name = 'Audio path';
  if (!audioHere) return { name, tone: 'gray', text: 'It is looked at in the tab that has the audio.' };
  if (ice === undefined || ice === 'running') return { name, tone: 'gray', text: 'Looking for ways…' };
  const ways = ice.types.map((type) => WAYS[type]).join(', ');
  if (ice.types.length === 0)
    return {
      name,
      tone: 'stop',
      text: 'This browser finds no way for audio: a VPN or a policy forbids WebRTC.',
    };
  if (ice.relayWanted && !ice.types.includes('relay'))
    return {
      name,
      tone: 'warn',
      text: `The relay (TURN) cannot be reached: outside of the office calls may be silent. Found: ${ways}. An administrator looks at its address and at the firewall.`,
    };
  return { name, tone: 'ok', text: `Ways found: ${ways}.` };
}

const WAYS = {
  host: 'this network',
  srflx: 'through the router',
  prflx: 'through the router',
  relay: 'by the relay',
} as const;
