/**
 * The switch is the truth about legs (DESIGN section 4): after every (re)connection the model is brought to what exists.
 * Legs that live on are adopted by id, with what they did meanwhile; legs that are gone are cleared as `lost`; legs that
 * came meanwhile are arrivals; legs of ours that the model does not know are hung up.
 */
import type { Conversations } from './conversations.ts';
import { isLive, type Leg } from './model.ts';
import type { LegInfo, Switch, SwitchFact } from './ports.ts';

export interface Reconciled {
  adopted: number;
  closed: number;
  strangers: number;
}

/**
 * Call it as soon as the link is up: legs that are asked for later are no business of it.
 * @param tell how a fact that was missed is told: the same door through which facts come.
 */
export async function reconcile(
  conversations: Conversations,
  platformId: string,
  node: Switch,
  at: number,
  tell: (fact: SwitchFact) => void,
): Promise<Reconciled> {
  const known = liveLegsOf(conversations, platformId);
  const { legs } = await node.list();
  const present = new Map(legs.map((leg) => [leg.legId, leg]));
  const result: Reconciled = { adopted: 0, closed: 0, strangers: 0 };

  for (const leg of known) {
    const info = present.get(leg.id);
    if (!info) {
      tell({ type: 'leg.cleared', legId: leg.id, at, cause: 'lost' });
      result.closed++;
    } else {
      catchUp(leg, info, at, tell);
      result.adopted++;
    }
  }
  for (const info of present.values()) {
    if (conversations.find(info.legId)) continue;
    result.strangers++;
    if (info.arrival) tell({ type: 'leg.arrived', legId: info.legId, at, ...info.arrival });
    else await node.hangup(info.legId).catch(() => undefined);
  }
  return result;
}

function catchUp(leg: Leg, info: LegInfo, at: number, tell: (fact: SwitchFact) => void): void {
  if (info.state === 'alerting' && leg.state === 'initiated')
    tell({ type: 'leg.alerting', legId: leg.id, at });
  if (info.state === 'connected' && leg.connectedAt === undefined)
    tell({ type: 'leg.connected', legId: leg.id, at });
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
