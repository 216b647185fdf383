import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/harness/postgres.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import type { CallLogEntry, CrmRecord, FieldValue } from '../../../protocol/crm.ts';
import type { Actor } from '../ports.ts';
import { crmMigrations } from '../schema.ts';
import { BuiltinCrm } from './builtin-crm.ts';

const agent: Actor = { userId: 'user_ada', roles: ['agent'] };
const colleague: Actor = { userId: 'user_bob', roles: ['agent'] };
const supervisor: Actor = { userId: 'user_sue', roles: ['supervisor'] };
const administrator: Actor = { userId: 'user_root', roles: ['administrator'] };
const nobody: Actor = { userId: 'user_none', roles: [] };

const clock = new VirtualClock();
let database: TestDatabase;
let crm: BuiltinCrm;

beforeAll(async () => {
  database = await testDatabase(crmMigrations);
  crm = new BuiltinCrm({
    db: database.db,
    clock,
    country: 'GB',
    userNames: async () => ({ user_ada: 'Ada Agent' }),
  });
});

afterAll(() => database.drop());

const make = (object: string, fields: Record<string, FieldValue>) => crm.create(agent, object, fields);
const contact = (LastName: string, fields: Record<string, string | null> = {}) =>
  make('Contact', { LastName, ...fields });
const idsOf = (result: { records: { id: string }[] }) => result.records.map((r) => r.id);
/** The code and data of the error that `work` rejects with. */
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it was not refused'),
    (error: { code: string; data: unknown; message: string }) => error,
  );

describe('writing a record', () => {
  it('gives an id with the prefix of its object, in order of creation', async () => {
    const first = await contact('First');
    const second = await contact('Second');
    expect(first.id).toMatch(/^003[0-9A-Za-z]{12}$/);
    expect(second.id > first.id).toBe(true);
  });

  it('answers with every field, the name, the owner and the names behind references', async () => {
    const account = await make('Account', { Name: 'Analytical Engines Ltd' });
    const made = await contact('Lovelace', { FirstName: 'Ada', AccountId: account.id });
    expect(made).toMatchObject({ object: 'Contact', name: 'Ada Lovelace', rev: 1, createdAt: clock.now() });
    expect(made.fields).toMatchObject({ FirstName: 'Ada', Email: null, OwnerId: 'user_ada' });
    expect(made.names).toEqual({ [account.id]: 'Analytical Engines Ltd', user_ada: 'Ada Agent' });
    expect(await crm.read(colleague, made.id)).toEqual(made);
  });

  it('keeps numbers in E.164 and trims texts', async () => {
    const made = await contact(' Byron ', { Phone: '(020) 7946 0001', MobilePhone: '07700 900001 ext 3' });
    expect(made.fields).toMatchObject({
      LastName: 'Byron',
      Phone: '+442079460001',
      MobilePhone: '+447700900001 x3',
    });
  });

  it.each([
    ['Contact', { LastName: 'X', Shoe: '43' }, 'Shoe', 'Contact has no field Shoe'],
    ['Contact', { LastName: 'X', __proto__x: '43' }, '__proto__x', 'has no field'],
    ['Contact', { FirstName: 'X' }, 'LastName', 'Last name is required'],
    ['Contact', { LastName: '  ' }, 'LastName', 'Last name is required'],
    ['Contact', { LastName: 'X'.repeat(81) }, 'LastName', 'longer than 80'],
    ['Contact', { LastName: 'X\u0000' }, 'LastName', 'character that is no text'],
    ['Contact', { LastName: 'X', Phone: 'call me' }, 'Phone', 'not a telephone number'],
    ['Contact', { LastName: 'X', Email: 'x at y' }, 'Email', 'not an e-mail address'],
    ['Contact', { LastName: 'X', AccountId: '001000000000zzz' }, 'AccountId', 'existing Account'],
    ['Contact', { LastName: 'X', AccountId: "001' & '=Task" }, 'AccountId', 'not the id of a record'],
    ['Contact', { LastName: 'X', Name: 'Y' }, 'Name', 'cannot be changed'],
    ['Account', { Name: 'X', Website: 'javascript://x' }, 'Website', 'not a web address'],
    ['Account', { Name: 'X', NumberOfEmployees: 'many' }, 'NumberOfEmployees', 'must be a number'],
    ['Lead', { LastName: 'X', Company: 'Y', Status: 'Odd' }, 'Status', 'must be one of New, Working'],
    ['Task', { Subject: 'X', ActivityDate: '2026-02-30' }, 'ActivityDate', 'must be a date'],
  ])('refuses %s %j by its field', async (object, fields, field, sentence) => {
    const error = await errorOf(make(object, fields as Record<string, string>));
    expect(error).toMatchObject({ code: 'bad-input', data: { field } });
    expect(error.message).toContain(sentence);
  });

  it('refuses a reference to a record of another object', async () => {
    const other = await contact('Other');
    const error = await errorOf(contact('X', { AccountId: other.id }));
    expect(error).toMatchObject({ code: 'bad-input', data: { field: 'AccountId' } });
  });

  it('changes the fields given, counts the revision up and leaves the others', async () => {
    const made = await contact('Before', { Email: 'a@b.example', Phone: '020 7946 0002' });
    const changed = await crm.update(agent, made.id, { LastName: 'After', Phone: null }, made.rev);
    expect(changed).toMatchObject({ name: 'After', rev: 2 });
    expect(changed.fields).toMatchObject({ Email: 'a@b.example', Phone: null });
  });

  it('leaves the revision alone when nothing changes, also with read-only fields given as they are', async () => {
    const made = await contact('Same', { Phone: '020 7946 0003' });
    const { Name, OwnerId } = made.fields;
    const again = await crm.update(agent, made.id, {
      LastName: 'Same',
      Phone: '02079460003',
      Name: Name ?? null,
      OwnerId: OwnerId ?? null,
    });
    expect(again.rev).toBe(1);
  });

  it('refuses an update of a revision that somebody else has changed', async () => {
    const made = await contact('Contested');
    const both = await Promise.allSettled([
      crm.update(agent, made.id, { LastName: 'Mine' }, 1),
      crm.update(colleague, made.id, { LastName: 'Yours' }, 1),
    ]);
    expect(both.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((r) => r.status === 'rejected')?.reason).toMatchObject({
      code: 'conflict',
      data: { rev: 2 },
    });
  });

  it('gives a case its number and the first option of each required list', async () => {
    const made = await make('Case', { Subject: 'It does not ring' });
    expect(made.fields).toMatchObject({ Status: 'New', Priority: 'Normal' });
    expect(made.fields.CaseNumber).toMatch(/^\d{8}$/);
  });

  it('says not-found for an object, an id or a prefix that is not there', async () => {
    const tries = [make('Rocket', {}), crm.read(agent, '003zzzzzzzzzzzz'), crm.read(agent, 'what')];
    for (const error of await Promise.all(tries.map(errorOf))) expect(error.code).toBe('not-found');
  });
});

describe('who may do what', () => {
  it('lets nobody in without a role', async () => {
    const made = await contact('Private');
    const tries = [
      crm.read(nobody, made.id),
      crm.list(nobody, 'Contact'),
      crm.search(nobody, 'private'),
      crm.match(nobody, '+442079460958'),
      crm.create(nobody, 'Contact', { LastName: 'X' }),
      crm.update(nobody, made.id, { LastName: 'X' }),
      crm.remove(nobody, made.id),
      crm.related(nobody, made.id, 'Case', 'ContactId'),
      crm.activity(nobody, made.id),
    ];
    for (const error of await Promise.all(tries.map(errorOf))) expect(error.code).toBe('not-allowed');
  });

  it('lets agents edit customers of others, but tasks only of their own', async () => {
    const customer = await contact('Shared');
    const task = await make('Task', { Subject: 'Call back', WhoId: customer.id });
    expect((await crm.update(colleague, customer.id, { Title: 'Countess' })).fields.Title).toBe('Countess');
    expect(await errorOf(crm.update(colleague, task.id, { Subject: 'X' }))).toMatchObject({
      code: 'not-allowed',
    });
    expect((await crm.update(agent, task.id, { Status: 'Completed' })).rev).toBe(2);
    expect((await crm.update(supervisor, task.id, { Priority: 'High' })).rev).toBe(3);
  });

  it('lets only administrators remove', async () => {
    const made = await contact('Removed', { Phone: '020 7946 0004' });
    expect(await errorOf(crm.remove(agent, made.id))).toMatchObject({ code: 'not-allowed' });
    expect(await errorOf(crm.remove(supervisor, made.id))).toMatchObject({ code: 'not-allowed' });
    await crm.remove(administrator, made.id);
    expect(await errorOf(crm.read(agent, made.id))).toMatchObject({ code: 'not-found' });
    expect(idsOf(await crm.match(agent, '020 7946 0004'))).toEqual([]);
  });

  it('removes no account that people refer to, and clears the links of tasks', async () => {
    const account = await make('Account', { Name: 'Kept Ltd' });
    const person = await contact('Keeper', { AccountId: account.id });
    const task = await make('Task', { Subject: 'About it', WhoId: person.id });
    expect(await errorOf(crm.remove(administrator, account.id))).toMatchObject({ code: 'in-use' });
    await crm.remove(administrator, person.id);
    expect((await crm.read(agent, task.id)).fields.WhoId).toBeNull();
  });
});

describe('matching a number', () => {
  const WAYS = [
    '+44 (0)20 7946 0958',
    '00442079460958',
    '020 7946 0958',
    '02079460958',
    '442079460958',
    '+442079460958',
    '020 7946 0958 ext 7',
    'sip:02079460958@pbx.example;user=phone',
  ];
  let ada: CrmRecord;

  beforeAll(async () => {
    ada = await contact('King', { FirstName: 'Ada', Phone: '+44 (0)20 7946 0958', Title: 'Countess' });
  });

  it.each(WAYS)('finds who has the number by %s', async (typed) => {
    const found = await crm.match(agent, typed);
    expect(found).toEqual({
      records: [{ id: ada.id, object: 'Contact', name: 'Ada King', detail: 'Countess' }],
      more: false,
    });
  });

  it.each(WAYS)('finds a number that was stored as %s', async (typed) => {
    const made = await contact('Stored', { HomePhone: typed.replaceAll('0958', '0959') });
    expect(idsOf(await crm.match(agent, '+442079460959'))).toEqual([made.id]);
    await crm.remove(administrator, made.id);
  });

  it('reads a number of the caller’s country when told', async () => {
    const made = await contact('American', { Phone: '+1 212 555 0147' });
    expect(idsOf(await crm.match(agent, '(212) 555-0147', { country: 'US' }))).toEqual([made.id]);
    expect(idsOf(await crm.match(agent, '555-0147', { country: 'US' }))).toEqual([made.id]);
    expect(idsOf(await crm.match(agent, '020 7946 0958', { country: 'US' }))).toEqual([ada.id]);
  });

  it.each([
    'anonymous',
    '',
    '101',
    '999',
    '60958',
    'sip:ada@pbx.example',
    '+442079460957',
    '+1 207 946 0958',
  ])('finds nobody by %j', async (typed) => {
    expect(await crm.match(agent, typed)).toEqual({ records: [], more: false });
  });

  it('finds the new number after a change and the old one no more', async () => {
    const made = await contact('Moved', { MobilePhone: '07700 900100' });
    await crm.update(agent, made.id, { MobilePhone: '07700 900101' });
    expect(idsOf(await crm.match(agent, '+447700900100'))).toEqual([]);
    expect(idsOf(await crm.match(agent, '+447700900101'))).toEqual([made.id]);
  });

  it('names a record once, though two of its fields have the number', async () => {
    const made = await contact('Twice', { Phone: '07700 900102', MobilePhone: '+447700900102' });
    expect(idsOf(await crm.match(agent, '07700900102'))).toEqual([made.id]);
  });

  it('leaves an account out that only repeats its one person, and keeps a switchboard before nobody', async () => {
    const account = await make('Account', { Name: 'Sole Trader', Phone: '0161 496 0001' });
    const trader = await contact('Trader', { AccountId: account.id, Phone: '0161 496 0001' });
    expect(idsOf(await crm.match(agent, '01614960001'))).toEqual([trader.id]);
    const partner = await contact('Partner', { AccountId: account.id, Phone: '0161 496 0001' });
    expect(idsOf(await crm.match(agent, '01614960001'))).toEqual([partner.id, trader.id, account.id]);
  });

  it('puts direct numbers before an assistant’s or a fax', async () => {
    const boss = await contact('Aardvark', { AssistantPhone: '0161 496 0002' });
    const helper = await contact('Zebra', { Phone: '0161 496 0002' });
    expect(idsOf(await crm.match(agent, '01614960002'))).toEqual([helper.id, boss.id]);
  });

  it('caps what it finds and says that there is more', async () => {
    for (let i = 0; i < 4; i++) await contact(`Shared ${i}`, { Phone: '0161 496 0003' });
    const found = await crm.match(agent, '01614960003', { limit: 3 });
    expect(found.records.map((r) => r.name)).toEqual(['Shared 0', 'Shared 1', 'Shared 2']);
    expect(found.more).toBe(true);
  });

  it('gives up at its deadline', async () => {
    const slow = errorOf(crm.match(agent, '+442079460958', { deadlineMs: 5 }));
    await clock.advance(5);
    expect(await slow).toMatchObject({ code: 'timeout' });
  });
});

describe('search', () => {
  let zoe: CrmRecord;
  let firm: CrmRecord;

  beforeAll(async () => {
    firm = await make('Account', { Name: 'Brontë & Søn Bakeries', Phone: '0161 496 0100' });
    zoe = await contact('Müller-Lüdenscheidt', {
      FirstName: 'Zoë',
      Email: 'zoe@bakery.example',
      MobilePhone: '07700 900200',
    });
  });

  it.each(['zoe', 'ZOË', 'muller', 'ludensch zoe', 'Zoë Müller', 'bakery.example', 'zoe@bakery'])(
    'finds a person by %j',
    async (typed) => {
      expect(idsOf(await crm.search(agent, typed))).toEqual([zoe.id]);
    },
  );

  it.each(['bronte', 'son bak', '0161 496 0100', '+44161496', '0161 4960', '960100'])(
    'finds a company by %j',
    async (typed) => {
      expect(idsOf(await crm.search(agent, typed))).toContain(firm.id);
    },
  );

  it.each(['07700 900200', '+44 7700 900200', '00447700900200', '900200', '0200', '07700 9002', '7700 9002'])(
    'finds a person by the number %s',
    async (typed) => {
      expect(idsOf(await crm.search(agent, typed))).toContain(zoe.id);
    },
  );

  it.each(['', '   ', '%', "'", "zoe' | 'a", '\\', ':*', 'zoe & !x'])('survives %j', async (typed) => {
    const { records } = await crm.search(agent, typed);
    expect(records.every((r) => r.id === zoe.id)).toBe(true);
  });

  it('finds whole names among many that begin alike, and the exact name first', async () => {
    for (let i = 0; i < 30; i++) await contact(`Annabel${String(i).padStart(2, '0')}`);
    const anna = await contact('Anna');
    const found = await crm.search(agent, 'anna', { limit: 5 });
    expect(found.records[0]?.id).toBe(anna.id);
    expect(found).toMatchObject({ more: true, records: { length: 5 } });
  });

  it('keeps to the objects asked for', async () => {
    expect(idsOf(await crm.search(agent, 'zoe', { objects: ['Account'] }))).toEqual([]);
    expect(await errorOf(crm.search(agent, 'zoe', { objects: ['Rocket'] }))).toMatchObject({
      code: 'not-found',
    });
  });

  it('finds a case by its number', async () => {
    const made = await make('Case', { Subject: 'Stale bread', AccountId: firm.id });
    const found = await crm.search(agent, String(made.fields.CaseNumber));
    expect(found.records).toMatchObject([
      { id: made.id, name: 'Stale bread', detail: `${made.fields.CaseNumber} · New · Brontë & Søn Bakeries` },
    ]);
  });
});

describe('lists', () => {
  beforeAll(async () => {
    for (const [LastName, City] of [
      ['Éclair', 'Paris'],
      ['eagle', 'York'],
      ['Zebedee', 'Bath'],
      ['Apt', 'Paris'],
    ] as const) {
      await clock.advance(1_000);
      await make('Lead', { LastName, Company: 'Listed plc', City });
    }
  });

  const walk = async (options: Parameters<BuiltinCrm['list']>[2]) => {
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await crm.list(agent, 'Lead', { ...options, limit: 2, ...(after ? { after } : {}) });
      expect(page.total).toBe(4);
      names.push(...page.records.map((r) => r.name));
      after = page.next ?? undefined;
    } while (after);
    return names;
  };

  it.each([
    ['name', 'asc', ['Apt', 'eagle', 'Éclair', 'Zebedee']],
    ['Name', 'desc', ['Zebedee', 'Éclair', 'eagle', 'Apt']],
    ['createdAt', 'desc', ['Apt', 'Zebedee', 'eagle', 'Éclair']],
    ['updatedAt', 'asc', ['Éclair', 'eagle', 'Zebedee', 'Apt']],
    ['City', 'asc', ['Zebedee', 'Éclair', 'Apt', 'eagle']],
  ] as const)('walks page by page by %s %s', async (sort, direction, names) => {
    expect(await walk({ sort, direction })).toEqual(names);
  });

  it('filters by the beginnings of words and by numbers', async () => {
    const made = await make('Lead', { LastName: 'Dialled', Company: 'Other', Phone: '07700 900300' });
    expect(idsOf(await crm.list(agent, 'Lead', { text: '0300' }))).toEqual([made.id]);
    expect((await crm.list(agent, 'Lead', { text: 'ecl lis' })).records.map((r) => r.name)).toEqual([
      'Éclair',
    ]);
    expect(await crm.list(agent, 'Lead', { text: '???' })).toEqual({ records: [], total: 0, next: null });
    await crm.remove(administrator, made.id);
  });

  it('sorts numbers as numbers', async () => {
    for (const [Name, NumberOfEmployees] of [
      ['Nine', 9],
      ['Ten', 10],
      ['None', null],
    ] as const) {
      await make('Account', { Name: `Sized ${Name}`, NumberOfEmployees });
    }
    const first = await crm.list(agent, 'Account', { text: 'sized', sort: 'NumberOfEmployees', limit: 2 });
    expect(first.records.map((r) => r.name)).toEqual(['Sized Nine', 'Sized Ten']);
    const rest = await crm.list(agent, 'Account', {
      text: 'sized',
      sort: 'NumberOfEmployees',
      limit: 2,
      after: first.next ?? '',
    });
    expect(rest.records.map((r) => r.name)).toEqual(['Sized None']);
  });

  it.each([
    [{ sort: 'Shoe' }, 'Shoe'],
    [{ sort: 'constructor' }, 'constructor'],
    [{ after: 'nonsense' }, 'after'],
    [{ sort: 'createdAt', after: Buffer.from('["x","y"]').toString('base64url') }, 'after'],
  ])('refuses %j', async (options, field) => {
    expect(await errorOf(crm.list(agent, 'Lead', options))).toMatchObject({
      code: 'bad-input',
      data: { field },
    });
  });
});

describe('what surrounds a record', () => {
  it('lists records that refer to it, newest first', async () => {
    const account = await make('Account', { Name: 'Parent' });
    const first = await contact('Child one', { AccountId: account.id });
    await clock.advance(1_000);
    const second = await contact('Child two', { AccountId: account.id });
    const page = await crm.related(agent, account.id, 'Contact', 'AccountId');
    expect(page.records.map((r) => r.id)).toEqual([second.id, first.id]);
    expect(page.total).toBe(2);
    expect(await errorOf(crm.related(agent, account.id, 'Contact', 'Title'))).toMatchObject({
      code: 'bad-input',
    });
  });

  it('shows tasks about a record, and an account’s people’s and cases’ too', async () => {
    const account = await make('Account', { Name: 'Timeline' });
    const person = await contact('Lined', { AccountId: account.id });
    const supportCase = await make('Case', { Subject: 'Line', AccountId: account.id });
    const tasks: string[] = [];
    const links: Record<string, string>[] = [
      { WhoId: person.id },
      { WhatId: supportCase.id },
      { WhatId: account.id },
    ];
    for (const link of links) {
      await clock.advance(1_000);
      tasks.unshift((await make('Task', { Subject: 'Step', ...link })).id);
    }
    expect(idsOf(await crm.activity(agent, account.id))).toEqual(tasks);
    expect(idsOf(await crm.activity(agent, person.id))).toEqual([tasks[2]]);
    expect(idsOf(await crm.activity(agent, supportCase.id))).toEqual([tasks[1]]);
  });
});

describe('the call log', () => {
  const entry = (changes: Partial<CallLogEntry> = {}): CallLogEntry => ({
    conversationId: 'conv_1',
    userId: 'user_ada',
    direction: 'inbound',
    from: '020 7946 0958',
    to: '+441614960000',
    startedAt: Date.UTC(2026, 0, 5, 23, 59, 0),
    durationSeconds: 61.4,
    subject: 'Call from Ada',
    comments: 'Asked for gears',
    disposition: 'sale',
    who: null,
    what: null,
    ...changes,
  });
  const ref = ({ id, object, name }: CrmRecord) => ({ id, object, name });
  const count = async () => (await crm.list(agent, 'Task', { text: 'conv' })).total;

  it('is one closed task with all that is known of the call', async () => {
    const account = await make('Account', { Name: 'Logged' });
    const person = await contact('Logged', { AccountId: account.id });
    const written = await crm.writeCallLog('k1', entry({ who: ref(person), what: ref(account) }));
    const task = await crm.read(agent, written.id);
    expect(written).toMatchObject({ object: 'Task', name: 'Call from Ada' });
    expect(task.fields).toEqual({
      Subject: 'Call from Ada',
      Status: 'Completed',
      Priority: 'Normal',
      ActivityDate: '2026-01-05',
      WhoId: person.id,
      WhatId: account.id,
      AccountId: account.id,
      Description: 'Asked for gears',
      TaskSubtype: 'Call',
      CallType: 'Inbound',
      CallDisposition: 'sale',
      CallDurationInSeconds: 61,
      CallStart: '2026-01-05T23:59:00.000Z',
      CallFrom: '+442079460958',
      CallTo: '+441614960000',
      CallObject: 'conv_1',
      OwnerId: 'user_ada',
    });
    expect(idsOf(await crm.activity(agent, person.id))).toEqual([written.id]);
  });

  it('stays one task when it is written again, also at the same moment', async () => {
    const before = await count();
    const twice = entry({ conversationId: 'conv_2' });
    const refs = await Promise.all(
      [1, 2, 3, 4].map((n) => crm.writeCallLog(`k${n}`, { ...twice, comments: `${n}` })),
    );
    const last = await crm.writeCallLog('k2', { ...twice, comments: 'the last word', disposition: null });
    expect(new Set([...refs, last].map((r) => r.id)).size).toBe(1);
    expect(await count()).toBe(before + 1);
    expect((await crm.read(agent, last.id)).fields).toMatchObject({
      Description: 'the last word',
      CallDisposition: null,
    });
  });

  it('is a task of its own for each agent of a conversation', async () => {
    const mine = await crm.writeCallLog('k', entry({ conversationId: 'conv_3' }));
    const yours = await crm.writeCallLog('k', entry({ conversationId: 'conv_3', userId: 'user_bob' }));
    expect(mine.id).not.toBe(yours.id);
    expect(await errorOf(crm.update(agent, yours.id, { Description: 'X' }))).toMatchObject({
      code: 'not-allowed',
    });
  });

  it('is not lost for a person who is gone, a link of the wrong kind, or a text too long', async () => {
    const wrong = await make('Case', { Subject: 'Wrong kind' });
    const gone = { id: '003zzzzzzzzzzzz', object: 'Contact', name: 'Gone' };
    const written = await crm.writeCallLog(
      'k',
      entry({
        conversationId: 'conv_4',
        who: ref(wrong),
        what: gone,
        subject: 'S'.repeat(300),
        comments: `${'C'.repeat(40_000)}\u0000`,
        from: 'anonymous',
        to: '',
      }),
    );
    const { fields } = await crm.read(agent, written.id);
    expect(fields).toMatchObject({ WhoId: null, WhatId: null, CallFrom: 'anonymous', CallTo: null });
    expect(String(fields.Subject)).toHaveLength(255);
    expect(String(fields.Description)).toHaveLength(32_000);
  });

  it('keeps what happened on the line from being edited', async () => {
    const written = await crm.writeCallLog('k', entry({ conversationId: 'conv_5' }));
    expect(await errorOf(crm.update(agent, written.id, { CallDurationInSeconds: 5 }))).toMatchObject({
      code: 'bad-input',
    });
    expect((await crm.update(agent, written.id, { Description: 'Corrected' })).fields.Description).toBe(
      'Corrected',
    );
  });

  it('finds nobody by the numbers of a call', async () => {
    await crm.writeCallLog('k', entry({ conversationId: 'conv_6', from: '07700 900999' }));
    expect(idsOf(await crm.match(agent, '07700 900999'))).toEqual([]);
  });
});

describe('the objects', () => {
  it('are described with fields, prefixes and related lists that exist', async () => {
    const objects = await crm.objects();
    expect(objects.map((o) => `${o.prefix} ${o.name}`)).toEqual([
      '001 Account',
      '003 Contact',
      '00Q Lead',
      '500 Case',
      '00T Task',
    ]);
    for (const { nameField, fields, related } of objects) {
      expect(fields.map((f) => f.name)).toContain(nameField);
      for (const { object, field } of related) {
        expect(objects.find((o) => o.name === object)?.fields.map((f) => f.name)).toContain(field);
      }
    }
  });
});
