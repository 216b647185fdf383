/** Trunks made at run time on a company's own Asterisk, which runs exactly the files of examples/asterisk. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FactLog } from '../../../../test/harness/asterisk-rig.ts';
import { EXAMPLE, ExampleAsterisk } from '../../../../test/harness/example-asterisk.ts';
import { SipPhone } from '../../../../test/harness/sip-phone.ts';
import { SipRegistrar } from '../../../../test/harness/sip-registrar.ts';
import { realClock } from '../../../lib/clock.ts';
import type { ProvisionedTrunk, TrunkReport } from '../ports.ts';
import { type Asterisk, createAsterisk } from './asterisk.ts';

const [GATEWAY, PROVIDER] = ['127.0.0.41', '127.0.0.42'];
const WAIT = 20_000;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

let company: ExampleAsterisk;
let asterisk: Asterisk;
let log: FactLog;
const opened: { close(): unknown }[] = [];

const base = { transport: 'udp' as const, codecs: ['ulaw'], callerIdFormat: 'from' as const };

async function phone(host: string): Promise<SipPhone> {
  const one = await SipPhone.open({ server: EXAMPLE.sip, user: 'gateway', host });
  opened.push(one);
  return one;
}

async function report(name: string): Promise<TrunkReport | undefined> {
  return (await asterisk.provisioning.trunkReports()).find((one) => one.name === name);
}

beforeAll(async () => {
  company = await ExampleAsterisk.start();
  const { url, user, password } = EXAMPLE;
  asterisk = createAsterisk({
    id: 'company',
    address: () => ({ url, user, password }),
    manager: () => ({ host: '127.0.0.1', port: 5038, user: 'crosspoint', secret: 'CHANGE-ME' }),
    contextPrefix: 'crosspoint-',
    clock: realClock,
    log: quiet,
    speak: () => Promise.reject(new Error('this test speaks nothing')),
  });
  log = new FactLog(asterisk);
  await asterisk.switch.start({ deadlineMs: WAIT });
});
afterAll(async () => {
  for (const one of opened) one.close();
  await asterisk?.switch.close();
  await company?.stop();
});

it('a gateway that is known by its address calls in, and is called', async () => {
  const gateway = await phone(GATEWAY);
  const trunk: ProvisionedTrunk = {
    name: 'trunk_gateway',
    connection: { kind: 'peer', hosts: [GATEWAY], host: GATEWAY, port: gateway.port },
    ...base,
  };
  await asterisk.provisioning.putTrunk(trunk);
  const call = await gateway.call('+442079460123', { number: '+33142685300' });
  const arrived = await log.next('leg.arrived', (fact) => fact.entry === 'trunk:trunk_gateway');
  expect(arrived).toMatchObject({ ani: '+33142685300', dnis: '+442079460123' });
  await asterisk.switch.answer(arrived.legId);
  await call.reaches('up', WAIT);
  call.hangup();
  await asterisk.switch.originate({
    legId: 'leg_out',
    endpoint: { kind: 'trunk', trunk: 'trunk_gateway', number: '+33142685300' },
    callerId: { number: '+442079460000', name: '' },
    autoAnswer: false,
    ringMs: 30_000,
  });
  (await gateway.nextCall(WAIT)).answer(440);
  await log.next('leg.connected', (fact) => fact.legId === 'leg_out');
  await asterisk.switch.hangup('leg_out');
  await asterisk.provisioning.removeTrunk('trunk_gateway');
});

it('a provider is registered at, told of by AMI, and calls in by the name of the account', async () => {
  const registrar = await SipRegistrar.open(PROVIDER, 'acme', 'the-right-one');
  opened.push(registrar);
  const { host, port, user } = registrar;
  await asterisk.provisioning.putTrunk({
    name: 'trunk_provider',
    connection: {
      kind: 'registration',
      registrar: host,
      port,
      user,
      password: 'the-right-one',
      expirySeconds: 60,
      hosts: [],
    },
    ...base,
  });
  await expect
    .poll(() => report('trunk_provider'), { timeout: WAIT })
    .toMatchObject({ registration: 'registered' });
  const call = await (await phone(PROVIDER)).call('acme', { number: '02079460999' });
  const arrived = await log.next('leg.arrived', (fact) => fact.entry === 'trunk:trunk_provider');
  expect(arrived).toMatchObject({ ani: '02079460999', dnis: 'acme' });
  call.hangup();
  await asterisk.provisioning.removeTrunk('trunk_provider');
  await registrar.until(() => registrar.contact === undefined, WAIT);
});
