import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { DEFAULT_LAYOUT, pageUrlProblem, type SoftphoneLayoutInput } from '../../protocol/layouts.ts';
import { Layouts } from './layouts.ts';

const fail = (error: unknown) => {
  throw error;
};
const { id: _id, ...STANDARD } = DEFAULT_LAYOUT;

let database: TestDatabase;
let clock: VirtualClock;
let layouts: Layouts;
let objectsFail = false;

const load = () =>
  Layouts.load({
    db: database.db,
    clock,
    userExists: (id) => id !== 'nobody',
    isActiveScript: (id) => id === 'script_active',
    profileExists: (id) => id !== 'nobody',
    objects: () =>
      objectsFail
        ? Promise.reject(new Error('down'))
        : Promise.resolve([{ name: 'Contact', fields: [{ name: 'Email' }] as never }]),
    onListenerError: fail,
  });

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.query('DELETE FROM softphone_layout_revision');
  clock = new VirtualClock();
  objectsFail = false;
  layouts = await load();
});

function input(change: Partial<SoftphoneLayoutInput> = {}): SoftphoneLayoutInput {
  return { ...structuredClone(STANDARD), label: 'Sales', isDefault: false, ...change };
}

const of = (id: string, profileId: string | null = null) => layouts.now().of({ id, profileId }).label;

describe('which layout somebody has', () => {
  it('is the standard one where none was set', () => {
    expect(of('ann', 'profile_agent')).toBe('Standard');
  });

  it('is his own, else that of his profile, else the default', async () => {
    await layouts.add(input({ label: 'Agents', profileIds: ['profile_agent'] }));
    await layouts.add(input({ label: 'Ann', userIds: ['ann'] }));
    expect(of('bob', 'profile_agent')).toBe('Agents');
    expect(of('ann', 'profile_agent')).toBe('Ann');
    expect(of('cem', 'profile_administrator')).toBe('Standard');
    expect(of('dan')).toBe('Standard');
  });

  it('follows the default, of which there is exactly one', async () => {
    await layouts.add(input({ isDefault: true }));
    expect(layouts.now().layouts.filter(({ isDefault }) => isDefault)).toMatchObject([{ label: 'Sales' }]);
    expect(of('ann', 'profile_agent')).toBe('Sales');
  });
});

describe('a change', () => {
  it('holds at once, is told, and is there after a restart', async () => {
    const told: string[] = [];
    layouts.events.on('changed', () => told.push(of('ann', 'profile_agent')));
    await layouts.add(input({ userIds: ['ann'] }));
    expect(told).toEqual(['Sales']);
    layouts = await load();
    expect(of('ann', 'profile_agent')).toBe('Sales');
  });

  it('leaves what held before for the calls that began then', async () => {
    const before = layouts.now();
    await clock.advance(1_000);
    await layouts.add(input({ isDefault: true }));
    const changedAt = clock.now();
    expect(before.of({ id: 'ann', profileId: null }).label).toBe('Standard');
    expect((await layouts.at(changedAt - 1)).of({ id: 'ann', profileId: null }).label).toBe('Standard');
    expect((await layouts.at(changedAt)).of({ id: 'ann', profileId: null }).label).toBe('Sales');
  });
});

describe('a layout is refused, and nothing changes,', () => {
  const pop = (none: unknown) => ({
    inbound: { ...STANDARD.inbound, pop: { ...STANDARD.inbound.pop, none } },
  });
  it.each([
    ['for a name that is taken', input({ label: 'standard' }), 'already-exists', 'label'],
    ['for a profile that has another', input({ profileIds: ['profile_agent'] }), 'bad-input', 'profileIds'],
    ['for a profile that is not there', input({ profileIds: ['nobody'] }), 'bad-input', 'profileIds'],
    ['for a user who has another', input({ userIds: ['ann'] }), 'bad-input', 'userIds'],
    ['for a user who is not there', input({ userIds: ['nobody'] }), 'bad-input', 'userIds'],
    [
      'for an object that is not there',
      input({ inbound: { ...STANDARD.inbound, objects: [{ object: 'Ship', fields: [] }] } }),
      'bad-input',
      'inbound.objects.0.object',
    ],
    [
      'for a field that is not there',
      input({
        inbound: { ...STANDARD.inbound, objects: [{ object: 'Contact', fields: ['Email', 'Mass'] }] },
      }),
      'bad-input',
      'inbound.objects.0.fields',
    ],
    [
      'for a new record of nothing',
      input(pop({ kind: 'new', object: 'Ship' }) as never),
      'bad-input',
      'inbound.pop.none.object',
    ],
    [
      'for a script that is not active',
      input(pop({ kind: 'script', scriptId: 'script_draft' }) as never),
      'bad-input',
      'inbound.pop.none.scriptId',
    ],
    [
      'for a page of a host that is not allowed',
      input(pop({ kind: 'page', url: 'https://evil.example/{ANI}' }) as never),
      'bad-input',
      'inbound.pop.none.url',
    ],
  ])('%s', async (_what, wrong, code, field) => {
    await layouts.add(input({ label: 'Other', profileIds: ['profile_agent'], userIds: ['ann'] }));
    const before = layouts.now();
    await expect(layouts.add(wrong)).rejects.toMatchObject({ code, data: { field } });
    expect(layouts.now()).toBe(before);
  });

  it('as default without a successor, and the default cannot go', async () => {
    await expect(layouts.change('default', { isDefault: false })).rejects.toMatchObject({
      data: { field: 'isDefault' },
    });
    await expect(layouts.remove('default')).rejects.toMatchObject({ code: 'in-use' });
    await expect(layouts.remove('gone')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('hosts whose pages may pop', () => {
  it('let their pages in, and stay for as long as a layout needs them', async () => {
    await layouts.setSettings({ allowedOrigins: ['https://erp.example'] });
    const page = { kind: 'page', url: 'https://erp.example/of?n={ANI}' } as const;
    const inbound = { ...STANDARD.inbound, pop: { ...STANDARD.inbound.pop, many: page } };
    await layouts.add(input({ inbound }));
    await expect(layouts.setSettings({ allowedOrigins: [] })).rejects.toMatchObject({
      data: { field: 'allowedOrigins' },
    });
    expect(layouts.now().allows('https://erp.example/x')).toBe(true);
    expect(layouts.now().allows('https://erp.example.evil.example/x')).toBe(false);
    expect(layouts.now().allows('//evil.example')).toBe(false);
    expect(layouts.now().allows('/Contact/new')).toBe(true);
  });
});

it('names are not checked while the CRM cannot say what there is', async () => {
  objectsFail = true;
  const objects = [{ object: 'Ship', fields: [] }];
  await expect(layouts.add(input({ inbound: { ...STANDARD.inbound, objects } }))).resolves.toMatchObject({
    label: 'Sales',
  });
});

describe('the address of a page', () => {
  it.each(['/orders?of={ANI}', 'https://erp.example/{RECORD_ID}#{data:order no}', '/'])('may be %s', (url) =>
    expect(pageUrlProblem(url)).toBeUndefined(),
  );
  it.each([
    'javascript:alert(1)',
    'http://erp.example/',
    '//evil.example',
    '/\\evil.example',
    'https://{ANI}.example/',
    'https://user@erp.example/',
    'https://{data:host}/',
    '/x?{NOPE}',
    '/x?{ANI',
    '/x y',
    'https://',
  ])('may not be %s', (url) => expect(pageUrlProblem(url)).toBeTypeOf('string'));
});
