import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../protocol/address.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { TrunkSettings } from '../../protocol/trunks.ts';
import { type DialPlan, type DialRequest, planCall, USUAL_CLASS } from './dial-plan.ts';
import type { Trunk } from './trunks.ts';

function trunk(id: string, more: Partial<Trunk> = {}): Trunk {
  const settings = TrunkSettings.parse({
    label: id,
    platformId: 'private',
    connection: { kind: 'peer', host: `${id}.example` },
    numbers: { country: 'GB' },
  });
  return { ...settings, id, ...more };
}

const [FIRST, SECOND] = [trunk('first'), trunk('second')];
const OURS = ['+442079460000', '+442079460001', '+442079460002'].map((dnis) => ({ dnis, trunkId: null }));
const SITE = {
  id: 'site_1',
  label: 'London',
  address: '1 High Street, 2nd floor',
  country: 'GB',
  emergencyCallerId: '+442079460100',
};

function plan(more: Partial<DialPlan> = {}): DialPlan {
  return {
    trunks: [FIRST, SECOND],
    routes: [],
    entries: OURS,
    usable: () => true,
    hasRoom: () => true,
    ...more,
  };
}

function request(number: string, more: Partial<DialRequest> = {}): DialRequest {
  const to = parseAddress(number, 'GB');
  return { to, platformId: 'private', country: 'GB', callerIds: {}, ...more };
}

const trunks = (number: string, more: Partial<DialPlan> = {}, asked: Partial<DialRequest> = {}) =>
  planCall(plan(more), request(number, asked)).ways.map((way) => way.trunkId);
const shown = (asked: Partial<DialRequest>, more: Partial<DialPlan> = {}) =>
  planCall(plan(more), request('+33142685300', asked)).ways[0]?.callerId;
const refused = (code: ErrorCode) => expect.objectContaining({ code });

describe('which trunks are tried', () => {
  it('without a route: all, in their order', () => {
    expect(trunks('+33142685300')).toEqual(['first', 'second']);
  });

  it('the first route that fits, by beginning or by country, decides', () => {
    const routes = [
      { id: 'r1', label: 'Paris', prefixes: ['+331'], countries: [], trunkIds: ['second'] },
      { id: 'r2', label: 'Germany', prefixes: [], countries: ['DE'], trunkIds: ['second', 'first'] },
      { id: 'r3', label: 'Rest', prefixes: [], countries: [], trunkIds: ['first'] },
    ];
    expect(trunks('+33142685300', { routes })).toEqual(['second']);
    expect(trunks('+4930123456', { routes })).toEqual(['second', 'first']);
    expect(trunks('020 7946 0958', { routes })).toEqual(['first']);
  });

  it('one that is full is left out, one that does not answer comes last', () => {
    expect(trunks('+33142685300', { hasRoom: (id) => id !== 'first' })).toEqual(['second']);
    expect(trunks('+33142685300', { usable: (id) => id !== 'first' })).toEqual(['second', 'first']);
  });

  it.each<[string, Partial<DialPlan>, ErrorCode]>([
    ['there is none', { trunks: [] }, 'no-trunk'],
    ['it is switched off', { trunks: [trunk('off', { enabled: false })] }, 'no-trunk'],
    ['it is on another telephone system', { trunks: [trunk('x', { platformId: 'other' })] }, 'no-trunk'],
    [
      'it takes calls in only',
      { trunks: [trunk('in', { connection: { kind: 'peer', hosts: ['192.0.2.1'], port: 5060 } })] },
      'no-trunk',
    ],
    ['all are full', { hasRoom: () => false }, 'trunks-full'],
    [
      'none may call the country',
      { trunks: [trunk('x', { allowedCountries: ['GB'] })] },
      'country-not-allowed',
    ],
    ['no number is ours', { entries: [] }, 'no-caller-id'],
  ])('says why it cannot be called when %s', (_why, more, code) => {
    expect(() => trunks('+33142685300', more)).toThrow(refused(code));
  });

  it('writes the number as each trunk wants it', () => {
    const numbers = { ...FIRST.numbers, format: 'national' as const };
    const ways = planCall(plan({ trunks: [trunk('a', { numbers }), SECOND] }), request('020 7946 0958')).ways;
    expect(ways.map((way) => way.number)).toEqual(['02079460958', '+442079460958']);
  });
});

describe('the number that is shown', () => {
  const all = { campaign: '+442079460002', agent: '+442079460001', queue: '+442079460002' };

  it('is the campaign’s, the agent’s, the queue’s, the call center’s, the trunk’s, then any of ours', () => {
    const own = { trunks: [trunk('own', { callerId: '+442079460777' })] };
    expect(shown({ callerIds: all })).toBe('+442079460002');
    expect(shown({ callerIds: { ...all, campaign: undefined } })).toBe('+442079460001');
    expect(shown({ callerIds: { queue: '+442079460002', callCenter: '+442079460001' } })).toBe(
      '+442079460002',
    );
    expect(shown({ callerIds: { callCenter: '+442079460001' } }, own)).toBe('+442079460001');
    expect(shown({}, own)).toBe('+442079460777');
    expect(shown({})).toBe('+442079460000');
  });

  it('is never one that is not ours, nor another trunk’s', () => {
    expect(shown({ callerIds: { agent: '+15005550006', callCenter: '+442079460001' } })).toBe(
      '+442079460001',
    );
    const entries = [
      { dnis: '+442079460001', trunkId: 'second' },
      { dnis: '+442079460002', trunkId: 'first' },
    ];
    const asked = request('+33142685300', { callerIds: { agent: '+442079460001' } });
    expect(planCall(plan({ entries }), asked).ways.map((way) => way.callerId)).toEqual([
      '+442079460002',
      '+442079460001',
    ]);
  });
});

describe('a class of service', () => {
  it.each<[string, object, ErrorCode]>([
    ['020 7946 0958', { national: false }, 'class-not-allowed'],
    ['+33142685300', { international: false }, 'class-not-allowed'],
    ['0909 8790123', {}, 'class-not-allowed'],
    ['+33142685300', { countries: ['GB', 'DE'] }, 'country-not-allowed'],
    // satellites belong to no country and cost like premium numbers
    ['+881612345678', {}, 'class-not-allowed'],
  ])('refuses %s with %o', (number, more, code) => {
    const asked = request(number, { class: { ...USUAL_CLASS, ...more } });
    expect(() => planCall(plan(), asked)).toThrow(refused(code));
  });

  it.each<[string, object]>([
    ['020 7946 0958', { international: false }],
    ['0909 8790123', { premium: true }],
    ['+33142685300', { countries: ['FR'] }],
    ['0800 1111 111', { international: false }],
  ])('lets %s through with %o', (number, more) => {
    expect(trunks(number, {}, { class: { ...USUAL_CLASS, ...more } })).toEqual(['first', 'second']);
  });
});

describe('an emergency number', () => {
  const nothing = { national: false, international: false, premium: false, countries: ['FR'], label: 'None' };

  it('goes past class, routes, countries, limits and states, by the site’s trunk first', () => {
    const blocked = {
      trunks: [trunk('first', { allowedCountries: ['FR'] }), SECOND],
      routes: [{ id: 'r', label: 'r', prefixes: ['+33'], countries: [], trunkIds: ['first'] }],
      hasRoom: () => false,
      usable: () => false,
      entries: [],
    };
    const planned = planCall(
      plan(blocked),
      request('999', { class: nothing, site: { ...SITE, trunkId: 'second', geolocation: '<cid:x>' } }),
    );
    expect(planned).toEqual({
      emergency: true,
      ways: [
        { trunkId: 'second', number: '999', callerId: '+442079460100', geolocation: '<cid:x>' },
        { trunkId: 'first', number: '999', callerId: '+442079460100', geolocation: '<cid:x>' },
      ],
    });
  });

  it('shows the site’s ELIN where it has one, else its number, else what any call shows', () => {
    const elin = '+442079460111';
    const callerIdWith = (site?: typeof SITE & { elin?: string }) =>
      planCall(plan(), request('112', { site })).ways[0]?.callerId;
    expect(callerIdWith({ ...SITE, elin })).toBe(elin);
    expect(callerIdWith(SITE)).toBe(SITE.emergencyCallerId);
    expect(callerIdWith()).toBe('+442079460000');
  });

  it('is not rewritten by the trunk’s rules', () => {
    const numbers = { ...FIRST.numbers, outbound: [{ prefix: '', strip: 0, prepend: '9' }] };
    expect(planCall(plan({ trunks: [trunk('a', { numbers })] }), request('999')).ways[0]?.number).toBe('999');
  });

  it('without any trunk says so', () => {
    expect(() => planCall(plan({ trunks: [] }), request('999'))).toThrow(refused('no-trunk'));
  });
});
