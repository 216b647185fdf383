import { formatAddress } from '../../protocol/address.ts';
import type { Line, SoftphoneState, Verb } from '../../protocol/softphone.ts';
import type { Ring } from '../phone/ringer.ts';

/** What comes in and waits for an answer, oldest first. */
export function alertingLines(state: SoftphoneState | undefined): Line[] {
  return state?.lines.filter((line) => line.state === 'alerting' && !line.dialled) ?? [];
}

/** He has a call, talked in or held: what comes in meanwhile waits. */
export function isInCall(lines: readonly Line[]): boolean {
  return lines.some(({ state }) => state === 'connected' || state === 'held');
}

/**
 * What this tab makes heard of calls that come in: nothing, the ring, or the short call-waiting tone that does not disturb a call. One tab
 * does: the one with the audio. A desk phone has tones of its own.
 */
export function ringOf(state: SoftphoneState | undefined, tabId: string): Ring | undefined {
  if (state?.phone.kind !== 'browser' || state.phone.audioTab !== tabId) return undefined;
  if (alertingLines(state).length === 0) return undefined;
  return isInCall(state.lines) ? 'waiting' : 'incoming';
}

/** True when nothing may leave the microphone for this line: muted, or a mute on its way (`pending`: see SessionView). */
export function micMuted(line: Line, pending: ReadonlySet<string>): boolean {
  return line.muted || pending.has(`${line.id} mute`) || line.pending.some((one) => one.verb === 'mute');
}

/**
 * Of each leg in this browser whether its microphone is muted. One leg can carry several lines: then the line that is talked
 * says so, and the others wait on hold.
 */
export function mutedLegs(lines: readonly Line[], pending: ReadonlySet<string>): Map<string, boolean> {
  const talkedLast = [...lines].sort((a, b) => URGENCY[b.state] - URGENCY[a.state]);
  return new Map(
    talkedLast.flatMap((line) => (line.legId ? [[line.legId, micMuted(line, pending)] as const] : [])),
  );
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

/** The layout shows the other party's number: the caller's (ANI) or the dialled one (DNIS). */
export function showsNumber(line: Line): boolean {
  const dialled = line.direction === 'outbound' || (line.direction === 'internal' && line.dialled);
  return line.fields.includes(dialled ? 'DNIS' : 'ANI');
}

/** What a button does: a verb, or it opens the search for whom to ask or to give the call to. */
export type ButtonVerb = Exclude<Verb, 'consult' | 'drop'>;

/**
 * The buttons of a line, in order and each in its place as long as the call lasts, so that none moves away under the finger.
 * Whether one is enabled is the server's word.
 */
export function verbsOf(line: Line): ButtonVerb[] {
  switch (line.state) {
    case 'wrap-up':
    case 'ended':
      return [];
    case 'alerting':
      if (!line.dialled) return ['answer', 'decline'];
      return callVerbs(line);
    default:
      return line.dialled || line.state !== 'initiated' ? callVerbs(line) : ['decline'];
  }
}

function callVerbs(line: Line): ButtonVerb[] {
  const talk: ButtonVerb[] = [
    line.muted ? 'unmute' : 'mute',
    line.state === 'held' ? 'retrieve' : 'hold',
    'dtmf',
  ];
  if (line.parent !== undefined) return ['complete', 'conference', 'cancel', ...talk];
  return [...talk, 'transfer', 'park', ...recordVerb(line), 'hangup'];
}

/** One button that begins, pauses and goes on; none where calls are not recorded. */
function recordVerb(line: Line): ButtonVerb[] {
  const { record } = line.actions;
  if (!record.enabled && record.reason === 'no-recording') return [];
  if (line.recording === 'on') return ['record.pause'];
  return [line.recording === 'paused' ? 'record.resume' : 'record'];
}

/** The held line that is taken up by a swap: of a consultation and what it is about the other one, else the last that was put on hold. */
export function swapLine(lines: readonly Line[]): Line | undefined {
  if (!lines.some((line) => line.state === 'connected')) return undefined;
  return lines
    .filter((line) => line.state === 'held')
    .sort((a, b) => (b.t.heldSince ?? 0) - (a.t.heldSince ?? 0))[0];
}

/** What the line is doing, in a few words. `inCall`: the agent talks in another one. */
export function describeState(line: Line, inCall = false): string {
  switch (line.state) {
    case 'initiated':
      return 'Dialling';
    case 'alerting':
      if (line.dialled) return 'Ringing there';
      if (line.purpose === 'consult') return 'A colleague asks';
      return inCall ? 'Call waiting' : 'Incoming call';
    case 'connected':
      if (line.supervises) return `${SUPERVISING[line.supervises.mode]} ${line.supervises.name}`;
      return `${line.conference ? 'Conference' : line.purpose === 'consult' ? 'Consulting' : 'Connected'}${line.muted ? ', muted' : ''}`;
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

/** What a supervisor does with the agent whose name follows. */
const SUPERVISING = {
  listen: 'Listening to',
  whisper: 'Whispering to',
  barge: 'Joining',
  'take-over': 'Taking over from',
} as const;

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

/** Who is at the other end: a name when somebody knows one, else the number. Who is asked about a customer sees that one. */
export function callerTitle(line: Line, country: string): { name: string | undefined; number: string } {
  if (line.about) return { name: line.about.peerName, number: formatAddress(line.about.peer, country) };
  const only = line.match.records.length === 1 && !line.match.more ? line.match.records[0]?.name : undefined;
  // A colleague is himself, whomever the call is about.
  const outside = line.purpose === 'call' && line.direction !== 'internal';
  const matched = outside ? (line.log?.who?.name ?? only) : undefined;
  return { name: matched ?? line.peerName, number: formatAddress(line.peer, country) };
}
