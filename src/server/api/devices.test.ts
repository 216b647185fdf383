import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { CodedError } from '../../protocol/errors.ts';
import { Switches } from '../telephony/switches.ts';
import { PhoneProvisioning } from './phone-provisioning.ts';
import { SipGuard } from './sip-guard.ts';

interface Created {
  device: { id: string; username: string; label: string; control: string; domain: string; port: number };
  password: string;
}

let test: TestApi;
let token: string;
beforeAll(async () => {
  test = await TestApi.create();
  token = await test.tokenOf('agent');
});
afterAll(() => test.close());

const create = async (label = 'Desk') =>
  (await test.call('POST', '/api/devices', token, { label })).json<Created>();
const list = async () =>
  (await test.call('GET', '/api/devices', token)).json<{ devices: Created['device'][] }>().devices;
const remove = (id: string, by = token) => test.call('DELETE', `/api/devices/${id}`, by);

it('gives a SIP phone whose password is shown once and which is on the switch at once, until it is removed', async () => {
  const { device, password } = await create();
  expect(device).toMatchObject({ label: 'Desk', domain: '192.0.2.1', port: 5060 });
  expect(test.provisioned.get(device.username)).toMatchObject({
    kind: 'phone',
    password,
    callerId: { name: 'only-agent' },
  });
  expect(await list()).toEqual([device]);
  expect(JSON.stringify(test.log)).not.toContain(password);
  expect((await remove(device.id)).statusCode).toBe(204);
  expect(await list()).toEqual([]);
  expect(test.provisioned.has(device.username)).toBe(false);
});

it("does not let anybody remove somebody else's phone, or the browser phone", async () => {
  const { device } = await create();
  expect((await remove(device.id, await test.tokenOf('supervisor'))).json()).toMatchObject({
    code: 'not-found',
  });
  expect((await remove(`browser:${test.callCenter.userByName('only-agent')?.id}`)).json()).toMatchObject({
    code: 'not-found',
  });
  await remove(device.id);
});

it('keeps no phone that the switch did not take', async () => {
  const { put } = test.provisioning;
  test.provisioning.put = async () => {
    throw new CodedError('switch-down');
  };
  expect(await create()).toMatchObject({ code: 'switch-down' });
  expect(await list()).toEqual([]);
  test.provisioning.put = put;
});

it('knows how a phone can be answered, and is told by its owner alone', async () => {
  const { device } = await create();
  expect(device.control).toBe('none');
  const change = (body: object, by = token) => test.call('PATCH', `/api/devices/${device.id}`, by, body);
  expect((await change({ control: 'talk-event' })).json()).toMatchObject({
    control: 'talk-event',
    label: device.label,
  });
  expect((await change({ control: 'browser' })).statusCode).toBe(400);
  expect((await change({ control: 'none' }, await test.tokenOf('supervisor'))).statusCode).toBe(404);
  expect(await list()).toMatchObject([{ control: 'talk-event' }]);
  await remove(device.id);
});

it('gives five phones at most', async () => {
  const made: Created[] = [];
  for (let i = 0; i < 5; i++) made.push(await create(`Phone ${i}`));
  expect(await create('One more')).toMatchObject({ code: 'too-many' });
  for (const { device } of made) await remove(device.id);
});

it('puts all phones on the switch at a start, and follows the user: new name, disabled, enabled', async () => {
  const { device } = await create();
  const userId = test.callCenter.userByName('only-agent')?.id ?? '';
  test.provisioned.clear();
  await test.phones.start('private');
  await test.callCenter.changeUser(userId, { name: 'Ann Lee', extension: '1077' });
  await expect
    .poll(() => test.provisioned.get(device.username)?.callerId)
    .toEqual({ number: '1077', name: 'Ann Lee' });
  await test.callCenter.changeUser(userId, { disabled: true });
  await expect.poll(() => test.provisioned.has(device.username)).toBe(false);
  await test.callCenter.changeUser(userId, { disabled: false });
  await expect.poll(() => test.provisioned.has(device.username)).toBe(true);
  await remove(device.id);
});

it('puts the phones of every other telephone system at a start too, and does not wait for one that is not connected yet', async () => {
  const { device } = await create();
  const entry = test.platforms.switches.get('private');
  const asked: string[] = [];
  const errors: unknown[] = [];
  const put = async ({ name }: { name: string }) => {
    asked.push(name);
    throw new CodedError('switch-down');
  };
  const onError = (error: unknown) => errors.push(error);
  const switches = new Switches(
    onError,
    entry ? [{ ...entry, provisioning: { ...entry.provisioning, put } }] : [],
  );
  const phones = new PhoneProvisioning({ callCenter: test.callCenter, switches, clock: test.clock, onError });
  await phones.start('another');
  await expect.poll(() => asked).toEqual([device.username]);
  expect(errors).toEqual([]);
  await phones.close();
  await remove(device.id);
});

it('closes a phone to the address that guesses at its password for five minutes, and to no other', async () => {
  const { device } = await create();
  const blocked: string[] = [];
  const guard = new SipGuard({
    clock: test.clock,
    refuse: (name, address, ms) => test.phones.refuse(name, address, ms),
    onBlocked: (account, address) => blocked.push(`${account} ${address}`),
    onError: (error) => {
      throw error;
    },
  });
  const fail = (account: string, remoteAddress: string, times: number, proven = true) => {
    for (let i = 0; i < times; i++) guard.recordSipFailure({ account, remoteAddress, proven });
  };
  const refusedFrom = () => test.provisioned.get(device.username)?.refusedFrom;
  fail(device.username, '192.0.2.1', 4);
  fail(device.username, '192.0.2.2', 4);
  fail(device.username, '192.0.2.3', 9, false);
  expect(blocked).toEqual([]);
  fail(device.username, '192.0.2.1', 4);
  fail('no-such-phone', '192.0.2.1', 9);
  expect(blocked).toEqual([`${device.username} 192.0.2.1`, 'no-such-phone 192.0.2.1']);
  await expect.poll(refusedFrom).toEqual(['192.0.2.1']);
  await test.phones.start('private');
  expect(refusedFrom()).toEqual(['192.0.2.1']);
  expect(guard.blockedFor(device.username, '192.0.2.1')).toBe(300_000);
  expect(guard.blockedFor(device.username, '192.0.2.2')).toBe(0);
  await test.clock.advance(300_000);
  await expect.poll(refusedFrom).toEqual([]);
  expect(guard.blockedFor(device.username, '192.0.2.1')).toBe(0);
});
