import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import type { SipCall } from '../../../../test/harness/sip-call.ts';
import type { SipPhone } from '../../../../test/harness/sip-phone.ts';
import { readStereo } from '../../../../test/harness/stereo.ts';
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

/** Listens for as long as `ms`. */
async function listen({ call }: Party, ms: number): Promise<Party['call']['ear']> {
  call.ear.reset();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return call.ear;
}

/** He hears this tone above all else, after some time for it to come. */
const hears = (party: Party, hertz: number) =>
  expect
    .poll(async () => (await listen(party, 300)).share(hertz), { timeout: 8_000 })
    .toBeGreaterThan(CLEARLY);

/** He hears nothing, after what is on its way. */
const quiet = (party: Party) =>
  expect.poll(async () => (await listen(party, 500)).loudness, { timeout: 3_000 }).toBeLessThan(20);

describe('a whisper to an agent whose customer sends no audio any more', () => {
  it('is heard by the agent alone, also after listening, follows him into another bridge and out of it, and leaves the talk as it was', async () => {
    const [customer, agent, supervisor] = [await answered(), await answered(), await answered()];
    supervisor.call.speak(WHISPER_HERTZ);
    customer.call.speak(CALLER_HERTZ); // its packets are numbered from 0: what comes without a number after them is late
    await asterisk.switch.bridge('first', [customer.legId, agent.legId]);
    await hears(agent, CALLER_HERTZ);
    await asterisk.switch.supervise(supervisor.legId, agent.legId, 'listen');
    await hears(supervisor, CALLER_HERTZ);
    customer.call.speak(0);
    await quiet(agent);

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

describe('a recording of a customer', () => {
  it('goes on with what he hears when a third party comes into the call', async () => {
    const [customer, agent, third] = [await answered(), await answered(), await answered()];
    await asterisk.switch.startRecording(customer.legId, 'rec');
    agent.call.speak(CALLER_HERTZ);
    await asterisk.switch.bridge('first', [customer.legId, agent.legId]);
    await hears(customer, CALLER_HERTZ);
    await asterisk.switch.bridge('first', [customer.legId, agent.legId, third.legId]);
    agent.call.speak(0);
    third.call.speak(WHISPER_HERTZ);
    await hears(customer, WHISPER_HERTZ);
    await asterisk.switch.stopRecording('rec');
    await log.next('recording.finished');
    const pieces: Uint8Array[] = [];
    for await (const piece of await asterisk.switch.readRecording('rec')) pieces.push(piece);
    const sound = readStereo(Buffer.concat(pieces));
    expect(sound.tone('right', CALLER_HERTZ)).toBeGreaterThan(0.1);
    expect(sound.tone('right', WHISPER_HERTZ)).toBeGreaterThan(0.1);
  });
});
