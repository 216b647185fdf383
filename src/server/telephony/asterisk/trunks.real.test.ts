/** Trunks on real Asterisk, open to the network as in the office: peers known by address, registration, what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import { SipPhone } from '../../../../test/harness/sip-phone.ts';
import { SipRegistrar } from '../../../../test/harness/sip-registrar.ts';
import type { ProvisionedTrunk, TrunkReport } from '../ports.ts';
import type { Asterisk } from './asterisk.ts';

/** Machines of the network: on loopback any 127.x.y.z is an address of its own. */
const [GATEWAY, STRANGER, PROVIDER] = ['127.0.0.21', '127.0.0.22', '127.0.0.23'];
const WAIT = 20_000;

let rig: AsteriskRig;
let asterisk: Asterisk;
let log: FactLog;
const phones: { close(): void }[] = [];

async function phone(host: string, user = 'gateway'): Promise<SipPhone> {
  const opened = await SipPhone.open({ server: rig.server, user, host });
  phones.push(opened);
  return opened;
}

function peer(name: string, gateway: SipPhone): ProvisionedTrunk {
  return {
    name,
    connection: { kind: 'peer', hosts: [`${gateway.host}/32`], host: gateway.host, port: gateway.port },
    transport: 'udp',
    codecs: ['alaw', 'ulaw'],
    callerIdFormat: 'both',
  };
}

function account(registrar: SipRegistrar, password: string): ProvisionedTrunk {
  const { host, port, user } = registrar;
  return {
    name: 'trunk_provider',
    connection: { kind: 'registration', registrar: host, port, user, password, expirySeconds: 60, hosts: [] },
    transport: 'udp',
    codecs: ['alaw', 'ulaw'],
    callerIdFormat: 'from',
  };
}

async function report(name: string): Promise<TrunkReport | undefined> {
  return (await asterisk.provisioning.trunkReports()).find((one) => one.name === name);
}

async function dial(legId: string, trunk: string, number: string): Promise<void> {
  await asterisk.switch.originate({
    legId,
    endpoint: { kind: 'trunk', trunk, number },
    callerId: { number: '+442079460000', name: '' },
    autoAnswer: false,
    ringMs: 30_000,
  });
}

beforeAll(async () => {
  rig = await AsteriskRig.start('0.0.0.0');
  ({ asterisk, log } = rig.connect({
    mediaAddress: undefined,
    qualifySeconds: 2,
  }));
  await asterisk.switch.start({ deadlineMs: WAIT });
});
afterAll(async () => {
  for (const opened of phones) opened.close();
  await rig?.stop();
});

describe('a gateway that is known by its address', () => {
  it('is let in without an account, and its trunk is named', async () => {
    const gateway = await phone(GATEWAY);
    await asterisk.provisioning.putTrunk(peer('trunk_gateway', gateway));
    const call = await gateway.call('+442079460123', { number: '+33142685300' });
    const arrived = await log.next('leg.arrived', (fact) => fact.entry === 'trunk:trunk_gateway');
    expect(arrived).toMatchObject({ ani: '+33142685300', dnis: '+442079460123' });
    await asterisk.switch.answer(arrived.legId);
    await call.reaches('up', WAIT);
    call.hangup();
    await log.next('leg.cleared', (fact) => fact.legId === arrived.legId);
  });

  it('hears ringing while a user is rung, with his fallback armed, and is answered after that', async () => {
    const gateway = await phone(GATEWAY);
    await asterisk.provisioning.putTrunk(peer('trunk_gateway', gateway));
    const call = await gateway.call('+442079460801', { number: '+33142685300' });
    const { legId } = await log.next('leg.arrived', (fact) => fact.dnis === '+442079460801');
    await asterisk.switch.armFallback(legId, 30_000, 'apology');
    await asterisk.switch.ring(legId);
    await call.reaches('ringing', WAIT);
    expect(log.of(legId)).not.toContain('leg.connected');
    await asterisk.switch.answer(legId);
    await call.reaches('up', WAIT);
    call.hangup();
    await log.next('leg.cleared', (fact) => fact.legId === legId);
  });

  it('from any other address is refused', async () => {
    const stranger = await phone(STRANGER);
    const call = await (await stranger.call('+442079460123')).reaches('over', WAIT);
    expect(call.status).toBe(401);
  });

  it('is called with our number in From and P-Asserted-Identity', async () => {
    const gateway = await phone(GATEWAY);
    await asterisk.provisioning.putTrunk(peer('trunk_gateway', gateway));
    await dial('leg_trunk_out', 'trunk_gateway', '+33142685300');
    const call = await gateway.nextCall(WAIT);
    expect(call.request?.first).toContain(`sip:+33142685300@${GATEWAY}`);
    expect(call.header('from')).toContain('+442079460000');
    expect(call.header('p-asserted-identity')).toContain('+442079460000');
    call.answer(440);
    await log.next('leg.connected', (fact) => fact.legId === 'leg_trunk_out');
    await asterisk.switch.hangup('leg_trunk_out');
    await log.next('leg.cleared', (fact) => fact.legId === 'leg_trunk_out');
  });

  it('is reported as reachable when it answers OPTIONS, and refused again once it is removed', async () => {
    const gateway = await phone(GATEWAY);
    await asterisk.provisioning.putTrunk(peer('trunk_gateway', gateway));
    await expect.poll(() => report('trunk_gateway'), { timeout: WAIT }).toMatchObject({ reachable: true });
    await asterisk.provisioning.removeTrunk('trunk_gateway');
    await asterisk.provisioning.removeTrunk('trunk_gateway');
    const call = await (await gateway.call('+442079460123')).reaches('over', WAIT);
    expect(call.status).toBe(401);
    expect(await report('trunk_gateway')).toBeUndefined();
  });

  it('with an address that Asterisk cannot read is refused with what is wrong', async () => {
    const gateway = await phone(GATEWAY);
    const trunk = peer('trunk_wrong', gateway);
    const wrong = { ...trunk, connection: { ...trunk.connection, hosts: ['no-such-host.invalid'] } };
    await expect(asterisk.provisioning.putTrunk(wrong)).rejects.toMatchObject({ code: 'bad-input' });
    await asterisk.provisioning.removeTrunk('trunk_wrong');
  });
});

describe('trunks and a restart', () => {
  it('are put again when Asterisk has lost them', async () => {
    const gateway = await phone(GATEWAY);
    await asterisk.provisioning.putTrunk(peer('trunk_gateway', gateway));
    const up = new Promise<void>((resolve) => {
      const stop = asterisk.switch.events.on('link', (link) => {
        if (link !== 'up') return;
        stop();
        resolve();
      });
    });
    process.kill(rig.asterisk.pid, 'SIGKILL');
    await up;
    const again = log.facts.length;
    const call = await gateway.call('+442079460123');
    const anew = await log.next(
      'leg.arrived',
      (fact) => log.facts.indexOf(fact as never) >= again && fact.entry === 'trunk:trunk_gateway',
    );
    call.hangup();
    await log.next('leg.cleared', (fact) => fact.legId === anew.legId);
    await asterisk.provisioning.removeTrunk('trunk_gateway');
  });
});

describe('a trunk that registers', () => {
  it('does so with its password, is called by its provider without an account, and unregisters when it is removed', async () => {
    const registrar = await SipRegistrar.open(PROVIDER, 'acme', 'the-right-one');
    phones.push(registrar);
    await report('trunk_provider'); // whoever asks is told from then on
    await asterisk.provisioning.putTrunk(account(registrar, 'the-right-one'));
    await report('trunk_provider');
    await registrar.until(() => registrar.contact !== undefined, WAIT);
    await expect
      .poll(() => report('trunk_provider'), { timeout: WAIT })
      .toMatchObject({ registration: 'registered' });
    const caller = await phone(PROVIDER, 'anybody');
    const call = await caller.call('acme', { number: '02079460999' });
    const arrived = await log.next('leg.arrived', (fact) => fact.entry === 'trunk:trunk_provider');
    expect(arrived).toMatchObject({ ani: '02079460999', dnis: 'acme' });
    call.hangup();
    await asterisk.provisioning.removeTrunk('trunk_provider');
    await registrar.until(() => registrar.contact === undefined, WAIT);
  });

  it('with a wrong password is said to be refused, the moment it is', async () => {
    const registrar = await SipRegistrar.open(PROVIDER, 'acme', 'the-right-one');
    phones.push(registrar);
    await report('trunk_provider'); // AMI is listened to from the first trunk on that registers
    const refused = new Promise<void>((resolve) => {
      const stop = asterisk.provisioning.onTrunksChanged(() => {
        report('trunk_provider').then((now) => {
          if (now?.registration !== 'refused') return;
          stop();
          resolve();
        }, resolve);
      });
    });
    await asterisk.provisioning.putTrunk(account(registrar, 'a-wrong-one'));
    await registrar.until(() => registrar.refused > 0, WAIT);
    await refused;
    expect(registrar.contact).toBeUndefined();
    await asterisk.provisioning.removeTrunk('trunk_provider');
  });
});
