/**
 * Legs that arrive are named by their switch, and two switches can give the same name: Asterisk's is the second and a number that
 * counts from 0, and two that carry few calls count alike. Seen through this, what arrived at a platform has the platform's id in
 * front (`company:1764583010.4`); legs that we made have names of ours, which are as they are.
 */
import { Emitter } from '../../lib/emitter.ts';
import type { Originate, Switch, SwitchEvents, SwitchFact, SwitchSnapshot } from '../telephony/ports.ts';

/** What newId('leg') makes begins so. */
const OURS = /^leg_/;

/** Commands whose first argument is a leg. */
const ON_A_LEG: ReadonlySet<string | symbol> = new Set<keyof Switch>([
  'answer',
  'reject',
  'hangup',
  'ring',
  'unbridge',
  'mute',
  'startMusic',
  'stopMusic',
  'play',
  'stopPlay',
  'sendDigits',
  'talk',
  'startRecording',
  'endSupervision',
  'openAudio',
  'quality',
  'transferProgress',
  'armFallback',
]);

/** The switch, with names of legs that no other platform's have. `switch.close()` ends it too. */
export function withDistinctLegs(inner: Switch, onError: (error: unknown, event: string) => void): Switch {
  const prefix = `${inner.id}:`;
  const made = new Set<string>();
  const outer = (legId: string) => (OURS.test(legId) || made.has(legId) ? legId : prefix + legId);
  const own = (legId: string) => (legId.startsWith(prefix) ? legId.slice(prefix.length) : legId);

  const events = new Emitter<SwitchEvents>(onError);
  inner.events.on('link', (link) => events.emit('link', link));
  inner.events.on('fact', (fact) => {
    events.emit('fact', named(fact, outer));
    if (fact.type === 'leg.cleared') made.delete(fact.legId);
  });

  const mine: Partial<Switch> = {
    events,
    originate: async (request: Originate, options) => {
      made.add(request.legId);
      await inner.originate(request, options).catch((error: unknown) => {
        made.delete(request.legId);
        throw error;
      });
    },
    list: async (options) => listed(await inner.list(options), outer),
    bridge: (bridgeId, legIds, options) => inner.bridge(bridgeId, legIds.map(own), options),
    supervise: (supervisor, leg, mode, options) => inner.supervise(own(supervisor), own(leg), mode, options),
  };
  return new Proxy(inner, {
    get: (target, property) => {
      if (property in mine) return mine[property as keyof Switch];
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (!ON_A_LEG.has(property)) return value.bind(target) as unknown;
      return (legId: string, ...rest: unknown[]): unknown =>
        Reflect.apply(value, target, [own(legId), ...rest]);
    },
  });
}

function named(fact: SwitchFact, outer: (legId: string) => string): SwitchFact {
  if (!('legId' in fact)) return fact;
  const renamed = { ...fact, legId: outer(fact.legId) };
  if (renamed.type !== 'leg.transfer-requested' || renamed.replacesLegId === undefined) return renamed;
  return { ...renamed, replacesLegId: outer(renamed.replacesLegId) };
}

function listed(
  { legs, bridges, recordings }: SwitchSnapshot,
  outer: (legId: string) => string,
): SwitchSnapshot {
  return {
    legs: legs.map((leg) => ({ ...leg, legId: outer(leg.legId) })),
    bridges: bridges.map((bridge) => ({ ...bridge, legIds: bridge.legIds.map(outer) })),
    recordings: recordings.map((recording) => ({ ...recording, legId: outer(recording.legId) })),
  };
}
