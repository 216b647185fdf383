/** Fail-over and limits on real Asterisk: two gateways, of which one does not take the call. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsteriskRig, FactLog } from '../../test/harness/asterisk-rig.ts';
import { SipPhone } from '../../test/harness/sip-phone.ts';
import { realClock } from '../lib/clock.ts';
import { TrunkSettings } from '../protocol/trunks.ts';
import type { Trunk } from './callcenter/trunks.ts';
import type { Asterisk } from './telephony/asterisk/asterisk.ts';
import type { Conversations } from './telephony/conversations.ts';
import type { ProvisionedTrunk, Switch, TrunkEndpoint } from './telephony/ports.ts';
import { withTrunks } from './telephony/trunking.ts';
import { TrunkLimits, trunkRules } from './trunk-rules.ts';

const [FIRST, SECOND] = ['127.0.0.31', '127.0.0.32'];
const NUMBER = '+33142685300';
const WAIT = 20_000;

let rig: AsteriskRig;
let asterisk: Asterisk;
let node: Switch;
let log: FactLog;
let first: SipPhone;
let second: SipPhone;
/** Limits by trunk, and the calls that are on each. */
const limits = new Map<string, { maxCalls: number }>();
const busy = new Map<string, number>();
const phones: SipPhone[] = [];

async function gateway(host: string): Promise<SipPhone> {
  const phone = await SipPhone.open({ server: rig.server, user: 'gateway', host });
  phones.push(phone);
  return phone;
}

function trunk(id: string): Trunk {
  const connection = { kind: 'peer', host: 'gateway.example.com' };
  const settings = { label: id, platformId: 'asterisk', connection, numbers: { country: 'FR' } };
  return { id, ...TrunkSettings.parse({ ...settings, ...limits.get(id) }) };
}

function peer(name: string, { host, port }: SipPhone): ProvisionedTrunk {
  return {
    name,
    connection: { kind: 'peer', hosts: [`${host}/32`], host, port },
    transport: 'udp',
    codecs: ['alaw', 'ulaw'],
    callerIdFormat: 'from',
  };
}

async function dial(legId: string, trunks: string[]): Promise<void> {
  const [to, ...otherwise] = trunks.map(
    (trunk): TrunkEndpoint => ({ kind: 'trunk', trunk, number: NUMBER, callerId: '+442079460000' }),
  );
  await node.originate({
    legId,
    endpoint: { ...(to as TrunkEndpoint), otherwise },
    callerId: { number: '', name: '' },
    autoAnswer: false,
    ringMs: 30_000,
  });
}

beforeAll(async () => {
  rig = await AsteriskRig.start('0.0.0.0');
  ({ asterisk } = rig.connect({ mediaAddress: undefined }));
  const rules = trunkRules({
    trunks: { get: trunk },
    limits: new TrunkLimits({
      trunks: { get: trunk },
      callsOn: (id) => busy.get(id) ?? 0,
      clock: realClock,
    }),
    callCenter: { entries: () => [] },
    conversations: { find: () => undefined } as unknown as Conversations,
    log: pino({ level: 'silent' }),
  });
  node = withTrunks(asterisk.switch, () => rules, realClock);
  log = new FactLog({ ...asterisk, switch: node as Asterisk['switch'] });
  await node.start({ deadlineMs: WAIT });
  [first, second] = [await gateway(FIRST), await gateway(SECOND)];
  await asterisk.provisioning.putTrunk(peer('first', first));
  await asterisk.provisioning.putTrunk(peer('second', second));
});
afterAll(async () => {
  for (const phone of phones) phone.close();
  await rig?.stop();
});

describe('a call by two trunks', () => {
  it('goes to the second when the first answers 503, as one leg', async () => {
    await dial('leg_over', ['first', 'second']);
    (await first.nextCall(WAIT)).refuse('503 Service Unavailable');
    const taken = await second.nextCall(WAIT);
    expect(taken.request?.first).toContain(`sip:${NUMBER}@${SECOND}`);
    taken.answer(440);
    await log.next('leg.connected', (fact) => fact.legId === 'leg_over');
    expect(log.of('leg_over')).not.toContain('leg.cleared');
    await node.hangup('leg_over');
    await log.next('leg.cleared', (fact) => fact.legId === 'leg_over');
    await taken.reaches('over', WAIT);
  });

  it('stays with the first when the called party is busy', async () => {
    await dial('leg_busy', ['first', 'second']);
    (await first.nextCall(WAIT)).refuse('486 Busy Here');
    const cleared = await log.next('leg.cleared', (fact) => fact.legId === 'leg_busy');
    expect(cleared.cause).toBe('busy');
  });

  it('ends as congestion when neither takes it', async () => {
    await dial('leg_none', ['first', 'second']);
    (await first.nextCall(WAIT)).refuse('503 Service Unavailable');
    (await second.nextCall(WAIT)).refuse('503 Service Unavailable');
    const cleared = await log.next('leg.cleared', (fact) => fact.legId === 'leg_none');
    expect(cleared.cause).toBe('congestion');
  });

  it('passes a full trunk over without asking it', async () => {
    limits.set('first', { maxCalls: 1 });
    busy.set('first', 1);
    await dial('leg_full', ['first', 'second']);
    const taken = await second.nextCall(WAIT);
    taken.answer(440);
    await log.next('leg.connected', (fact) => fact.legId === 'leg_full');
    await node.hangup('leg_full');
    await log.next('leg.cleared', (fact) => fact.legId === 'leg_full');
    limits.clear();
    busy.clear();
  });
});

it('refuses one caller more than a trunk may have, with 503', async () => {
  limits.set('first', { maxCalls: 1 });
  busy.set('first', 1);
  const call = await (await first.call('+442079460123')).reaches('over', WAIT);
  expect(call.status).toBe(503);
  busy.clear();
  const next = await first.call('+442079460123');
  const arrived = await log.next('leg.arrived', (fact) => fact.entry === 'trunk:first');
  await node.answer(arrived.legId);
  await next.reaches('up', WAIT);
  next.hangup();
  await log.next('leg.cleared', (fact) => fact.legId === arrived.legId);
  limits.clear();
});
