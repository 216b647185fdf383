/**
 * The switch is the truth about legs (DESIGN section 4): after every (re)connection the model is brought to what exists.
 * Legs that live on are adopted by id, with what they did meanwhile; legs that are gone are cleared as `lost`; legs that
 * came meanwhile are arrivals; legs of ours that the model does not know are hung up.
 */
import type { Conversations } from './conversations.ts';
import { carrierOf, isLive, type Leg } from './model.ts';
import type { Arrival, LegInfo, Switch, SwitchFact, SwitchSnapshot } from './ports.ts';

export interface Reconciled {
  adopted: number;
  closed: number;
  strangers: number;
}

/**
 * Call it as soon as the link is up: legs that are asked for later are no business of it.
 * @param tell how a fact that was missed is told: the same door through which facts come.
 * @param seen told what exists, before any fact.
 */
export async function reconcile(
  conversations: Conversations,
  platformId: string,
  node: Switch,
  at: number,
  tell: (fact: SwitchFact) => void,
  seen: (snapshot: SwitchSnapshot) => void = () => undefined,
): Promise<Reconciled> {
  const known = liveLegsOf(conversations, platformId);
  const snapshot = await node.list();
  const { legs } = snapshot;
  seen(snapshot);
  const present = new Map(legs.map((leg) => [leg.legId, leg]));
  const result: Reconciled = { adopted: 0, closed: 0, strangers: 0 };

  for (const leg of known) {
    const carrier = carrierOf(leg);
    const info = present.get(carrier);
    if (!info) {
      tell({ type: 'leg.cleared', legId: carrier, at, cause: 'lost' });
      result.closed++;
    } else {
      if (!conversations.isCarried(leg)) catchUp(leg, info, at, tell);
      result.adopted++;
    }
  }
  for (const info of present.values()) {
    if (conversations.carriedBy(info.legId).length > 0) continue;
    result.strangers++;
    if (info.arrival) arrive(info, info.arrival, at, tell);
    else await node.hangup(info.legId).catch(() => undefined);
  }
  return result;
}

/** Who was answered by a process that died before it could write so is answered already: the switch will not say it again. */
function arrive(
  { legId, state }: LegInfo,
  arrival: Arrival,
  at: number,
  tell: (fact: SwitchFact) => void,
): void {
  tell({ type: 'leg.arrived', legId, at, ...arrival });
  if (state === 'connected') tell({ type: 'leg.connected', legId, at });
}

/** Not for legs that others carry: these ring by our doing alone, and the switch knows nothing of it. */
function catchUp(leg: Leg, info: LegInfo, at: number, tell: (fact: SwitchFact) => void): void {
  if (info.state === 'alerting' && leg.state === 'initiated')
    tell({ type: 'leg.alerting', legId: info.legId, at });
  if (info.state === 'connected' && leg.connectedAt === undefined)
    tell({ type: 'leg.connected', legId: info.legId, at });
}

function liveLegsOf(conversations: Conversations, platformId: string): Leg[] {
  return conversations
    .all()
    .flatMap((conversation) =>
      [...conversation.legs.values()].filter(
        (leg) => isLive(leg) && conversation.calls.get(leg.callId)?.platformId === platformId,
      ),
    );
}
