import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../lib/clock.ts';
import { Emitter } from '../lib/emitter.ts';
import type { ErrorBody } from '../protocol/errors.ts';
import { TrunkSettings } from '../protocol/trunks.ts';
import type { Trunk } from './callcenter/trunks.ts';
import { watchEmergencies } from './emergency-alerts.ts';
import type { ConversationEvents, Conversations } from './telephony/conversations.ts';
import { describeTrunk } from './trunk-board.ts';
import { readArrival, TrunkLimits } from './trunk-rules.ts';

const account = { kind: 'registration', registrar: 'sip.example.com', user: 'acme' };

function trunk(more: object = {}): Trunk {
  const base = { label: 'T', platformId: 'private', connection: account, numbers: { country: 'GB' } };
  return { ...TrunkSettings.parse({ ...base, ...more }), id: 'trunk_1' };
}

describe('the limits of a trunk', () => {
  it('hold the calls at once and those of any one second', async () => {
    const clock = new VirtualClock();
    let calls = 0;
    const limited = trunk({ maxCalls: 3, callsPerSecond: 2 });
    const limits = new TrunkLimits({ trunks: { get: () => limited }, callsOn: () => calls, clock });
    const begin = () => limits.admits('trunk_1') && ++calls > 0;
    expect([begin(), begin(), begin()]).toEqual([true, true, false]);
    await clock.advance(1_000);
    expect(limits.hasRoom('trunk_1')).toBe(true);
    expect([begin(), begin()]).toEqual([true, false]);
    await clock.advance(1_000);
    expect(begin()).toBe(false);
    calls--;
    expect(begin()).toBe(true);
  });

  it('are none where none were set', () => {
    const limits = new TrunkLimits({
      trunks: { get: () => trunk() },
      callsOn: () => 10_000,
      clock: new VirtualClock(),
    });
    expect(Array.from({ length: 50 }, () => limits.admits('trunk_1'))).not.toContain(false);
  });
});

describe('what arrives by a trunk', () => {
  const own = { dnis: '+442079460000', trunkId: 'trunk_1' };
  const arrival = (ani: string, dnis: string) => ({ entry: 'trunk:trunk_1', ani, dnis });

  it('has E.164 numbers, and a provider’s account means the one number of the trunk', () => {
    expect(readArrival(trunk(), arrival('02079460958', '02079460000'), [])).toMatchObject({
      ani: '+442079460958',
      dnis: '+442079460000',
    });
    expect(readArrival(trunk(), arrival('anonymous', 'acme'), [own])).toMatchObject({
      ani: '',
      dnis: '+442079460000',
    });
  });

  it('stays what it was when the account could mean several', () => {
    const more = { dnis: '+442079460001', trunkId: 'trunk_1' };
    expect(readArrival(trunk(), arrival('1', 'acme'), [own, more]).dnis).toBe('acme');
  });
});

it.each<[object, string, RegExp]>([
  [{ registration: 'registered' }, 'ready', /Registered at sip\.example\.com/],
  [{ registration: 'refused' }, 'failed', /user, password and realm/],
  [{ registration: 'trying' }, 'trying', /Not registered/],
  [{ registration: 'unknown', reachable: false }, 'failed', /does not answer/],
  [{ registration: 'unknown', reachable: true }, 'ready', /answers/],
])('a report of %o is %s, in words', (report, state, text) => {
  const described = describeTrunk(trunk(), { name: 'trunk_1', ...report });
  expect(described).toMatchObject({ state });
  expect(described.text).toMatch(text);
});

it.each<[object, string, RegExp]>([
  [{ registration: 'trying', reachable: false }, 'failed', /TLS to sip\.example\.com.*certificate/],
  [{ registration: 'unknown', reachable: false }, 'failed', /TLS.*certificate/],
  [{ registration: 'refused', reachable: false }, 'failed', /TLS.*certificate/],
  [{ registration: 'refused' }, 'failed', /TLS.*certificate/],
  [{ registration: 'refused', reachable: true }, 'failed', /user, password and realm/],
  [{ registration: 'registered', reachable: false }, 'ready', /Registered/],
])('a report of %o by TLS is %s, and says when it is TLS', (report, state, text) => {
  const described = describeTrunk({ ...trunk(), transport: 'tls' }, { name: 'trunk_1', ...report });
  expect(described).toMatchObject({ state });
  expect(described.text).toMatch(text);
});

it('an emergency call is written down with its place and told to all who lead, and to nobody else', () => {
  const events = new Emitter<ConversationEvents>((error) => {
    throw error;
  });
  const recorded: unknown[] = [];
  const told: [string, ErrorBody][] = [];
  const user = (id: string, role: string, disabled = false) => ({ id, name: id, roles: [role], disabled });
  const users = [
    user('ann', 'agent'),
    user('sue', 'supervisor'),
    user('max', 'administrator'),
    user('old', 'supervisor', true),
  ];
  const site = { id: 'site_1', label: 'London', address: '1 High Street' };
  watchEmergencies({
    conversations: {
      events,
      record: (_id: string, list: unknown[]) => recorded.push(...list),
    } as unknown as Conversations,
    callCenter: { user: (id) => users.find((one) => one.id === id) as never, users: () => users as never },
    dialRights: { siteOf: () => site as never },
    log: pino({ level: 'silent' }),
    notify: (userId, notice) => told.push([userId, notice]),
  });
  const created = (kind: string, value: string) =>
    events.emit(
      'event',
      { id: 'conv_1' } as never,
      {
        type: 'call.created',
        callId: 'call_1',
        userId: 'ann',
        dnis: { kind, raw: value, value },
      } as never,
    );
  created('e164', '+442079460958');
  expect(recorded).toEqual([]);
  created('service', '999');
  expect(recorded).toMatchObject([{ type: 'emergency.called', number: '999', location: '1 High Street' }]);
  expect(told.map(([userId]) => userId)).toEqual(['sue', 'max']);
  expect(told[0]?.[1].message).toBe('Emergency call: ann dialled 999. Location: London: 1 High Street.');
});
