import { beforeEach, describe, expect, it } from 'vitest';
import {
  CALLER,
  type FakePage,
  type SoftphoneWorld,
  worldForEachTest,
} from '../../../test/harness/softphone-world.ts';

let world: SoftphoneWorld;
let ann: FakePage;
worldForEachTest((made) => {
  world = made;
});

const standing = () => world.engine.standingLeg('ann');

describe('a phone that is kept connected', () => {
  beforeEach(async () => {
    ann = await world.agent('ann');
    await ann.command({ verb: 'settings', change: { nailedUp: true } });
    await world.pass(200);
  });

  it('is so as soon as it is chosen, and is no call of the agent', () => {
    expect(standing()).toBeDefined();
    expect(ann.state?.lines).toEqual([]);
    expect(ann.state?.agent.shown).toBe('ready');
  });

  it('carries call after call: each is answered here, and none rings the phone', async () => {
    const leg = standing();
    for (let i = 0; i < 2; i++) {
      const caller = await world.call('100', CALLER);
      expect(ann.line).toMatchObject({ state: 'alerting', legId: leg });
      expect(await ann.command({ verb: 'answer', lineId: ann.line.id })).toBe(true);
      await world.pass(100);
      expect(ann.line.state).toBe('connected');
      caller.hangup();
      await world.pass(100);
      await ann.command({ verb: 'wrap.finish', lineId: ann.line.id });
      await world.pass(700);
    }
    expect(standing()).toBe(leg);
  });

  it.each([
    ['it is chosen no more', { verb: 'settings', change: { nailedUp: false } }],
    ['the agent logs out', { verb: 'agent.state', state: 'logged-out' }],
  ])('ends when %s', async (_when, command) => {
    await ann.command(command);
    await world.pass(200);
    expect(standing()).toBeUndefined();
  });

  it('is made anew by the page that was reloaded', async () => {
    const before = standing();
    ann.close();
    ann = world.page('ann');
    await world.pass(1_000);
    expect(standing()).toBeDefined();
    expect(standing()).not.toBe(before);
  });
});
