/** A number that leads to a user: his softphone pops, logs and writes a Task as for a queue's call. */
import { expect, it } from 'vitest';
import { CALLER, type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';

const JANE = { id: '003000000000001', object: 'Contact', name: 'Jane Smith' };
const NUMBER = '+442079460801';

let world: SoftphoneWorld;
worldForEachTest((fresh) => (world = fresh));

async function ringAnn() {
  world.direct = { [NUMBER]: 'ann' };
  const page = world.page('ann');
  await world.pass(100);
  return { page, caller: await world.call(NUMBER, CALLER) };
}

it('rings with pop and match, is answered from the page, and is logged once', async () => {
  world.records.push({ ...JANE, number: CALLER });
  const { page, caller } = await ringAnn();
  expect(page.line).toMatchObject({
    direction: 'inbound',
    state: 'alerting',
    dialled: false,
    peer: { value: CALLER },
    peerName: 'Jane Smith',
    pop: { decision: 'record', record: JANE },
  });
  expect(page.line.queue).toBeUndefined();
  expect(await page.command({ verb: 'answer', lineId: page.line.id })).toBe(true);
  await world.pass(100);
  expect(page.line.state).toBe('connected');
  await world.pass(10_000);
  caller.hangup();
  await world.pass(2_000);
  expect(world.written).toMatchObject([
    { entry: { userId: 'ann', direction: 'inbound', from: CALLER, who: JANE, durationSeconds: 10 } },
  ]);
});

it('that is declined writes no log, and its caller is told', async () => {
  const { page, caller } = await ringAnn();
  expect(await page.command({ verb: 'decline', lineId: page.line.id })).toBe(true);
  await world.pass(100);
  expect(page.state?.lines).toEqual([]);
  expect(caller.hears).toBe('playback');
  await world.pass(30_000);
  expect(caller.state).toBe('ended');
  expect(world.written).toEqual([]);
});
