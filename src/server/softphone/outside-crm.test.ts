/** A call to agents whose CRM is Salesforce: who calls, what pops, and a log that arrives exactly once, whatever happens. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { testDatabase } from '../../../test/harness/postgres.ts';
import { type SalesforceRig, salesforceRig } from '../../../test/harness/salesforce-rig.ts';
import { CALLER, type FakePage, SoftphoneWorld } from '../../../test/harness/softphone-world.ts';
import { realClock } from '../../lib/clock.ts';
import { ConnectedCrm } from '../crm/connected-crm.ts';

let rig: SalesforceRig;
let world: SoftphoneWorld;

beforeEach(async () => {
  rig = await salesforceRig({}, ['ann', 'bob']);
  const crm = new ConnectedCrm({
    connector: rig.connector,
    label: 'Salesforce',
    clock: realClock,
    country: 'GB',
  });
  world = await SoftphoneWorld.with(await testDatabase(), ['ann', 'bob'], {
    outside: {
      crm,
      servingId: () => 'salesforce',
      viewOf: (userId) => (userId === undefined ? undefined : `salesforce ${userId}`),
    },
  });
});
afterEach(async () => {
  await world.stop();
  await world.database.drop();
  await rig.double.close();
});

/** Salesforce answers in real time, the call center lives in its own. */
const eventually = (what: () => Promise<void> | void) =>
  vi.waitFor(
    async () => {
      await world.pass(1);
      await what();
    },
    { timeout: 8_000, interval: 20 },
  );

const tasks = () => rig.double.all('Task');

async function finish(page: FakePage): Promise<void> {
  const lineId = page.line.id;
  world.caller.hangup();
  await world.pass(60);
  await page.command({ verb: 'log.edit', lineId, comments: 'Wants a quote.', disposition: 'd1' });
  await page.command({ verb: 'wrap.finish', lineId });
  await world.pass(600);
}

it('shows who calls as the agent may see it, and pops his page in Salesforce', async () => {
  const id = rig.double.add('Contact', { LastName: 'Brown', Phone: '020 7946 0958' });
  const secret = rig.double.add('Contact', { LastName: 'Secret', Phone: '+44 20 7946 0958' });
  rig.double.hide(secret, 'ann@acme.example');
  const { page } = await world.ring();
  await eventually(() => expect(page.line.match).toMatchObject({ status: 'done' }));
  expect(page.line.match?.records).toMatchObject([
    { id, name: 'Brown', url: `${rig.double.url}/lightning/r/Contact/${id}/view` },
  ]);
  await eventually(() => expect(page.line.pop).toMatchObject({ decision: 'record', record: { id } }));
  expect(JSON.stringify(page.state)).not.toContain('Secret');
});

it('writes the log once although the first answer is lost', async () => {
  const id = rig.double.add('Contact', { LastName: 'Brown', Phone: CALLER });
  const { page } = await world.talk();
  await eventually(() => expect(page.line.log?.who).toMatchObject({ id }));
  rig.double.loseNextAnswer();
  await finish(page);
  await eventually(() => expect(tasks()).toHaveLength(1));
  await eventually(async () => expect(await world.outbox.stuck()).toHaveLength(1));
  await world.pass(10_000);
  await eventually(async () => expect(await world.outbox.count()).toMatchObject({ waiting: 0 }));
  expect(tasks()).toMatchObject([{ WhoId: id, Description: 'Wants a quote.', CallDisposition: 'Sold' }]);
  await eventually(() => expect(page.state?.previous[0]?.save).toBe('saved'));
});

it('loses nothing while Salesforce is away: the list shows it, then it is written', async () => {
  rig.double.maintenance = true;
  const { page } = await world.talk();
  await eventually(() => expect(page.line.match).toMatchObject({ status: 'failed' }));
  await finish(page);
  await eventually(async () =>
    expect(await world.outbox.stuck()).toMatchObject([{ error: expect.stringContaining('Salesforce') }]),
  );
  rig.double.maintenance = false;
  await world.pass(60_000);
  await eventually(() => expect(tasks()).toHaveLength(1));
  await eventually(async () => expect(await world.outbox.count()).toMatchObject({ waiting: 0, stuck: 0 }));
});

it('who calls is found by asking again once Salesforce is back, as the agent may see it', async () => {
  const id = rig.double.add('Contact', { LastName: 'Brown', Phone: CALLER });
  rig.double.maintenance = true;
  const { page } = await world.talk();
  await eventually(() => expect(page.line.match).toMatchObject({ status: 'failed' }));
  const again = { verb: 'match.again', lineId: page.line.id };
  expect(await page.command(again)).toMatchObject({ code: 'timeout' });
  rig.double.maintenance = false;
  rig.double.hide(id, 'bob@acme.example');
  expect(await page.command(again)).toBe(true);
  expect(page.line).toMatchObject({ match: { status: 'done', records: [{ id }] }, log: { who: { id } } });
});

it('waits for a person when Salesforce refuses the log, and is written once it is corrected', async () => {
  const { page } = await world.talk();
  const disposition = rig.double.objects
    .find(({ name }) => name === 'Task')
    ?.fields.find(({ name }) => name === 'CallDisposition');
  Object.assign(disposition ?? {}, { restrictedPicklist: true });
  await finish(page);
  await eventually(async () =>
    expect(await world.outbox.stuck()).toMatchObject([
      { attempts: 1, error: expect.stringContaining('bad value for restricted picklist field: Sold') },
    ]),
  );
  await world.pass(3_600_000);
  const [stuck] = await world.outbox.stuck();
  expect(stuck?.attempts, 'it is not tried over and over').toBe(1);
  expect(await world.outbox.correct(stuck?.id ?? 0, 'crm.call-log', { disposition: null })).toBe(true);
  await eventually(() => expect(tasks()).toHaveLength(1));
});
