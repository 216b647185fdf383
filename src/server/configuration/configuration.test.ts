import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { ConfigurationFile, ConfigurationPlan } from '../../protocol/configuration.ts';
import { WEEKDAYS } from '../../protocol/hours.ts';

type Things = Record<string, Record<string, Record<string, unknown>>>;

let test: TestApi;
let seeded: ConfigurationFile;

beforeAll(async () => {
  test = await TestApi.create();
  seeded = test.configuration.export();
});
afterAll(() => test.close());

const apply = (file: object, deleteData = false) =>
  test.configuration.apply(file as ConfigurationFile, deleteData);
const plan = (file: object) => test.configuration.plan(file as ConfigurationFile);
const asFile = (things: Things) => ({ crosspoint: 1, ...things });
const lines = ({ changes }: ConfigurationPlan) =>
  changes.map(({ action, section, name }) => `${action} ${section}.${name}`);

/** The seeded file with something else in it. */
function changed(edit: (things: Things) => void): ConfigurationFile {
  const file = structuredClone(seeded);
  edit(file as Things);
  return file;
}

describe('the file of the demo', () => {
  it('applied to itself changes nothing, also as text', async () => {
    expect(await plan(seeded)).toEqual({ changes: [], problems: [], applied: false });
    expect(await apply(JSON.parse(JSON.stringify(seeded)))).toEqual({
      changes: [],
      problems: [],
      applied: true,
    });
    expect(JSON.stringify(test.configuration.export())).toBe(JSON.stringify(seeded));
  });

  it('names things, holds no ids and no secrets, and is in order', () => {
    const text = JSON.stringify(seeded);
    for (const user of test.callCenter.users()) expect(text).not.toContain(user.id);
    for (const queue of test.callCenter.queues()) expect(text).not.toContain(`"${queue.id}"`);
    expect((seeded as Things).users?.admin?.password).toBe('(secret)');
    const names = Object.keys((seeded as Things).users ?? {});
    expect(names).toEqual([...names].sort());
  });
});

describe('a change', () => {
  it('is listed field by field and not made by a dry run, then made, and then is none', async () => {
    const [label = ''] = Object.keys((seeded as Things).queues ?? {});
    const file = changed(({ queues }) =>
      Object.assign(queues?.[label] ?? {}, { ringMs: 7_000, greeting: 'Hello.' }),
    );
    const first = await plan(file);
    expect(first).toMatchObject({ problems: [], applied: false });
    expect(first.changes).toMatchObject([
      {
        section: 'queues',
        name: label,
        action: 'change',
        fields: [{ path: 'greeting' }, { path: 'ringMs', after: 7_000 }],
      },
    ]);
    const queue = () => test.callCenter.queues().find((one) => one.label === label);
    expect(queue()?.ringMs).not.toBe(7_000);
    const told: string[] = [];
    test.callCenter.events.on('changed', (kind, id) => told.push(`${kind} ${id}`));
    expect(await apply(file)).toMatchObject({ applied: true, changes: first.changes });
    expect(queue()).toMatchObject({ ringMs: 7_000, greeting: 'Hello.' });
    expect(told).toEqual([`queue ${queue()?.id}`]);
    expect(lines(await apply(file))).toEqual([]);
    expect(lines(await apply(seeded))).toEqual([`change queues.${label}`]);
    expect(test.configuration.export()).toEqual(seeded);
  });

  it('of a section that is left out is none, and what is not in a section goes', async () => {
    const reasons = {
      Lunch: { position: 1, kind: 'not-ready' },
      Stocktaking: { position: 2, kind: 'not-ready' },
    };
    const result = await apply(asFile({ reasons }));
    expect(lines(result).filter((line) => line.startsWith('add'))).toContain('add reasons.Stocktaking');
    expect((test.configuration.export() as Things).reasons).toEqual(reasons);
    expect((test.configuration.export() as Things).users).toEqual((seeded as Things).users);
    await apply(asFile({ reasons: { Stocktaking: { position: 1 }, Lunch: { position: 2 } } }));
    const shown = test.callCenter.reasons().filter(({ system, active }) => active && !system);
    expect(shown.map((reason) => reason.label)).toEqual(['Stocktaking', 'Lunch']);
    await apply(seeded);
    expect(test.configuration.export()).toEqual(seeded);
  });

  it('of settings leaves those alone that are not said', async () => {
    const { recording } = (seeded as Things).settings ?? {};
    expect(await apply(asFile({ settings: { recording: recording ?? {} } }))).toEqual({
      changes: [],
      problems: [],
      applied: true,
    });
    expect(test.configuration.export()).toEqual(seeded);
  });

  it('of a new field takes its place on a page that the file has without it', async () => {
    const page = ['LastName', 'Company', 'Status'];
    const file = changed((things) => {
      things.fields = { 'Lead.Budget__c': { label: 'Budget', type: 'number', required: false } };
      things.recordPages = { Lead: { page } };
    });
    await apply(file);
    expect((test.configuration.export() as Things).recordPages).toEqual({ Lead: { page } });
    expect(lines(await apply(file))).toEqual([]);
    await apply(seeded);
    expect(test.configuration.export()).toEqual(seeded);
  });

  it('makes way for another: what one thing gives up another takes', async () => {
    const profiles = (agents: string[], other: string[]) =>
      changed((things) => {
        const layout = (things.softphoneLayouts as Things[string]).Standard;
        things.softphoneLayouts = {
          Standard: { ...layout },
          A: { ...layout, isDefault: false, profiles: agents },
          B: { ...layout, isDefault: false, profiles: other },
        };
      });
    await apply(profiles(['Agents'], []));
    expect(await apply(profiles([], ['Agents']))).toMatchObject({ problems: [], applied: true });
    await apply(seeded);
  });
});

describe('what is wrong', () => {
  it.each([
    [{ crosspoint: 2 }, 'crosspoint', 'version 1'],
    [asFile({ cues: {} }), 'cues', 'no such section'],
    [asFile({ queues: { X: { ringMs: 1 } } }), 'queues.X.ringMs', 'at least 3 seconds'],
    [asFile({ queues: { X: { ringSeconds: 1 } } }), 'queues.X', 'ringSeconds'],
    [asFile({ users: { bob: { name: 'Bob' } } }), 'users.bob.roles', ''],
  ])('in %j is said by its place', async (file, path, message) => {
    const { problems, applied } = await apply(file);
    expect(applied).toBe(false);
    expect(problems.find((one) => one.path === path)?.message ?? `none at ${path}`).toContain(message);
  });

  it.each([
    [
      'a name that leads nowhere',
      (things: Things) => Object.assign(Object.values(things.queues ?? {})[0] ?? {}, { members: ['nobody'] }),
      /^queues\..+\.members$/,
      'there is no user nobody',
    ],
    [
      'a new user without a password',
      (things: Things) =>
        Object.assign(things.users ?? {}, { bob: { ...things.users?.admin, extension: null } }),
      /^users\.bob\.password$/,
      'first password',
    ],
    [
      'a queue that goes while a number leads to it',
      (things: Things) => void delete things.queues?.[Object.keys(things.queues)[0] ?? ''],
      /^(numbers|queues)\./,
      '',
    ],
  ])('%s is said, and nothing of the rest is applied', async (_what, edit, path, message) => {
    const file = changed((things) => {
      edit(things);
      things.reasons = { Never: { position: 1 } };
    });
    const { problems, applied } = await apply(file);
    expect(applied).toBe(false);
    expect(
      problems.some((one) => path.test(one.path) && one.message.includes(message)),
      JSON.stringify(problems),
    ).toBe(true);
    expect(test.configuration.export()).toEqual(seeded);
  });
});

it('a secret is kept where its placeholder stands, and set where one stands itself', async () => {
  const trunk = {
    platform: 'private',
    position: 1,
    connection: { kind: 'registration', registrar: 'sip.example.com', user: 'crosspoint' },
    numbers: { country: 'GB' },
  };
  const told: string[] = [];
  test.trunks.events.on('changed', (id) => told.push(id));
  const missing = await apply(asFile({ trunks: { Provider: { ...trunk, password: '(secret)' } } }));
  expect(missing.problems[0]?.path).toMatch(/^trunks\.Provider/);
  expect(
    (await apply(asFile({ trunks: { Provider: { ...trunk, password: 'first-one' } } }))).problems,
  ).toEqual([]);
  const [made] = test.trunks.all();
  expect(await test.trunks.password(made?.id ?? '')).toBe('first-one');
  expect(JSON.stringify(test.configuration.export())).not.toContain('first-one');
  const file = test.configuration.export();
  expect(lines(await apply(file))).toEqual([]);
  expect(await test.trunks.password(made?.id ?? '')).toBe('first-one');
  const answer = await apply(asFile({ trunks: { Provider: { ...trunk, password: 'second-one' } } }));
  expect(JSON.stringify(answer)).not.toContain('second-one');
  expect(await test.trunks.password(made?.id ?? '')).toBe('second-one');
  expect(told.filter((id) => id === made?.id).length).toBeGreaterThanOrEqual(2);
  await apply(seeded);
});

it('values of records go only when that is said', async () => {
  expect(
    (await apply(asFile({ fields: { 'Contact.Shoe__c': { label: 'Shoe', type: 'text' } } }))).problems,
  ).toEqual([]);
  await test.database.db.query(
    `INSERT INTO record (id, object, name, sort_name, data, terms, owner, created_at, updated_at)
     VALUES ('003000000000001', 'Contact', 'A', 'a', '{"LastName": "A", "Shoe__c": "42"}', '', '', 1, 1)`,
  );
  const refused = await apply(seeded);
  expect(refused.problems).toMatchObject([{ path: 'fields.Contact.Shoe__c' }]);
  expect(refused.problems[0]?.message).toContain('1 records');
  expect(await apply(seeded, true)).toMatchObject({ applied: true });
  expect(test.configuration.export()).toEqual(seeded);
});

const name = (prefix: string) => (n: number) => `${prefix} ${String(n).padStart(3, '0')}`;
const times = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => name(prefix)(n));

/** A large configuration in which everything refers to everything. */
const RANDOM = fc
  .record({
    users: fc.integer({ min: 1, max: 40 }),
    queues: fc.integer({ min: 1, max: 25 }),
    profiles: fc.integer({ min: 0, max: 12 }),
    hours: fc.integer({ min: 0, max: 6 }),
    objects: fc.integer({ min: 0, max: 5 }),
    directories: fc.integer({ min: 0, max: 8 }),
    picks: fc.infiniteStream(fc.nat()),
  })
  .map(({ picks, ...counts }) => {
    const pick = <T>(all: readonly T[]): T => all[(picks.next().value ?? 0) % all.length] as T;
    const some = <T>(all: readonly T[]): T[] => all.filter(() => (picks.next().value ?? 0) % 3 === 0);
    const profiles = times(counts.profiles, 'Profile');
    const classes = ['National', 'World'];
    const users = times(counts.users, 'user').map((one) => one.replace(' ', '-'));
    const queues = times(counts.queues, 'Queue');
    const skills = ['Billing', 'French', 'Spanish'];
    const numbers = queues.map((_, n) => `+4420794${String(60_000 + n)}`);
    const objects = times(counts.objects, 'Thing').map((label) => `${label.replace(' ', '_')}__c`);
    const map = <T>(names: readonly string[], make: (one: string, n: number) => T) =>
      Object.fromEntries(names.map((one, n) => [one, make(one, n)]));
    const week = Object.fromEntries(WEEKDAYS.map((day) => [day, some([{ from: '09:00', to: '17:00' }])]));
    let free = [...queues];
    return {
      ...seeded,
      classesOfService: map(classes, (one) => ({
        national: true,
        international: one === 'World',
        premium: false,
        countries: some(['GB', 'FR', 'DE']),
      })),
      profiles: map([...profiles, 'Agents', 'Supervisors', 'Administrators'], () => ({
        class: pick([null, ...classes]),
        mayPlay: pick([null, true, false]),
        objects: map(some(['Contact', 'Case', ...objects]), () => ({
          read: pick([true, false]),
          hidden: [],
        })),
      })),
      skills: map(skills, (one) => ({ description: `${one}, spoken and written` })),
      users: {
        ...(seeded as Things).users,
        ...map(users, (one, n) => ({
          name: one,
          roles: ['agent'],
          locale: 'en-GB',
          zone: 'Europe/London',
          country: 'GB',
          extension: String(30_000 + n),
          profile: pick([null, ...profiles, 'Agents']),
          skills: map(some(skills), () => pick([1, 5, 10])),
          password: 'correct horse',
        })),
      },
      queues: {
        ...(seeded as Things).queues,
        ...map(queues, () => ({
          ringMs: 3_000 + (pick([1, 2, 3]) as number),
          wrapMs: 0,
          dispositionRequired: pick([true, false]),
          greeting: '',
          members: some(users),
          requires: map(some(skills), () => pick([1, 3, 10])),
          dispositions: some(['Sold', 'Lost', 'Later']),
        })),
      },
      numbers: {
        ...(seeded as Things).numbers,
        ...map(numbers, (one, n) => ({ label: one, queue: queues[n], trunk: null })),
      },
      dialling: {
        ...map(
          some(users).map((one) => `user ${one}`),
          () => ({ class: pick(classes), callerId: pick(numbers) }),
        ),
      },
      businessHours: map(times(counts.hours, 'Hours'), () => {
        const mine = some(free);
        free = free.filter((one) => !mine.includes(one));
        return {
          zone: pick(['Europe/London', 'America/New_York']),
          week,
          holidays: some([{ label: 'New Year', date: '01-01', open: [] }]),
          closures: [],
          whenClosed: pick([
            { kind: 'message', text: 'Closed.' },
            { kind: 'queue', queue: pick(queues) },
            { kind: 'number', number: '+441614960000' },
          ]),
          queues: mine,
        };
      }),
      directories: map(times(counts.directories, 'Directory'), () => ({ callCenter: null })),
      objects: map(objects, (_, n) => ({ label: name('Thing')(n), labelPlural: name('Things')(n) })),
      fields: map(
        objects.flatMap((one) => [`${one}.Phone__c`, `${one}.Other__c`]),
        (path) =>
          path.endsWith('Phone__c')
            ? { label: 'Phone', type: 'phone' }
            : { label: 'Other', type: 'reference', refersTo: [pick(objects)] },
      ),
      recordingRules: map(
        some(queues).map((one) => `queue ${one}`),
        () => ({ record: pick(['always', 'never']) }),
      ),
    };
  });

it('any configuration can be applied, is what is exported then, is no change the second time, and can be gone back from', async () => {
  await fc.assert(
    fc.asyncProperty(RANDOM, async (file) => {
      const first = await apply(file);
      expect(first.problems).toEqual([]);
      expect(lines(await apply(file))).toEqual([]);
      const exported = test.configuration.export();
      expect(lines(await apply(exported))).toEqual([]);
      expect(test.configuration.export()).toEqual(exported);
      expect(Object.keys((exported as Things).queues ?? {})).toEqual(Object.keys(file.queues).sort());
      const back = await apply(seeded, true);
      expect(back.problems).toEqual([]);
      expect(test.configuration.export()).toEqual(seeded);
    }),
    { numRuns: 4 },
  );
}, 120_000);
