/**
 * Demo data for a new installation: the same every time but for its dates. All numbers are from the ranges that Ofcom and
 * the North American numbering plan keep for fiction, so that nobody is called by trying out.
 */

import type { Database, Sql } from '../../store/database.ts';
import { STANDARD_SET } from './object-set.ts';
import {
  ACCOUNTS,
  type AccountSeed,
  CASES,
  FIRST_NAMES,
  LAST_NAMES,
  LEADS,
  TASKS,
  TITLES,
} from './seed-data.ts';
import { fold } from './terms.ts';
import { checkFields, defaultsOf, type Fields } from './validate.ts';
import { insertRecord, type WritePlace } from './write.ts';

/** The contact that the README calls from. */
export const DEMO_CONTACT = {
  name: 'Ada Lovelace',
  account: 'Analytical Engines Ltd',
  number: '+442079460958',
};

export interface SeedOptions {
  /** UTC milliseconds: the data's dates lie around it. */
  now: number;
  /** Ids of the users that own the records, in turn; one at least. */
  owners: readonly string[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CONTACTS_EACH = 3;

/** Fills an empty CRM; does nothing and resolves to false when there is any record. */
export async function seedCrm(db: Database, options: SeedOptions): Promise<boolean> {
  return await db.tx(async (sql) => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('seed-crm', 0))");
    if ((await sql.query('SELECT 1 FROM record LIMIT 1')).length > 0) return false;
    let made = 0;
    const insert: Insert = async (object, fields, age) => {
      const meta = STANDARD_SET.named(object);
      const owner = options.owners[made++ % options.owners.length] ?? '';
      const checked = { ...defaultsOf(meta), ...checkFields(meta, writable(object, fields), {}, 'GB') };
      const all = { ...checked, ...derived(object, fields) };
      const row = await insertRecord(place(sql, options.now - age), meta, all, owner);
      return row.id;
    };
    const people = await seedPeople(insert);
    await seedLeads(insert);
    await seedWork(insert, people, options.now);
    return true;
  });
}

function place(sql: Sql, now: number): WritePlace {
  return { sql, objects: STANDARD_SET, country: 'GB', now };
}

/** Inserts a record as if it had been made `age` milliseconds ago; resolves to its id. */
type Insert = (object: string, fields: Fields, age: number) => Promise<string>;

interface Person {
  id: string;
  accountId: string;
  firstName: string;
  number: string;
}

/** What a call leaves in its task, which nobody types. */
const CALL_FIELDS = ['CallType', 'CallDurationInSeconds', 'CallStart', 'CallFrom', 'CallTo'];

function writable(object: string, fields: Fields): Fields {
  if (object !== 'Task') return fields;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !CALL_FIELDS.includes(name)));
}

function derived(object: string, fields: Fields): Fields {
  if (object !== 'Task') return {};
  return Object.fromEntries(Object.entries(fields).filter(([name]) => CALL_FIELDS.includes(name)));
}

async function seedPeople(insert: Insert): Promise<Person[]> {
  const people: Person[] = [];
  for (const [i, seed] of ACCOUNTS.entries()) {
    const age = (400 - i * 9) * DAY;
    const accountId = await insert('Account', accountFields(seed, i), age);
    for (let j = 0; j < CONTACTS_EACH; j++) {
      const n = i * CONTACTS_EACH + j;
      const fields = contactFields(seed, n, accountId);
      const id = await insert('Contact', fields, age - (j + 1) * DAY);
      people.push({ id, accountId, firstName: String(fields.FirstName), number: String(fields.Phone) });
    }
  }
  return people;
}

function accountFields(seed: AccountSeed, i: number): Fields {
  return {
    Name: seed.name,
    Phone: lineNumber(seed.city, 100 + i),
    Website: `https://www.${domainOf(seed)}`,
    Type: (['Customer', 'Customer', 'Prospect', 'Partner'] as const)[i % 4] ?? 'Customer',
    Industry: seed.industry,
    NumberOfEmployees: 12 + ((i * 37) % 480),
    BillingStreet: seed.street,
    BillingCity: seed.city,
    BillingCountry: seed.city === 'New York' ? 'United States' : 'United Kingdom',
  };
}

function contactFields(seed: AccountSeed, n: number, accountId: string): Fields {
  const ada = n === 0;
  const first = ada ? 'Ada' : (FIRST_NAMES[n % FIRST_NAMES.length] ?? '');
  const last = ada ? 'Lovelace' : (LAST_NAMES[(n * 7) % LAST_NAMES.length] ?? '');
  return {
    FirstName: first,
    LastName: last,
    AccountId: accountId,
    Title: ada ? 'Director of Analysis' : (TITLES[n % TITLES.length] ?? null),
    Email: mailAddress(`${first}.${last}@${domainOf(seed)}`),
    Phone: ada ? DEMO_CONTACT.number : contactLine(seed.city, n),
    MobilePhone: `07700 900${100 + n}`,
    MailingCity: seed.city,
  };
}

/** Every fourth company has one switchboard number for all: its callers pop a list. */
function contactLine(city: string, n: number): string {
  const account = Math.floor(n / CONTACTS_EACH);
  return account % 4 === 3 ? lineNumber(city, 100 + account) : lineNumber(city, 200 + n);
}

function lineNumber(city: string, n: number): string {
  if (city === 'New York') return `+1 ${n < 200 ? 212 : 646} 555 01${String(n % 100).padStart(2, '0')}`;
  return city === 'Manchester' ? `0161 496 0${n}` : `020 7946 0${n}`;
}

function domainOf(seed: AccountSeed): string {
  const words = seed.name
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .split(' ');
  return `${words.slice(0, 2).join('-')}.example`;
}

async function seedLeads(insert: Insert): Promise<void> {
  for (const [i, [FirstName, LastName, Company, Status]] of LEADS.entries()) {
    const fields = {
      FirstName,
      LastName,
      Company,
      Status,
      Phone: i % 2 === 0 ? `0161 496 0${700 + i}` : `020 7946 0${700 + i}`,
      MobilePhone: `07700 900${700 + i}`,
      Email: mailAddress(`${FirstName}@${Company.split(' ')[0]}.example`),
      Rating: ['Hot', 'Warm', 'Cold'][i % 3] ?? null,
      LeadSource: ['Web', 'Phone', 'Referral'][i % 3] ?? null,
      City: i % 2 === 0 ? 'Manchester' : 'London',
    };
    await insert('Lead', fields, (3 + i * 2) * DAY);
  }
}

/** Cases of some people, and what was done: calls that were logged, and tasks that are still open. */
async function seedWork(insert: Insert, people: readonly Person[], now: number): Promise<void> {
  for (const [i, [Subject, Status, Priority, Description]] of CASES.entries()) {
    const person = people[(i * 5) % people.length];
    if (!person) continue;
    const links = { ContactId: person.id, AccountId: person.accountId };
    const age = (1 + i) * DAY;
    const kind = { Origin: i % 3 === 0 ? 'Email' : 'Phone', Type: i % 2 === 0 ? 'Problem' : 'Question' };
    const caseId = await insert('Case', { Subject, Status, Priority, Description, ...kind, ...links }, age);
    const call = callFields(person, now - age + HOUR, 90 + i * 23, i % 3 === 1);
    await insert('Task', { ...call, WhatId: caseId, Description: `About: ${Subject}` }, age - HOUR);
  }
  for (const [i, [Subject, days, Priority]] of TASKS.entries()) {
    const person = people[(i * 11) % people.length];
    if (!person) continue;
    const ActivityDate = dateOf(now + days * DAY);
    const fields = {
      Subject,
      Priority,
      ActivityDate,
      TaskSubtype: 'Task',
      WhoId: person.id,
      WhatId: person.accountId,
    };
    await insert('Task', fields, (i + 1) * 7 * HOUR);
  }
}

function callFields(person: Person, at: number, seconds: number, outbound: boolean): Fields {
  const ours = '+442079460000';
  return {
    Subject: outbound ? `Call to ${person.firstName}` : `Call from ${person.firstName}`,
    Status: 'Completed',
    TaskSubtype: 'Call',
    ActivityDate: dateOf(at),
    WhoId: person.id,
    CallType: outbound ? 'Outbound' : 'Inbound',
    CallStart: new Date(at).toISOString(),
    CallDurationInSeconds: seconds,
    CallFrom: outbound ? ours : person.number,
    CallTo: outbound ? person.number : ours,
  };
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** As people write it who have accents in their names. */
function mailAddress(text: string): string {
  return fold(text).replace(/[^a-z0-9.@-]/g, '');
}
