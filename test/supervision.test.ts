/** Supervisors in agents' calls, on the simulated exchange with the real journal and PostgreSQL: who hears whom. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { must } from '../src/lib/must.ts';
import type { SupervisionMode } from '../src/protocol/facts.ts';
import { CallWorld } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

let database: TestDatabase;
let world: CallWorld;

beforeEach(async () => {
  database = await testDatabase([...storeMigrations, ...routingMigrations]);
  world = await CallWorld.open({
    agents: ['ann', 'bob', 'eve'],
    members: { sales: ['ann', 'bob'] },
    db: database.db,
    journal: (clock) =>
      new Journal({ db: database.db, clock, onError: (error) => world?.errors.push(String(error)) }),
  });
});

afterEach(async () => {
  await world.stop();
  await database.drop();
  expect(world.errors).toEqual([]);
});

const phone = (user: string) => world.exchange.device(user);
const hears = (user: string) => sorted(phone(user).call?.hears);
const sorted = (heard: unknown) => (Array.isArray(heard) ? [...(heard as string[])].sort() : heard);

/** A caller and Ann, talking; Eve supervises her. */
async function supervised(mode: SupervisionMode) {
  await world.ready('ann');
  const caller = await world.call();
  phone('ann').answer();
  await world.pass(60);
  const begun = world.engine.supervise(world.legOf('ann'), 'eve', must(world.device('eve'), 'phone'), mode);
  await world.pass(200);
  const legId = await begun;
  const [annLeg, eveLeg] = [phone('ann').call?.legId, phone('eve').call?.legId];
  return { caller, legId, annLeg, eveLeg };
}

describe('a supervisor', () => {
  it('who listens hears both, and is heard by none', async () => {
    const { caller, annLeg, eveLeg } = await supervised('listen');
    expect(hears('eve')).toEqual([annLeg, caller.legId].sort());
    expect(hears('ann')).toEqual([caller.legId]);
    expect(caller.hears).toEqual([annLeg]);
    expect(eveLeg).toBeDefined();
  });

  it('who whispers is heard by the agent alone', async () => {
    const { caller, annLeg, eveLeg } = await supervised('whisper');
    expect(hears('eve')).toEqual([annLeg, caller.legId].sort());
    expect(hears('ann')).toEqual([caller.legId, eveLeg].sort());
    expect(caller.hears).toEqual([annLeg]);
  });

  it('who barges in is heard by both, and stays when the agent leaves', async () => {
    const { caller, annLeg, eveLeg } = await supervised('barge');
    expect(sorted(caller.hears)).toEqual([annLeg, eveLeg].sort());
    expect(hears('ann')).toEqual([caller.legId, eveLeg].sort());
    phone('ann').hangup();
    await world.pass(100);
    expect(caller.hears).toEqual([eveLeg]);
    expect(hears('eve')).toEqual([caller.legId]);
  });

  it('who takes over has the caller, and the agent wraps up', async () => {
    const { caller, eveLeg } = await supervised('take-over');
    await world.pass(100);
    expect(caller.hears).toEqual([eveLeg]);
    expect(hears('eve')).toEqual([caller.legId]);
    expect(phone('ann').call?.state).toBe('ended');
    expect(world.shown('ann')).toBe('wrap-up');
    expect(world.shown('eve')).not.toBe('wrap-up');
    caller.hangup();
    await world.pass(100);
    expect(phone('eve').call?.state).toBe('ended');
  });

  it('goes from listening to whispering and into the call on one leg', async () => {
    const { caller, legId, annLeg, eveLeg } = await supervised('listen');
    const to = async (mode: SupervisionMode) => {
      const changed = world.engine.changeSupervision(legId, mode);
      await world.pass(100);
      await changed;
    };
    await to('whisper');
    expect(hears('ann')).toEqual([caller.legId, eveLeg].sort());
    await to('listen');
    expect(hears('ann')).toEqual([caller.legId]);
    await to('barge');
    expect(sorted(caller.hears)).toEqual([annLeg, eveLeg].sort());
    await expect(world.engine.changeSupervision(legId, 'listen')).rejects.toMatchObject({
      code: 'wrong-state',
    });
  });

  it('changes his mind while his phone still rings', async () => {
    await world.ready('ann');
    const caller = await world.call();
    phone('ann').answer();
    await world.pass(60);
    world.controls['eve'] = 'none';
    const device = must(world.device('eve'), 'phone');
    const begun = world.engine.supervise(world.legOf('ann'), 'eve', device, 'listen');
    await world.pass(60);
    const changed = world.engine.changeSupervision(await begun, 'barge');
    await world.pass(60);
    await changed;
    phone('eve').answer();
    await world.pass(100);
    expect(sorted(caller.hears)).toEqual([phone('ann').call?.legId, phone('eve').call?.legId].sort());
  });

  it('is hung up when the call is over, and his going ends nothing', async () => {
    const first = await supervised('listen');
    phone('eve').hangup();
    await world.pass(60);
    expect(first.caller.hears).toEqual([first.annLeg]);
    const again = world.engine.supervise(
      world.legOf('ann'),
      'eve',
      must(world.device('eve'), 'phone'),
      'whisper',
    );
    await world.pass(200);
    await again;
    first.caller.hangup();
    await world.pass(100);
    expect(phone('eve').call?.state).toBe('ended');
    expect(world.engine.supervisionOf('eve')).toBeUndefined();
  });

  it('is refused where nobody talks, and while he is in a call himself', async () => {
    const { annLeg, legId } = await supervised('listen');
    const device = must(world.device('eve'), 'phone');
    await expect(world.engine.supervise(must(annLeg, 'leg'), 'eve', device, 'listen')).rejects.toMatchObject({
      code: 'busy',
    });
    await expect(world.engine.supervise(legId, 'bob', device, 'listen')).rejects.toMatchObject({
      code: 'wrong-state',
    });
    await expect(world.engine.supervise('leg_gone', 'bob', device, 'listen')).rejects.toMatchObject({
      code: 'no-such-line',
    });
  });

  it('hears on after our process has started anew', async () => {
    const { caller, annLeg, eveLeg } = await supervised('whisper');
    await world.stop();
    await world.startProcess();
    await world.pass(200);
    expect(hears('eve')).toEqual([annLeg, caller.legId].sort());
    expect(hears('ann')).toEqual([caller.legId, eveLeg].sort());
    caller.hangup();
    await world.pass(100);
    expect(phone('eve').call?.state).toBe('ended');
  });
});
