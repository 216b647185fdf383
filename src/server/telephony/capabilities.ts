/** What can be done with an agent's leg now, by the model alone; the same rule refuses the command. */
import { CodedError, type ErrorCode } from '../../protocol/errors.ts';
import { consultOf, isQueued, othersIn, parentOf } from './call-plan.ts';
import { type Conversation, isLive, type Leg } from './model.ts';
import { CALL_VERBS, type CallCapabilities, type CallVerb } from './ports.ts';

export function capabilitiesOf(conversation: Conversation, leg: Leg): CallCapabilities {
  return Object.fromEntries(
    CALL_VERBS.map((verb) => [verb, capability(conversation, leg, verb)]),
  ) as CallCapabilities;
}

/** @throws CodedError the reason why not. */
export function refuseUnlessCapable(conversation: Conversation, leg: Leg, verb: CallVerb): void {
  const can = capability(conversation, leg, verb);
  if (can !== true) throw new CodedError(can, { state: leg.state });
}

function capability(conversation: Conversation, leg: Leg, verb: CallVerb): true | ErrorCode {
  if (!isLive(leg)) return 'no-such-line';
  if (leg.role === 'supervisor') return supervisorCan(leg, verb);
  const connected = leg.connectedAt !== undefined && !leg.leaving;
  const others = othersIn(conversation, leg).filter((other) => other.connectedAt !== undefined);
  const talks = connected && leg.joined && others.length > 0;
  const isConsult = parentOf(conversation, leg) !== undefined;
  const consults = consultOf(conversation, leg) !== undefined;
  const when = (possible: boolean) => possible || 'wrong-state';
  switch (verb) {
    case 'answer':
      return when(!connected && !leg.leaving);
    case 'hangup':
      return true;
    case 'hold':
      return when(talks && leg.state === 'connected');
    case 'retrieve':
      return when(connected && leg.state === 'held');
    case 'mute':
    case 'dtmf':
      return when(talks);
    case 'consult':
      return when(talks && !leg.lost && !consults && !isConsult && !isConsulted(conversation, leg));
    case 'complete':
      return when(
        isConsult && (othersIn(conversation, leg).length > 0 || isQueued(conversation, leg.callId)),
      );
    case 'cancel':
      return when(isConsult);
    case 'conference':
      return when(isConsult && talks);
    case 'transfer':
      return when(talks && !leg.lost && !consults && !isConsult && !isConsulted(conversation, leg));
    case 'drop':
      return when(connected && othersIn(conversation, leg).length > 1);
    case 'park':
      return when(talks && !consults && !isConsult && !isConsulted(conversation, leg) && others.length === 1);
  }
}

/** Who listens answers and hangs up; what else he may do he asks of the supervision. */
function supervisorCan(leg: Leg, verb: CallVerb): true | ErrorCode {
  if (verb === 'hangup' || (verb === 'answer' && leg.connectedAt === undefined)) return true;
  return 'wrong-state';
}

/** He is the target of a consultation whose first call still waits. */
function isConsulted(conversation: Conversation, leg: Leg): boolean {
  const call = conversation.calls.get(leg.callId);
  const parent = call?.purpose === 'consult' ? conversation.calls.get(call.parentCall ?? '') : undefined;
  return parent !== undefined && parent.endedAt === undefined;
}

/** Of a leg with which nothing can be done, for this reason. */
export function noCapabilities(code: ErrorCode): CallCapabilities {
  return Object.fromEntries(CALL_VERBS.map((verb) => [verb, code])) as CallCapabilities;
}
