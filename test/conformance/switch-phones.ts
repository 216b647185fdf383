/** Conformance of a Switch: what a phone is told, shows and asks for. */
import { expect } from './expect.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Originate } from '../../src/server/telephony/ports.ts';
import type { Callee, FarDevice, Feature } from './harness.ts';
import type { Check, Line, Stage } from './stage.ts';

const PASSWORD = 'a-good-long-password-1';
const TRANSFER: Feature[] = ['transfer-request', 'registration'];

export function phoneChecks(check: Check): void {
  check('a called phone sees the headers that we send', ['see-headers'], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    await originate(stage, callee, { headers: { 'X-Case': 'ABC-1 "quoted", and more' } });
    const far = await stage.reached(callee);
    expect(far.header('X-Case')).toBe('ABC-1 "quoted", and more');
  });

  check('a header that is not ours to set, or would be two, is refused', [], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    const wrong = [
      ['From', 'x'],
      ['X-Crosspoint-Leg', 'x'],
      ['X-A', 'a\r\nVia: b'],
    ] as const;
    for (const [name, value] of wrong) {
      const headers = { [name]: value };
      await stage.refuses(stage.switch.originate(request(callee, { headers })), 'bad-input');
    }
    await stage.quiet();
    expect(callee.call()).toBeUndefined();
  });

  check('what is said before the answer is reported once and heard', [], async (stage) => {
    const callee = await stage.harness.callee('early-media');
    const legId = await originate(stage, callee);
    await stage.fact('leg.early-media', legId);
    const caller = await stage.talking();
    await stage.do(stage.switch.bridge(newId('brg'), [caller.legId, legId]));
    await stage.hears(caller.far, 'voice');
    expect(stage.factsOf('leg.early-media', legId)).toHaveLength(1);
    expect(stage.factsOf('leg.connected', legId)).toEqual([]);
  });

  check('a phone that only rings says nothing early', [], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    const legId = await originate(stage, callee);
    await stage.fact('leg.alerting', legId);
    await stage.quiet();
    expect(stage.factsOf('leg.early-media', legId)).toEqual([]);
  });

  check('a ringing phone answers when it is told to', ['talk-event'], async (stage) => {
    const callee = await stage.harness.callee('told');
    const legId = await originate(stage, callee, { answerBy: 'talk-event' });
    await stage.fact('leg.alerting', legId);
    await stage.quiet();
    expect(stage.factsOf('leg.connected', legId)).toEqual([]);
    await stage.do(stage.switch.talk(legId));
    await stage.fact('leg.connected', legId);
  });

  check('a phone that can be told answers by itself when it shall', ['talk-event'], async (stage) => {
    const callee = await stage.harness.callee('told');
    const legId = await originate(stage, callee, { answerBy: 'talk-event', autoAnswer: true });
    await stage.fact('leg.connected', legId);
  });

  check('a phone that nobody can answer rings', [], async (stage) => {
    const callee = await stage.harness.callee('told');
    const legId = await originate(stage, callee, { answerBy: 'none', autoAnswer: true });
    await stage.fact('leg.alerting', legId);
    await stage.quiet();
    expect(stage.factsOf('leg.connected', legId)).toEqual([]);
  });

  check('a transfer that a phone asks for is ours to carry out', TRANSFER, async (stage) => {
    const { device, caller } = await phoneInCall(stage);
    await stage.do(device.far.transfer('8009'));
    const fact = await stage.fact('leg.transfer-requested', device.legId);
    expect(fact).toMatchObject({ to: '8009' });
    expect(fact.replacesLegId).toBeUndefined();
    // nobody is moved meanwhile
    await stage.quiet();
    expect([device.far.ended(), caller.far.ended()]).toEqual([false, false]);
    expect(stage.factsOf('leg.arrived')).toHaveLength(1);
    for (const progress of ['trying', 'done'] as const) {
      await stage.do(stage.switch.transferProgress(device.legId, progress));
      await stage.until(`the phone knows: ${progress}`, () => device.far.transferProgress() === progress);
    }
    expect(caller.far.ended()).toBe(false);
  });

  check(
    'a transfer that fails is told to the phone, whose call goes on',
    ['transfer-request'],
    async (stage) => {
      const { device } = await phoneInCall(stage);
      await stage.do(device.far.transfer('8009'));
      await stage.fact('leg.transfer-requested', device.legId);
      await stage.do(stage.switch.transferProgress(device.legId, 'failed'));
      await stage.until('the phone knows', () => device.far.transferProgress() === 'failed');
      expect(device.far.ended()).toBe(false);
      expect((await stage.leg(device.legId))?.state).toBe('connected');
    },
  );

  check('an attended transfer names the phone’s other call', TRANSFER, async (stage) => {
    const { device, phone } = await phoneInCall(stage);
    const secondLeg = await originate(stage, phone);
    await stage.fact('leg.connected', secondLeg);
    const second = await stage.reached(phone);
    await stage.do(device.far.transfer('8009', second));
    const fact = await stage.fact('leg.transfer-requested', device.legId);
    expect(fact.replacesLegId).toBe(secondLeg);
  });

  check('how well the audio travels', ['quality'], async (stage) => {
    const { legId } = await stage.talking();
    const quality = await stage.until('a quality', () => stage.do(stage.switch.quality(legId)));
    expect(quality.lossRatio).toBeGreaterThanOrEqual(0);
    expect(quality.lossRatio).toBeLessThanOrEqual(1);
    expect(quality.mos).toBeGreaterThanOrEqual(1);
    expect(quality.mos).toBeLessThanOrEqual(4.5);
    await stage.refuses(stage.switch.quality(newId('leg')), 'no-such-line');
  });
}

function request(callee: Callee, more: Partial<Originate>): Originate {
  return {
    legId: newId('leg'),
    endpoint: callee.endpoint,
    callerId: { number: '02079460000', name: 'Crosspoint' },
    autoAnswer: false,
    ringMs: 60_000,
    ...more,
  };
}

async function originate(stage: Stage, callee: Callee, more: Partial<Originate> = {}): Promise<string> {
  const made = request(callee, more);
  await stage.do(stage.switch.originate(made));
  return made.legId;
}

/** A registered phone that talks to a caller. */
async function phoneInCall(stage: Stage): Promise<{ device: Line; phone: FarDevice; caller: Line }> {
  const name = newId('dev').replace('_', '-');
  const callerId = { number: '201', name: 'Anna Agent' };
  const phone = await stage.harness.device({ name, kind: 'phone' });
  await stage.do(stage.provisioning.put({ name, kind: 'phone', password: PASSWORD, callerId }));
  expect(await stage.do(phone.register(PASSWORD))).toBe(true);
  await stage.until('the registration', async () =>
    (await stage.do(stage.provisioning.registered())).includes(name),
  );
  const caller = await stage.talking();
  const legId = await originate(stage, phone);
  await stage.fact('leg.connected', legId);
  const far = await stage.reached(phone);
  await stage.do(stage.switch.bridge(newId('brg'), [caller.legId, legId]));
  return { device: { legId, far }, phone, caller };
}
