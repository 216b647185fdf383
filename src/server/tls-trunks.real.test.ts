/**
 * Trunks by SIP over TLS and SRTP. The provider is a second real Asterisk, whose certificate is made here, and which wants
 * every call encrypted.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../test/harness/asterisk-rig.ts';
import { authority, certify } from '../../test/harness/certificates.ts';
import { EXAMPLE, ExampleAsterisk, SECOND } from '../../test/harness/example-asterisk.ts';
import type { SipCall } from '../../test/harness/sip-call.ts';
import { SipPhone } from '../../test/harness/sip-phone.ts';
import { realClock } from '../lib/clock.ts';
import { type Asterisk, createAsterisk } from './telephony/asterisk/asterisk.ts';
import type { ProvisionedTrunk, TrunkReport } from './telephony/ports.ts';
import { describeTrunk } from './trunk-board.ts';

/** On loopback any 127.x.y.z is an address of its own: the provider has one for each certificate. */
const PROVIDER = '127.0.0.61';
const BAD = {
  'for another name': '127.0.0.62',
  'of an unknown authority': '127.0.0.63',
  expired: '127.0.0.64',
};
const GATEWAY = '127.0.0.65';
const PORT = 5063;
const WAIT = 20_000;

let keys: string;
let authorities: string;
let provider: ExampleAsterisk;
let rig: AsteriskRig;
let asterisk: Asterisk;
let log: FactLog;
let gateway: SipPhone;

function providerConf(): string {
  const transport = (address: string) => `[tls-${address}]
type = transport
protocol = tls
bind = ${address}:${PORT}
cert_file = ${keys}/${address}.crt
priv_key_file = ${keys}/${address}.key
method = tlsv1_2
`;
  const account = (name: string, more: string) => `[${name}]
type = endpoint
context = provider
disallow = all
allow = ulaw
auth = ${name}
aors = ${name}
direct_media = no
rtp_symmetric = yes
rewrite_contact = yes
${more}
[${name}]
type = auth
auth_type = userpass
username = ${name}
password = the-right-one
[${name}]
type = aor
max_contacts = 1
remove_existing = yes
`;
  return `[global]
type = global
endpoint_identifier_order = auth_username,username
${[PROVIDER, ...Object.values(BAD)].map(transport).join('')}
${account('acme', 'media_encryption = sdes')}
${account('plain', '')}
`;
}

const ECHO = `[provider]
exten => _[+0-9a-z].,1,Answer()
 same => n,Echo()
`;

function account(
  more: Partial<ProvisionedTrunk> = {},
  user = 'acme',
  registrar = PROVIDER,
): ProvisionedTrunk {
  return {
    name: `trunk_${user}`,
    connection: {
      kind: 'registration',
      registrar,
      port: PORT,
      user,
      password: 'the-right-one',
      expirySeconds: 60,
      hosts: [],
    },
    transport: 'tls',
    srtp: 'required',
    codecs: ['ulaw'],
    callerIdFormat: 'pai',
    ...more,
  };
}

async function report(name: string, of = asterisk): Promise<TrunkReport | undefined> {
  return (await of.provisioning.trunkReports()).find((one) => one.name === name);
}

async function dial(legId: string, trunk: string): Promise<void> {
  await asterisk.switch.originate({
    legId,
    endpoint: { kind: 'trunk', trunk, number: '+33142685300' },
    callerId: { number: '+442079460000', name: '' },
    autoAnswer: false,
    ringMs: 30_000,
  });
}

/** A telephone here, answered, to talk to the provider with. */
async function talker(number: string): Promise<{ call: SipCall; legId: string }> {
  const call = await gateway.call(number);
  const { legId } = await log.next('leg.arrived', (fact) => fact.dnis === number);
  await asterisk.switch.answer(legId);
  await call.reaches('up', WAIT);
  return { call, legId };
}

/** The provider sends back what it hears: a tone that comes back went both ways. */
async function hearsItself({ call, legId }: { call: SipCall; legId: string }, other: string): Promise<void> {
  await asterisk.switch.bridge(`bridge_${other}`, [legId, other]);
  call.speak(440);
  await expect
    .poll(
      () => {
        const share = call.ear.share(440);
        call.ear.reset();
        return share;
      },
      { timeout: WAIT, interval: 500 },
    )
    .toBeGreaterThan(0.9);
}

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'cp-keys-'));
  const [ours, strange] = [await authority('Trusted'), await authority('Unknown')];
  const certificates = [
    { by: ours, address: PROVIDER },
    { by: ours, address: BAD['for another name'], name: '192.0.2.1' },
    { by: strange, address: BAD['of an unknown authority'] },
    { by: ours, address: BAD.expired, ended: true },
  ];
  for (const { address, ...more } of certificates) {
    const made = await certify({ name: address, ...more });
    await writeFile(join(keys, `${address}.crt`), made.cert);
    await writeFile(join(keys, `${address}.key`), made.private);
  }
  authorities = join(keys, 'authorities.pem');
  await writeFile(authorities, ours.cert);
  provider = await ExampleAsterisk.start({
    ...SECOND.edits,
    'pjsip.conf': providerConf,
    'extensions.conf': () => ECHO,
  });
  rig = await AsteriskRig.start('0.0.0.0', authorities);
  ({ asterisk, log } = rig.connect({ mediaAddress: undefined, qualifySeconds: 2 }));
  await asterisk.switch.start({ deadlineMs: WAIT });
  gateway = await SipPhone.open({ server: rig.server, user: 'gateway', host: GATEWAY });
  await asterisk.provisioning.putTrunk({
    name: 'trunk_gateway',
    connection: { kind: 'peer', hosts: [GATEWAY], port: 5060 },
    transport: 'udp',
    codecs: ['ulaw'],
    callerIdFormat: 'from',
  });
}, 60_000);
afterAll(async () => {
  gateway?.close();
  await rig?.stop();
  await provider?.stop();
  if (keys) await rm(keys, { recursive: true, force: true });
});

describe('a provider by TLS that wants SRTP', () => {
  it('is registered at, and answers OPTIONS', async () => {
    await asterisk.provisioning.putTrunk(account());
    await expect
      .poll(() => report('trunk_acme'), { timeout: WAIT })
      .toMatchObject({ registration: 'registered', reachable: true });
  });

  it('is called, with sound both ways', async () => {
    const one = await talker('+442079460001');
    await dial('leg_out', 'trunk_acme');
    await log.next('leg.connected', (fact) => fact.legId === 'leg_out');
    await hearsItself(one, 'leg_out');
    one.call.hangup();
    await asterisk.switch.hangup('leg_out');
    await log.next('leg.cleared', (fact) => fact.legId === 'leg_out');
  });

  it('calls by the connection that we opened, with sound both ways', async () => {
    const one = await talker('+442079460002');
    const query = 'endpoint=PJSIP/acme&context=provider&extension=echo&priority=1&callerId=%2B33142685300';
    const authorization = `Basic ${Buffer.from(`${SECOND.user}:${SECOND.password}`).toString('base64')}`;
    const asked = await fetch(`${SECOND.url}/channels?${query}`, {
      method: 'POST',
      headers: { authorization },
    });
    expect(asked.status).toBe(200);
    const arrived = await log.next('leg.arrived', (fact) => fact.entry === 'trunk:trunk_acme');
    expect(arrived).toMatchObject({ ani: '+33142685300', dnis: 'acme' });
    await asterisk.switch.answer(arrived.legId);
    await hearsItself(one, arrived.legId);
    one.call.hangup();
    await asterisk.switch.hangup(arrived.legId);
    await log.next('leg.cleared', (fact) => fact.legId === arrived.legId);
  });

  it('refuses a call without SRTP, which is how we know that the others had it', async () => {
    await asterisk.provisioning.putTrunk(account({ srtp: undefined }));
    await dial('leg_plain', 'trunk_acme');
    const { legId } = await log.next('leg.cleared', (fact) => fact.legId === 'leg_plain');
    expect(log.of(legId)).not.toContain('leg.connected');
  });
});

describe('a provider by TLS that cannot SRTP', () => {
  it('is called when SRTP is optional, and not when it is required', async () => {
    await asterisk.provisioning.putTrunk(account({ srtp: 'optional' }, 'plain'));
    await dial('leg_optional', 'trunk_plain');
    await log.next('leg.connected', (fact) => fact.legId === 'leg_optional');
    await asterisk.switch.hangup('leg_optional');
    await asterisk.provisioning.putTrunk(account({}, 'plain'));
    await dial('leg_required', 'trunk_plain');
    await log.next('leg.cleared', (fact) => fact.legId === 'leg_required');
    expect(log.of('leg_required')).not.toContain('leg.connected');
  });
});

describe.each(Object.entries(BAD))('a provider whose certificate is %s', (_, address) => {
  it('is not registered at, and the trunk says so', async () => {
    const trunk = account({ name: 'trunk_bad' }, 'acme', address);
    await asterisk.provisioning.putTrunk(trunk);
    await expect.poll(() => report('trunk_bad'), { timeout: WAIT }).toMatchObject({ reachable: false });
    const said = await report('trunk_bad');
    const { state, text } = describeTrunk(trunk as never, said);
    expect(state).toBe('failed');
    expect(text).toMatch(/TLS.*certificate/);
    await asterisk.provisioning.removeTrunk('trunk_bad');
  });
});

it("a company's own Asterisk registers by the transport of the sample", async () => {
  const company = await ExampleAsterisk.start({
    'pjsip.conf': (text) => text.replace('/etc/ssl/certs/ca-certificates.crt', authorities),
  });
  const { url, user, password } = EXAMPLE;
  const own = createAsterisk({
    id: 'company',
    address: () => ({ url, user, password }),
    manager: () => ({ host: '127.0.0.1', port: 5038, user: 'crosspoint', secret: 'CHANGE-ME' }),
    contextPrefix: 'crosspoint-',
    clock: realClock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    speak: () => Promise.reject(new Error('this test speaks nothing')),
  });
  try {
    await own.switch.start({ deadlineMs: WAIT });
    await own.provisioning.putTrunk(account({ srtp: 'required' }));
    await expect
      .poll(() => report('trunk_acme', own), { timeout: WAIT })
      .toMatchObject({ registration: 'registered', reachable: true });
  } finally {
    await own.switch.close();
    await company.stop();
  }
}, 60_000);
