/**
 * The conformance suite of the role Provisioning: devices are put, register, are called and removed while everything runs.
 * It is pointed at a connector as the one of Switch is (switch.ts).
 */
import { expect } from './expect.ts';
import { type Suite, suite } from './suite.ts';
import { newId } from '../../src/lib/ids.ts';
import type { ProvisionedDevice, ProvisionedTrunk } from '../../src/server/telephony/ports.ts';
import type { ConformanceDriver, FarDevice } from './harness.ts';
import { type Check, makeCheck, type Stage } from './stage.ts';

const PASSWORD = 'a-good-long-password-1';

/** The suite, for `declareSuite` or `runSuites`. */
export function provisioningConformance(driver: ConformanceDriver): Suite {
  return suite(`${driver.name}: Provisioning`, () => provisioningChecks(makeCheck(driver)));
}

function provisioningChecks(check: Check): void {
  for (const kind of ['phone', 'browser'] as const) {
    const needs =
      kind === 'browser' ? (['registration', 'browser-phone'] as const) : (['registration'] as const);
    check(`a ${kind} that was put registers, is reported and can be called`, [...needs], async (stage) => {
      const { name, phone } = await provisioned(stage, kind);
      expect(await stage.do(stage.provisioning.registered())).not.toContain(name);
      expect(await stage.do(phone.register(PASSWORD))).toBe(true);
      await reported(stage, name, true);
      expect(await stage.do(stage.provisioning.registered())).toContain(name);
      const legId = await stage.originate(phone.endpoint);
      await stage.fact('leg.connected', legId);
      await stage.do(stage.switch.hangup(legId));
      await stage.cleared(legId, 'normal');
    });
  }

  check('a wrong password is refused', ['registration'], async (stage) => {
    const { name, phone } = await provisioned(stage, 'phone');
    expect(await stage.do(phone.register('not-the-password'))).toBe(false);
    await stage.quiet();
    expect(await stage.do(stage.provisioning.registered())).not.toContain(name);
    await stage.cleared(await stage.originate(phone.endpoint), 'unreachable');
  });

  check('a device that was never put is refused', ['registration'], async (stage) => {
    const name = deviceName();
    const phone = await stage.harness.device({ name, kind: 'phone' });
    expect(await stage.do(phone.register(PASSWORD))).toBe(false);
    expect(await stage.do(stage.provisioning.registered())).not.toContain(name);
  });

  check('putting it again changes the password', ['registration'], async (stage) => {
    const { device, phone } = await provisioned(stage, 'phone');
    await stage.do(stage.provisioning.put({ ...device, password: 'another-password-2' }));
    expect(await stage.do(phone.register(PASSWORD))).toBe(false);
    expect(await stage.do(phone.register('another-password-2'))).toBe(true);
  });

  check('a device that unregisters is reported and cannot be called', ['registration'], async (stage) => {
    const { name, phone } = await provisioned(stage, 'phone');
    expect(await stage.do(phone.register(PASSWORD))).toBe(true);
    await reported(stage, name, true);
    await stage.do(phone.unregister());
    await reported(stage, name, false);
    expect(await stage.do(stage.provisioning.registered())).not.toContain(name);
    await stage.cleared(await stage.originate(phone.endpoint), 'unreachable');
  });

  check(
    'a removed device is gone and cannot come back; removing it twice is fine',
    ['registration'],
    async (stage) => {
      const { name, phone } = await provisioned(stage, 'phone');
      expect(await stage.do(phone.register(PASSWORD))).toBe(true);
      await stage.do(stage.provisioning.remove(name));
      await stage.do(stage.provisioning.remove(name));
      expect(await stage.do(stage.provisioning.registered())).not.toContain(name);
      expect(await stage.do(phone.register(PASSWORD))).toBe(false);
      await stage.cleared(await stage.originate(phone.endpoint), 'unreachable');
    },
  );

  check('a name that no SIP user can have is refused', [], async (stage) => {
    const device = deviceOf('no spaces; or [brackets]', 'phone');
    await stage.refuses(stage.provisioning.put(device), 'bad-input');
  });

  check(
    'a trunk that was put is reported, once, until it is removed; removing it twice is fine',
    [],
    async (stage) => {
      const trunk = trunkOf(newId('trunk'));
      const named = async () =>
        (await stage.do(stage.provisioning.trunkReports())).filter(({ name }) => name === trunk.name);
      await stage.do(stage.provisioning.putTrunk(trunk));
      await stage.do(stage.provisioning.putTrunk({ ...trunk, codecs: ['ulaw'] }));
      expect(await named()).toHaveLength(1);
      await stage.do(stage.provisioning.removeTrunk(trunk.name));
      await stage.do(stage.provisioning.removeTrunk(trunk.name));
      expect(await named()).toEqual([]);
    },
  );

  check('a name that no trunk can have is refused', [], async (stage) => {
    await stage.refuses(stage.provisioning.putTrunk(trunkOf('no spaces; or [brackets]')), 'bad-input');
  });

  check('nothing is put, removed or listed while the link is down', ['link-cut'], async (stage) => {
    await stage.harness.cutLink();
    await stage.until('the connector notices', () => stage.switch.link !== 'up', 6 * stage.pace.deadlineMs);
    await stage.refuses(stage.provisioning.put(deviceOf(deviceName(), 'phone')), 'switch-down');
    await stage.refuses(stage.provisioning.remove('somebody'), 'switch-down');
    await stage.refuses(stage.provisioning.registered(), 'switch-down');
    await stage.harness.restoreLink();
  });
}

function trunkOf(name: string): ProvisionedTrunk {
  return {
    name,
    connection: { kind: 'peer', hosts: ['127.0.0.77'], host: '127.0.0.77', port: 5060 },
    transport: 'udp',
    codecs: ['alaw', 'ulaw'],
    callerIdFormat: 'from',
  };
}

function deviceName(): string {
  return newId('dev').replace('_', '-');
}

function deviceOf(name: string, kind: ProvisionedDevice['kind']): ProvisionedDevice {
  return { name, kind, password: PASSWORD, callerId: { number: '201', name: 'Anna Agent' } };
}

/** A device that was put, with its phone, which has not registered. */
async function provisioned(
  stage: Stage,
  kind: 'phone' | 'browser',
): Promise<{ name: string; device: ProvisionedDevice; phone: FarDevice }> {
  const name = deviceName();
  const device = deviceOf(name, kind);
  const phone = await stage.harness.device({ name, kind });
  await stage.do(stage.provisioning.put(device));
  return { name, device, phone };
}

async function reported(stage: Stage, name: string, registered: boolean): Promise<void> {
  const last = () => stage.factsOf('device.registration').findLast((fact) => fact.name === name);
  await stage.until(
    `${name} reported ${registered ? 'registered' : 'gone'}`,
    () => last()?.registered === registered,
  );
}
