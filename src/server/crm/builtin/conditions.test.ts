import { beforeAll, describe, expect, it } from 'vitest';
import { agent, colleague, errorOf, testCrm } from '../../../../test/harness/crm.ts';
import type { CrmRecord } from '../../../protocol/crm.ts';
import type { ListCondition } from '../../../protocol/list-views.ts';
import type { Actor } from '../ports.ts';

const { crm, clock, make, contact } = await testCrm();
let acme: CrmRecord;

beforeAll(async () => {
  acme = await make('Account', {
    Name: 'Acme',
    Type: 'Customer',
    NumberOfEmployees: 40,
    BillingCity: 'London',
  });
  await make('Account', {
    Name: 'Zürich Re',
    Type: 'Partner',
    NumberOfEmployees: 4_000,
    BillingCity: 'Zürich',
  });
  await make('Account', { Name: 'Bare_100%', BillingCity: 'Londonderry' });
  await contact('King', { Phone: '020 7946 0958', AccountId: acme.id, Email: 'ada@acme.example' });
  await contact('Smith-Jones', { MobilePhone: '+1 212 555 0147', Email: 'sj@other.example' });
  await crm.create(colleague, 'Contact', { LastName: 'Lamarr' });
  const day = (days: number) => new Date(clock.now() + days * 86_400_000).toISOString().slice(0, 10);
  for (const days of [-40, -1, 0, 1, 20]) await make('Task', { Subject: `${days}`, ActivityDate: day(days) });
});

type Triple = [field: string, operator: ListCondition['operator'], ...values: string[]];

async function named(
  object: string,
  conditions: Triple[],
  more: { actor?: Actor; zone?: string; text?: string } = {},
) {
  const { actor = agent, ...options } = more;
  const page = await crm.list(actor, object, {
    ...options,
    conditions: conditions.map(([field, operator, ...values]) => ({ field, operator, values })),
  });
  expect(page.total).toBe(page.records.length);
  return page.records.map((record) => record.name);
}

describe('a list with conditions', () => {
  it.each<[Triple, string[]]>([
    [['BillingCity', 'equals', 'london'], ['Acme']],
    [['BillingCity', 'equals', 'ZÜRICH'], ['Zürich Re']],
    [
      ['BillingCity', 'startsWith', 'Lond'],
      ['Acme', 'Bare_100%'],
    ],
    [['BillingCity', 'contains', 'onder'], ['Bare_100%']],
    [
      ['BillingCity', 'notEquals', 'London'],
      ['Bare_100%', 'Zürich Re'],
    ],
    [['Name', 'contains', '_1'], ['Bare_100%']],
    [['Name', 'contains', '0%'], ['Bare_100%']],
    [['Name', 'startsWith', '%'], []],
    [
      ['Type', 'equals', 'Customer', 'Partner'],
      ['Acme', 'Zürich Re'],
    ],
    [
      ['Type', 'notEquals', 'Customer'],
      ['Bare_100%', 'Zürich Re'],
    ],
    [['Type', 'empty'], ['Bare_100%']],
    [
      ['Type', 'notEmpty'],
      ['Acme', 'Zürich Re'],
    ],
    [['NumberOfEmployees', 'greaterThan', '40'], ['Zürich Re']],
    [['NumberOfEmployees', 'lessThan', '41'], ['Acme']],
    [['NumberOfEmployees', 'equals', '40', '7'], ['Acme']],
  ])('of accounts: %j', async (condition, names) => {
    expect(await named('Account', [condition])).toEqual(names);
  });

  it.each<[Triple, string[]]>([
    [['Phone', 'equals', '0044 20 7946 0958'], ['King']],
    [['Phone', 'startsWith', '020 79'], ['King']],
    [['Phone', 'contains', '946'], ['King']],
    [['MobilePhone', 'equals', '+12125550147'], ['Smith-Jones']],
    [
      ['MobilePhone', 'empty'],
      ['King', 'Lamarr'],
    ],
    [['LastName', 'equals', 'smith-jones'], ['Smith-Jones']],
    [['LastName', 'startsWith', 'Smith-J'], ['Smith-Jones']],
    [['Email', 'contains', '@acme'], ['King']],
    [
      ['OwnerId', 'equals', 'me'],
      ['King', 'Smith-Jones'],
    ],
    [['OwnerId', 'notEquals', 'me'], ['Lamarr']],
    [
      ['createdAt', 'within', 'today'],
      ['King', 'Lamarr', 'Smith-Jones'],
    ],
    [['createdAt', 'within', 'before-today'], []],
  ])('of contacts: %j', async (condition, names) => {
    expect(await named('Contact', [condition])).toEqual(names);
  });

  it.each<[Triple, string[]]>([
    [['ActivityDate', 'within', 'today'], ['0']],
    [['ActivityDate', 'within', 'yesterday'], ['-1']],
    [
      ['ActivityDate', 'within', 'last-30-days'],
      ['-1', '0'],
    ],
    [
      ['ActivityDate', 'within', 'next-30-days'],
      ['0', '1', '20'],
    ],
    [
      ['ActivityDate', 'within', 'before-today'],
      ['-1', '-40'],
    ],
    [
      ['ActivityDate', 'within', 'after-today'],
      ['1', '20'],
    ],
  ])('of tasks: %j', async (condition, names) => {
    expect((await named('Task', [condition])).sort()).toEqual(names);
  });

  it('shows what meets all of them, and the words typed above the list too', async () => {
    const mine: Triple[] = [
      ['AccountId', 'equals', acme.id],
      ['OwnerId', 'equals', 'me'],
    ];
    expect(await named('Contact', mine)).toEqual(['King']);
    expect(await named('Contact', mine, { actor: colleague })).toEqual([]);
    expect(await named('Contact', [['OwnerId', 'equals', 'me']], { text: 'smi' })).toEqual(['Smith-Jones']);
  });

  it('reads days in the reader’s zone', async () => {
    // Where it is already tomorrow, today's task is yesterday's.
    const zone = new Date(clock.now()).getUTCHours() < 12 ? 'Pacific/Pago_Pago' : 'Pacific/Kiritimati';
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(clock.now());
    const expected =
      today === new Date(clock.now()).toISOString().slice(0, 10)
        ? ['0']
        : [today < new Date(clock.now()).toISOString().slice(0, 10) ? '-1' : '1'];
    expect(await named('Task', [['ActivityDate', 'within', 'today']], { zone })).toEqual(expected);
  });

  it.each<[Triple, string]>([
    [['Nothing', 'equals', 'x'], 'Nothing'],
    [['Type', 'contains', 'x'], 'Type'],
    [['Type', 'equals'], 'Type'],
    [['NumberOfEmployees', 'lessThan', 'many'], 'NumberOfEmployees'],
    [['Phone', 'equals', 'nobody'], 'Phone'],
    [['createdAt', 'within', 'some day'], 'createdAt'],
    [['createdAt', 'equals', '01/02/2026'], 'createdAt'],
  ])('refuses %j and names the field', async (condition, field) => {
    const error = await errorOf(named('Account', [condition]));
    expect(error).toMatchObject({ code: 'bad-input', data: { field } });
  });
});

describe('what was viewed last', () => {
  it('is each user’s own, the newest first, and of one object as a page', async () => {
    const [king] = (await crm.list(agent, 'Contact', { text: 'king' })).records;
    const viewed: string[] = [acme.id, king?.id ?? '', acme.id];
    for (const id of viewed) {
      await clock.advance(1_000);
      await crm.noteViewed(agent, id);
    }
    await crm.noteViewed(agent, '003000000000zzz');
    expect((await crm.viewed(agent)).map((ref) => ref.name)).toEqual(['Acme', 'King']);
    expect((await crm.viewedPage(agent, 'Contact')).records.map((record) => record.name)).toEqual(['King']);
    expect(await crm.viewed(colleague)).toEqual([]);
  });
});
