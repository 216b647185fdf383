import { formatAddress } from '../../protocol/address.ts';
import type { Line, SoftphoneState, Verb } from '../../protocol/softphone.ts';

/** What comes in and waits for an answer, oldest first. */
export function alertingLines(state: SoftphoneState | undefined): Line[] {
  return state?.lines.filter((line) => line.state === 'alerting' && line.direction !== 'outbound') ?? [];
}

/** One tab rings: the one with the audio. A desk phone rings by itself, and nobody wants a second ring in a call. */
export function shouldRing(state: SoftphoneState | undefined, tabId: string): boolean {
  if (state?.phone.kind !== 'browser' || state.phone.audioTab !== tabId) return false;
  const busy = state.lines.some((line) => line.state === 'connected' || line.state === 'held');
  return !busy && alertingLines(state).length > 0;
}

/** True when nothing may leave the microphone for this line: muted, or a mute on its way (`pending`: see SessionView). */
export function micMuted(line: Line, pending: ReadonlySet<string>): boolean {
  return line.muted || pending.has(`${line.id} mute`) || line.pending.some((one) => one.verb === 'mute');
}

/** Most urgent first: the line that keys act on and that is shown unfolded. */
const URGENCY: Record<Line['state'], number> = {
  alerting: 0,
  connected: 1,
  reconnecting: 2,
  initiated: 3,
  held: 4,
  'wrap-up': 5,
  ended: 6,
};

/** The line that the agent is most likely busy with: what rings, then who he talks to, then the rest. */
export function focusedLine(lines: readonly Line[]): Line | undefined {
  return [...lines].sort((a, b) => URGENCY[a.state] - URGENCY[b.state])[0];
}

/** The verbs that are buttons of a call by now. */
export type ShownVerb = Extract<
  Verb,
  'answer' | 'decline' | 'hangup' | 'hold' | 'retrieve' | 'mute' | 'unmute' | 'dtmf'
>;

/** The buttons that make sense for a line as it is, in order. Whether one is enabled is the server's word. */
export function verbsOf(line: Line): ShownVerb[] {
  switch (line.state) {
    case 'alerting':
      return line.direction === 'outbound' ? ['hangup'] : ['answer', 'decline'];
    case 'initiated':
      return ['hangup'];
    case 'connected':
    case 'reconnecting':
    case 'held':
      return [line.muted ? 'unmute' : 'mute', line.state === 'held' ? 'retrieve' : 'hold', 'dtmf', 'hangup'];
    case 'wrap-up':
    case 'ended':
      return [];
  }
}

/** What the line is doing, in a few words. */
export function describeState(line: Line): string {
  switch (line.state) {
    case 'initiated':
      return 'Dialling';
    case 'alerting':
      return line.direction === 'outbound' ? 'Ringing there' : 'Incoming call';
    case 'connected':
      return line.muted ? 'Connected, muted' : 'Connected';
    case 'held':
      return 'On hold';
    case 'reconnecting':
      return 'Reconnecting your audio';
    case 'wrap-up':
      return 'Wrap-up';
    case 'ended':
      return describeEnd(line.cause);
  }
}

function describeEnd(cause: Line['cause']): string {
  switch (cause) {
    case undefined:
    case 'normal':
      return 'Ended';
    case 'busy':
      return 'Busy';
    case 'no-answer':
    case 'timeout':
      return 'No answer';
    case 'rejected':
      return 'Declined';
    case 'cancelled':
      return 'Caller gave up';
    case 'unreachable':
      return 'Not reachable';
    case 'not-found':
      return 'No such number';
    case 'congestion':
      return 'Lines are congested';
    case 'lost':
    case 'fallback':
    case 'failed':
      return 'Connection lost';
  }
}

/** When the time shown on a line began, in UTC milliseconds of the server. */
export function timerStart(line: Line): number {
  if (line.state === 'held') return line.t.heldSince ?? line.t.started;
  if (line.state === 'wrap-up' || line.state === 'ended') return line.t.ended ?? line.t.started;
  return line.t.answered ?? line.t.started;
}

/** Who is at the other end: a name when somebody knows one, else the number. */
export function callerTitle(line: Line, country: string): { name: string | undefined; number: string } {
  const only = line.match.records.length === 1 && !line.match.more ? line.match.records[0]?.name : undefined;
  return { name: line.log?.who?.name ?? only ?? line.peerName, number: formatAddress(line.peer, country) };
}
