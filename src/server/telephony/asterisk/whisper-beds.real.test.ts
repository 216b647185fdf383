import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import type { SipCall } from '../../../../test/harness/sip-call.ts';
import type { SipPhone } from '../../../../test/harness/sip-phone.ts';
import type { Asterisk } from './asterisk.ts';

const WHISPER_HERTZ = 440;
const CALLER_HERTZ = 1_000;
/** How much of what one hears must be a tone. */
const CLEARLY = 0.5;

let rig: AsteriskRig;
let asterisk: Asterisk;
let log: FactLog;
let phone: SipPhone;

beforeEach(async () => {
  rig = await AsteriskRig.start();
  ({ asterisk, log } = rig.connect());
  await asterisk.switch.start();
  phone = await rig.phone('ada');
});

afterEach(() => rig.stop());

interface Party {
  call: SipCall;
  legId: string;
}

async function answered(): Promise<Party> {
  const call = await phone.call('100');
  const known = new Set(log.facts.map((f) => ('legId' in f ? f.legId : '')));
  const { legId } = await log.next('leg.arrived', (f) => !known.has(f.legId));
  await asterisk.switch.answer(legId);
  await call.reaches('up');
  return { call, legId };
}

/** Who hears this tone above all else, after some time for it to come. */
const hears = ({ call }: Party, hertz: number) =>
  expect
    .poll(
      async () => {
        call.ear.reset();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return call.ear.share(hertz);
      },
      { timeout: 8_000 },
    )
    .toBeGreaterThan(CLEARLY);

async function quiet({ call }: Party): Promise<void> {
  call.ear.reset();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(call.ear.loudness).toBeLessThan(20);
}

describe('a whisper to an agent whose customer sends no audio at all', () => {
  it('is heard by the agent alone, follows him into another bridge and out of it, and leaves the talk as it was', async () => {
    const [customer, agent, supervisor] = [await answered(), await answered(), await answered()];
    supervisor.call.speak(WHISPER_HERTZ);
    await asterisk.switch.bridge('first', [customer.legId, agent.legId]);
    await asterisk.switch.supervise(supervisor.legId, agent.legId, 'whisper');
    await hears(agent, WHISPER_HERTZ);
    await quiet(customer);
    expect((await asterisk.switch.list()).bridges).toEqual([
      { bridgeId: 'first', legIds: expect.toSatisfy((legIds: string[]) => legIds.length === 2) as string[] },
    ]);

    await asterisk.switch.unbridge(agent.legId);
    await hears(agent, WHISPER_HERTZ);

    await asterisk.switch.bridge('second', [agent.legId, customer.legId]);
    await hears(agent, WHISPER_HERTZ);

    await asterisk.switch.supervise(supervisor.legId, agent.legId, 'listen');
    await quiet(agent);
    customer.call.speak(CALLER_HERTZ);
    await hears(agent, CALLER_HERTZ);
    await hears(supervisor, CALLER_HERTZ);
  });
});
