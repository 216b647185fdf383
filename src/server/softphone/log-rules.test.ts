import { describe, expect, it } from 'vitest';
import type { RecordRef } from '../../protocol/facts.ts';
import { type Conversation, emptyConversation, type Leg } from '../telephony/model.ts';
import { candidatesOf, firstLinks, linkOpened, talkMs } from './log-rules.ts';

const record = (object: string, id = object): RecordRef => ({ id, object, name: `${object} ${id}` });
const [person, lead, account, ticket, task] = ['Contact', 'Lead', 'Account', 'Case', 'Task'].map((object) =>
  record(object),
) as [RecordRef, RecordRef, RecordRef, RecordRef, RecordRef];
const free = { who: false, what: false };

describe('the links a log begins with', () => {
  it('are the single match and the case or account that is open', () => {
    expect(firstLinks(person, ticket)).toEqual({ who: person, what: ticket });
    expect(firstLinks(account, undefined)).toEqual({ what: account });
    expect(firstLinks(undefined, person)).toEqual({ who: person });
  });

  it('are not a person who is open while somebody else calls', () => {
    expect(firstLinks(lead, person)).toEqual({ who: lead });
    expect(firstLinks(account, person)).toEqual({ what: account });
  });
});

describe('opening a record during the call', () => {
  it('fills what is empty and nothing else', () => {
    expect(linkOpened({ who: null, what: null }, person, free)).toEqual({ who: person });
    expect(linkOpened({ who: lead, what: null }, person, free)).toEqual({});
    expect(linkOpened({ who: lead, what: null }, account, free)).toEqual({ what: account });
    expect(linkOpened({ who: null, what: null }, task, free)).toEqual({});
  });

  it('puts a case in the place of an account, not of another case', () => {
    expect(linkOpened({ who: null, what: account }, ticket, free)).toEqual({ what: ticket });
    expect(linkOpened({ who: null, what: ticket }, record('Case', 'other'), free)).toEqual({});
    expect(linkOpened({ who: null, what: ticket }, account, free)).toEqual({});
  });

  it('leaves what the agent chose by hand, also when he chose nothing', () => {
    expect(linkOpened({ who: null, what: account }, ticket, { who: false, what: true })).toEqual({});
    expect(linkOpened({ who: null, what: null }, person, { who: true, what: false })).toEqual({});
  });
});

it('offers chosen, matched and visited people and things once each', () => {
  expect(candidatesOf({ who: person, what: null }, [person, account], [ticket, account, task])).toEqual([
    person,
    account,
    ticket,
  ]);
});

describe('the talk time', () => {
  const leg = (id: string, from: number, to: number | undefined, userId?: string): [string, Leg] => [
    id,
    {
      id,
      callId: 'c',
      role: userId ? 'agent' : 'customer',
      ...(userId ? { userId } : {}),
      address: { kind: 'unknown', raw: '', value: '' },
      state: 'connected',
      muted: false,
      lost: false,
      joined: true,
      createdAt: 0,
      connectedAt: from,
      heldMs: 0,
      ...(to === undefined ? {} : { clearedAt: to }),
    },
  ];
  const of = (...legs: [string, Leg][]): Conversation => ({
    ...emptyConversation('v', 0),
    legs: new Map(legs),
  });

  it('counts from when both are connected until one is gone', () => {
    expect(talkMs(of(leg('cust', 100, 9_000), leg('a', 2_000, 9_500, 'ann')), 'c', 'ann', 10_000)).toBe(
      7_000,
    );
    expect(talkMs(of(leg('a', 500, 9_000, 'ann'), leg('ext', 3_000, 9_000)), 'c', 'ann', 10_000)).toBe(6_000);
  });

  it('counts a lost leg and the one in its place once', () => {
    expect(
      talkMs(
        of(leg('cust', 0, 10_000), leg('a', 1_000, 6_000, 'ann'), leg('b', 5_000, 10_000, 'ann')),
        'c',
        'ann',
        10_000,
      ),
    ).toBe(9_000);
  });

  it('is nothing for an agent who never was connected', () => {
    expect(talkMs(of(leg('cust', 0, 10_000)), 'c', 'ann', 10_000)).toBe(0);
  });
});
