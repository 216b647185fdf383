import { beforeAll, describe, expect, it } from 'vitest';
import {
  administrator,
  agent,
  colleague,
  errorOf,
  idsOf,
  nobody,
  supervisor,
  testCrm,
} from '../../../../test/harness/crm.ts';
import type { BuiltinCrm } from './builtin-crm.ts';

const { crm, clock, make, contact } = await testCrm();

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
    expect(made).toMatchObject({
      object: 'Contact',
      name: 'Ada Lovelace',
      rev: 1,
      createdAt: clock.now(),
    });
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
