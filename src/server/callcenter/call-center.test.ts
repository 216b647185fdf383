import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import { parseAddress } from '../../protocol/address.ts';
import { CallCenter } from './call-center.ts';
import type { UserInput } from './model.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { callcenterMigrations } from './schema.ts';
import { DEMO_PASSWORD, demoUsers, replaceDemoPasswords, seedCallCenter } from './seed.ts';

const SEED = {
  office: false,
  country: 'GB',
  locale: 'en-GB',
  zone: 'Europe/London',
  ringMs: 20_000,
  wrapMs: 30_000,
};

let test: TestDatabase;
let callCenter: CallCenter;

const load = () =>
  CallCenter.load({
    db: test.db,
    country: 'GB',
    onListenerError: (error) => {
      throw error;
    },
  });

beforeAll(async () => {
  test = await testDatabase(callcenterMigrations);
});
afterAll(() => test.drop());

beforeEach(async () => {
  await test.db.query(
    'TRUNCATE "user", queue, queue_member, owned_number, reason_code, disposition, device CASCADE',
  );
  callCenter = await load();
});

const person = (username: string, more: Partial<UserInput> = {}): UserInput => ({
  username,
  name: `${username}'s name`,
  roles: ['agent'],
  locale: 'en-GB',
  zone: 'Europe/London',
  country: 'GB',
  extension: null,
  ...more,
});

describe('users', () => {
  it('are found by id, by name in any case and by extension, also after a restart', async () => {
    const { id } = await callCenter.addUser(person('Grace', { extension: '1500' }), 'hash');
    for (const center of [callCenter, await load()]) {
      expect(center.user(id)?.username).toBe('Grace');
      expect(center.userByName(' grACE ')?.id).toBe(id);
      expect(center.userByExtension('1500')?.id).toBe(id);
    }
  });

  it('refuses a name or an extension that is taken, and changes nothing', async () => {
    await callCenter.addUser(person('grace', { extension: '1500' }), 'hash');
    await expect(callCenter.addUser(person('GRACE'), 'hash')).rejects.toMatchObject({
      code: 'already-exists',
      data: { field: 'username' },
    });
    await expect(callCenter.addUser(person('alan', { extension: '1500' }), 'hash')).rejects.toMatchObject({
      data: { field: 'extension' },
    });
    expect(callCenter.users()).toHaveLength(1);
  });

  it('keeps the password hash and SIP passwords out of what it shows', async () => {
    const user = await callCenter.addUser(person('grace'), 'the-hash');
    const { device, password } = await callCenter.addSipDevice(user.id, 'Desk');
    expect(JSON.stringify([callCenter.users(), callCenter.devicesOf(user.id), device])).not.toMatch(
      new RegExp(`the-hash|${password}`),
    );
    expect(await callCenter.passwordHash(user.id)).toBe('the-hash');
    expect(await callCenter.devicePassword(device.id)).toBe(password);
  });

  it('applies writes that overlap one after the other', async () => {
    const { id } = await callCenter.addUser(person('grace'), 'hash');
    await Promise.all([
      callCenter.changeUser(id, { name: 'Grace H.' }),
      callCenter.changeUser(id, { extension: '1600' }),
      callCenter.changeUser(id, { disabled: true }),
    ]);
    expect(callCenter.user(id)).toMatchObject({ name: 'Grace H.', extension: '1600', disabled: true });
  });

  it('tells what changed after memory has it', async () => {
    const seen: unknown[] = [];
    callCenter.events.on('changed', (kind, id) => seen.push([kind, callCenter.user(id)?.name]));
    await callCenter.addUser(person('grace'), 'hash');
    expect(seen).toEqual([['user', "grace's name"]]);
  });
});

describe('devices', () => {
  it('gives every user a browser phone, which rings until he chooses another device of his', async () => {
    const user = await callCenter.addUser(person('grace'), 'hash');
    expect(callCenter.chosenDevice(user.id).kind).toBe('browser');
    const { device } = await callCenter.addSipDevice(user.id, 'Desk');
    await callCenter.chooseDevice(user.id, device.id);
    expect(callCenter.chosenDevice(user.id)).toEqual(device);
    await callCenter.removeDevice(device.id);
    expect(callCenter.chosenDevice(user.id).kind).toBe('browser');
  });

  it('does not let one user choose the device of another', async () => {
    const [one, two] = [
      await callCenter.addUser(person('one'), 'hash'),
      await callCenter.addUser(person('two'), 'hash'),
    ];
    const { device } = await callCenter.addSipDevice(one.id, 'Desk');
    await expect(callCenter.chooseDevice(two.id, device.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(callCenter.chooseDevice(two.id, `browser:${one.id}`)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('names a SIP phone with letters, digits and hyphens only, whatever the user name is', async () => {
    const user = await callCenter.addUser(person("Zoë.O'Brien@example"), 'hash');
    const { device } = await callCenter.addSipDevice(user.id, 'Desk');
    expect(device.username).toMatch(/^[a-z0-9-]+$/);
    expect(callCenter.deviceNamed(device.username ?? '')).toEqual(device);
  });
});

describe('queues and numbers', () => {
  const queue = {
    label: 'Sales',
    ringMs: 10_000,
    wrapMs: 0,
    dispositionRequired: false,
    greeting: '',
    memberIds: [],
    dispositions: ['A', 'B'],
  };

  it('finds the number that was dialled in whatever way it is written', async () => {
    const { id } = await callCenter.addQueue(queue);
    await callCenter.addEntry({
      dnis: '020 7946 0000',
      label: 'Main',
      queueId: id,
      offeredToVisitors: false,
    });
    await callCenter.addEntry({ dnis: '100', label: 'Short', queueId: id, offeredToVisitors: true });
    for (const dnis of [
      '+442079460000',
      '00442079460000',
      '02079460000',
      '442079460000',
      '+44 (0)20 7946 0000',
    ]) {
      expect(callCenter.entryFor(dnis)?.label, dnis).toBe('Main');
    }
    expect(callCenter.entryFor(parseAddress('100', 'GB'))?.label).toBe('Short');
    expect(callCenter.entryFor('+442079460001')).toBeUndefined();
    expect(callCenter.entryFor('')).toBeUndefined();
  });

  it('keeps the id of a disposition whose label stays, in the new order', async () => {
    const { id } = await callCenter.addQueue(queue);
    const b = callCenter.dispositions(id)[1];
    await callCenter.changeQueue(id, { dispositions: ['C', 'B'] });
    expect(callCenter.dispositions(id).map((d) => d.label)).toEqual(['C', 'B', 'A']);
    expect(callCenter.dispositions(id)[1]).toEqual(b);
  });

  it('keeps a disposition that is left out for what happened, and its id for when it is named again', async () => {
    const { id } = await callCenter.addQueue(queue);
    const [a] = callCenter.dispositions(id);
    await callCenter.changeQueue(id, { dispositions: ['B'] });
    expect(callCenter.dispositions(id)).toMatchObject([
      { label: 'B', active: true },
      { id: a?.id, label: 'A', active: false },
    ]);
    await callCenter.changeQueue(id, { ringMs: 9_000 });
    expect(callCenter.dispositions(id).filter(({ active }) => active)).toHaveLength(1);
    await callCenter.changeQueue(id, { dispositions: ['B', 'A'] });
    expect(callCenter.dispositions(id)[1]).toEqual(a);
    await callCenter.removeQueue(id);
    expect(callCenter.dispositions(id)).toMatchObject([
      { label: 'B', active: false },
      { label: 'A', active: false },
    ]);
  });

  it('makes changes that overlap one after the other', async () => {
    const { id } = await callCenter.addQueue(queue);
    await Promise.all([
      callCenter.changeQueue(id, { wrapMs: 5_000 }),
      callCenter.changeQueue(id, { ringMs: 9_000 }),
      callCenter.changeQueue(id, { dispositions: ['A'] }),
    ]);
    expect(callCenter.queue(id)).toMatchObject({ wrapMs: 5_000, ringMs: 9_000 });
    expect(callCenter.dispositions(id).filter(({ active }) => active)).toHaveLength(1);
  });

  it('refuses rules of agents that name a reason that there is not, or one for another state', async () => {
    await callCenter.addReason({ label: 'Lunch' }, 'lunch');
    const rules = { ...DEFAULT_AGENT_RULES, reasonIds: ['lunch', 'gone'] };
    await expect(callCenter.addQueue({ ...queue, agentRules: rules })).rejects.toMatchObject({
      code: 'bad-input',
      data: { field: 'agentRules.reasonIds' },
    });
    const noAnswer = { state: 'logged-out', reasonId: 'lunch', after: 2 } as const;
    await expect(
      callCenter.addQueue({ ...queue, agentRules: { ...DEFAULT_AGENT_RULES, noAnswer } }),
    ).rejects.toMatchObject({ data: { field: 'agentRules.noAnswer.reasonId' } });
    const { id } = await callCenter.addQueue(queue);
    expect(callCenter.queue(id)?.agentRules).toEqual(DEFAULT_AGENT_RULES);
  });

  it('lets a number lead to a user or to a queue, and to nobody else', async () => {
    const user = await callCenter.addUser(person('Ann'), 'hash');
    const lead = { dnis: '020 7946 0801', label: 'Ann', offeredToVisitors: false };
    await expect(callCenter.addEntry({ ...lead, userId: 'nobody' })).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(callCenter.addEntry(lead)).rejects.toMatchObject({ code: 'bad-input' });
    await callCenter.addEntry({ ...lead, userId: user.id });
    expect(callCenter.entryFor('+442079460801')).toMatchObject({ userId: user.id, queueId: null });
  });

  it('does not remove a queue that a number leads to', async () => {
    const { id } = await callCenter.addQueue(queue);
    const entry = await callCenter.addEntry({
      dnis: '100',
      label: 'Short',
      queueId: id,
      offeredToVisitors: true,
    });
    await expect(callCenter.removeQueue(id)).rejects.toMatchObject({ code: 'in-use' });
    expect(callCenter.queue(id)).toBeDefined();
    await callCenter.removeEntry(entry.id);
    await callCenter.removeQueue(id);
    expect(callCenter.queue(id)).toBeUndefined();
  });

  it.each(['999', 'hello', '', 'anonymous'])('refuses to own %o', async (dnis) => {
    const { id } = await callCenter.addQueue(queue);
    await expect(
      callCenter.addEntry({ dnis, label: 'x', queueId: id, offeredToVisitors: false }),
    ).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('refuses a member who does not exist', async () => {
    await expect(callCenter.addQueue({ ...queue, memberIds: ['nobody'] })).rejects.toMatchObject({
      code: 'bad-input',
    });
    expect(callCenter.queues()).toEqual([]);
  });

  it('keeps the reasons that the program sets by itself', async () => {
    await callCenter.addReason({ label: 'No answer', system: true }, 'no-answer');
    await expect(callCenter.changeReason('no-answer', { active: false })).rejects.toMatchObject({
      code: 'bad-input',
    });
  });
});

describe('the demo data', () => {
  it('lets a first call be made: numbers lead to queues with agents, passwords are right', async () => {
    const made = await seedCallCenter(callCenter, SEED);
    expect(made.map((u) => u.username)).toEqual(['agent', 'agent2', 'supervisor', 'admin']);
    for (const dnis of ['100', '200', '+44 20 7946 0000']) {
      const queue = callCenter.queue(callCenter.entryFor(dnis)?.queueId ?? '');
      expect(queue?.memberIds, dnis).toContain(callCenter.userByName('agent')?.id);
    }
    const hash = await callCenter.passwordHash(callCenter.userByName('agent')?.id ?? '');
    expect(await verifyPassword(hash, DEMO_PASSWORD)).toBe(true);
    expect(demoUsers(callCenter)).toHaveLength(4);
  });

  it('is made once, and completed when the first start was cut off', async () => {
    await seedCallCenter(callCenter, SEED);
    await callCenter.changeUser('user_agent', { name: 'Changed' });
    expect(await seedCallCenter(callCenter, SEED)).toEqual([]);
    await test.db.query("DELETE FROM reason_code WHERE id IN ('meeting', 'declined')");
    await test.db.query("DELETE FROM owned_number WHERE dnis = '200'");
    callCenter = await load();
    await seedCallCenter(callCenter, SEED);
    expect(callCenter.entryFor('200')).toBeDefined();
    expect(callCenter.reason('meeting')).toBeDefined();
    expect(callCenter.user('user_agent')?.name).toBe('Changed');
  });

  it('has no password that everybody knows once the office can reach it', async () => {
    const made = await seedCallCenter(callCenter, { ...SEED, office: true });
    expect(new Set(made.map((u) => u.password)).size).toBe(4);
    expect(made.map((u) => u.password)).not.toContain(DEMO_PASSWORD);
    expect(demoUsers(callCenter)).toEqual([]);
  });

  it('loses the known passwords when a seeded one is opened to the office, but not one that was changed', async () => {
    await seedCallCenter(callCenter, SEED);
    await callCenter.setPassword('user_admin', await hashPassword('my own'));
    const replaced = await replaceDemoPasswords(callCenter);
    expect(replaced.map((u) => u.username).sort()).toEqual(['agent', 'agent2', 'supervisor']);
    expect(await verifyPassword(await callCenter.passwordHash('user_agent'), DEMO_PASSWORD)).toBe(false);
    expect(await verifyPassword(await callCenter.passwordHash('user_admin'), 'my own')).toBe(true);
  });
});

it('says no to any password of a user who does not exist', async () => {
  expect(await verifyPassword(undefined, 'nobody has this password')).toBe(false);
});
