/** Emergency messages by REST, and which one the callers of a number hear. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../test/harness/test-api.ts';
import type { EmergencyMessage } from '../protocol/emergency-messages.ts';
import { entryAt } from './inbound-entries.ts';
import { parseAddress } from '../protocol/address.ts';

let test: TestApi;
let admin: string;
let supervisor: string;

beforeAll(async () => {
  test = await TestApi.create();
  [admin, supervisor] = [await test.tokenOf('administrator'), await test.tokenOf('supervisor')];
});
afterAll(() => test.close());

const add = async (message: object) => {
  const answer = await test.call('POST', '/api/emergency-messages', admin, message);
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<EmergencyMessage>();
};
const turn = (id: string, on: boolean, token = supervisor) =>
  test.call('POST', `/api/emergency-messages/${id}/switch`, token, { on });

const leadsTo = (dnis: string, closed = false) =>
  entryAt(
    {
      callCenter: test.callCenter,
      hours: { closedAt: () => (closed ? { kind: 'message', text: 'We are closed.' } : undefined) },
      messages: test.emergencyMessages,
      country: 'GB',
      announcementFor: () => '',
    },
    parseAddress(dnis, 'GB'),
    'private',
    test.clock.now(),
  );

it('is switched on by a supervisor with one request, heard before where the number leads, and off again', async () => {
  const { id, on } = await add({ label: 'Fault', text: 'There is a fault.' });
  expect(on).toBe(false);
  expect(leadsTo('100')).not.toHaveProperty('notice');
  const switched = (await turn(id, true)).json<EmergencyMessage>();
  expect(switched).toMatchObject({ on: true, switchedBy: expect.stringMatching(/^user_/) });
  expect(leadsTo('100')).toMatchObject({ queueId: 'queue_sales', notice: 'There is a fault.' });
  expect(leadsTo('100', true)).toEqual({ closed: 'There is a fault. We are closed.' });
  const changed = await test.call('PUT', `/api/emergency-messages/${id}`, admin, { text: 'Still a fault.' });
  expect(changed.json()).toMatchObject({ on: true, text: 'Still a fault.' });
  await turn(id, false);
  expect(leadsTo('100')).not.toHaveProperty('notice');
});

it('of one number goes before that of all, and one that ends the call before both', async () => {
  const number = test.callCenter.entryFor('200')?.id ?? '';
  const all = await add({ label: 'All', text: 'For all.' });
  const own = await add({ label: 'Support only', text: 'For support.', numberIds: [number] });
  const end = await add({
    label: 'Evacuated',
    text: 'We are out.',
    afterwards: 'hang-up',
    numberIds: [number],
  });
  for (const { id } of [all, own]) await turn(id, true);
  expect(leadsTo('100')).toMatchObject({ notice: 'For all.' });
  expect(leadsTo('200')).toMatchObject({ notice: 'For support.' });
  await turn(end.id, true);
  expect(leadsTo('200')).toEqual({ closed: 'We are out.' });
  for (const { id } of [all, own, end]) await turn(id, false);
  expect((await test.call('DELETE', `/api/numbers/${number}`, admin)).json()).toMatchObject({
    code: 'in-use',
  });
});

it('is in the audit trail, with who switched it', async () => {
  const { id } = await add({ label: 'Storm', text: 'A storm.' });
  await turn(id, true);
  await turn(id, false);
  const trail = await test.call('GET', `/api/audit?object=emergency-messages&objectId=${id}`, admin);
  expect(trail.json().changes).toMatchObject([
    { action: 'change', userName: 'only-supervisor', after: { on: false } },
    { action: 'change', userName: 'only-supervisor', after: { on: true } },
    { action: 'create', userName: 'only-administrator' },
  ]);
});

it('refuses what cannot be, and changes nothing', async () => {
  for (const bad of [
    { label: '', text: 'x' },
    { label: 'No text', text: ' ' },
    { label: 'Lost', text: 'x', numberIds: ['no'] },
  ])
    expect((await test.call('POST', '/api/emergency-messages', admin, bad)).statusCode).toBe(400);
  expect((await turn('nothing', true)).statusCode).toBe(404);
  expect((await test.call('POST', '/api/emergency-messages', supervisor, {})).statusCode).toBe(403);
});
