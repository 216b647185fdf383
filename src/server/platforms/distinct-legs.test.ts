import { describe, expect, it } from 'vitest';
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import type { Switch, SwitchEvents, SwitchFact, SwitchSnapshot } from '../telephony/ports.ts';
import { withDistinctLegs } from './distinct-legs.ts';

const fail = (error: unknown) => {
  throw error;
};

/** A switch that keeps what it is told, as Asterisk names legs. */
function company(id: string) {
  const events = new Emitter<SwitchEvents>(fail);
  const told: unknown[][] = [];
  const tell =
    (name: string) =>
    (...words: unknown[]) => {
      told.push([name, ...words]);
      return Promise.resolve();
    };
  const snapshot: SwitchSnapshot = {
    legs: [{ legId: '17.4', state: 'connected', direction: 'in', bridgeId: 'b' }],
    bridges: [{ bridgeId: 'b', legIds: ['17.4'] }],
    recordings: [{ recordingId: 'r', legId: '17.4', state: 'recording' }],
  };
  const inner = {
    id,
    events,
    link: 'up',
    list: () => Promise.resolve(snapshot),
    ...Object.fromEntries(
      ['hangup', 'bridge', 'supervise', 'originate', 'endBridge'].map((name) => [name, tell(name)]),
    ),
  } as unknown as Switch;
  const facts: SwitchFact[] = [];
  const node = withDistinctLegs(inner, fail);
  node.events.on('fact', (fact) => facts.push(fact));
  return { node, facts, told, says: (fact: SwitchFact) => events.emit('fact', fact) };
}

const arrived = { type: 'leg.arrived', legId: '17.4', at: 0, entry: 'trunk:c', ani: '1', dnis: '2' } as const;

describe('legs of two switches that give the same name', () => {
  it('are two, and each is controlled by the name that it was told with', async () => {
    const [one, two] = [company('one'), company('two')];
    for (const { says } of [one, two]) says(arrived);
    expect([...one.facts, ...two.facts].map((fact) => 'legId' in fact && fact.legId)).toEqual([
      'one:17.4',
      'two:17.4',
    ]);
    await two.node.hangup('two:17.4', { deadlineMs: 5 });
    await two.node.bridge('b', ['two:17.4', 'leg_1']);
    await two.node.supervise('leg_1', 'two:17.4', 'listen');
    await two.node.endBridge('b');
    expect(one.told).toEqual([]);
    expect(two.told).toEqual([
      ['hangup', '17.4', { deadlineMs: 5 }],
      ['bridge', 'b', ['17.4', 'leg_1'], undefined],
      ['supervise', 'leg_1', '17.4', 'listen', undefined],
      ['endBridge', 'b'],
    ]);
  });

  it('are listed by the same names', async () => {
    const { legs, bridges, recordings } = await company('one').node.list();
    expect(legs[0]?.legId).toBe('one:17.4');
    expect(bridges[0]?.legIds).toEqual(['one:17.4']);
    expect(recordings[0]?.legId).toBe('one:17.4');
  });

  it('keep the names that we gave them, also after a restart', async () => {
    const { node, says, facts } = company('one');
    const legId = newId('leg');
    says({ type: 'leg.connected', legId, at: 0 });
    await node.originate({ legId: 'mine' } as never);
    says({ type: 'leg.connected', legId: 'mine', at: 0 });
    says({ type: 'leg.transfer-requested', legId, at: 0, to: '1', replacesLegId: '17.4' });
    expect(facts).toMatchObject([{ legId }, { legId: 'mine' }, { legId, replacesLegId: 'one:17.4' }]);
  });
});
