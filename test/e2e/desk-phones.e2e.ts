/** Desk phones at the real Asterisk: dialled at, transferred with their own buttons, and answered from the softphone. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bothHear, FloorAgent, type FloorCaller, FloorCallers, hearsMusic, until } from './call-floor.ts';
import { Product } from './product.ts';

const NUMBER = '778';
const WAIT_MS = 15_000;

let product: Product;
let callers: FloorCallers;
let ann: FloorAgent;
let bob: FloorAgent;

beforeAll(async () => {
  product = await Product.start();
  const [one, two] = [
    await FloorAgent.join(product, 'ann', 440, { extension: '4401' }),
    await FloorAgent.join(product, 'bob', 620, { extension: '4402' }),
  ];
  [ann, bob] = [one.agent, two.agent];
  const queue = { label: 'Desks', ringMs: 60_000, wrapMs: 0, memberIds: [one.id] };
  const { id: queueId } = await product.post<{ id: string }>('/api/queues', queue, 'admin');
  await product.post('/api/numbers', { dnis: NUMBER, label: 'Desks', queueId }, 'admin');
  callers = await FloorCallers.open(product);
});
afterEach(async () => {
  for (const agent of [ann, bob]) {
    agent.lifts = false;
    const free = async () => {
      if (agent.line?.state === 'wrap-up') await agent.ask({ verb: 'wrap.finish', lineId: agent.line.id });
      return agent.state?.lines.length === 0;
    };
    await until(`${agent.username} to be free`, free, WAIT_MS);
  }
});
afterAll(async () => {
  ann?.close();
  bob?.close();
  callers?.close();
  await product?.stop();
});

/** A customer rings at Ann's phone. */
async function rings(): Promise<FloorCaller> {
  await ann.ready();
  const caller = await callers.call(NUMBER);
  await ann.is('alerting', WAIT_MS);
  await until('the phone to ring', () => ann.call?.state === 'ringing', WAIT_MS);
  return caller;
}

async function talks(): Promise<FloorCaller> {
  const caller = await rings();
  ann.lift();
  await ann.is('connected', WAIT_MS);
  await bothHear(ann, caller);
  return caller;
}

it('a call dialled at the phone is its user’s in the softphone, which holds and ends it', async () => {
  bob.lifts = true;
  ann.call = await ann.phone.call('4402');
  const line = await ann.is('connected', WAIT_MS);
  expect(line).toMatchObject({ dialled: true, direction: 'internal', peer: { value: '4402' } });
  expect((await bob.is('connected', WAIT_MS)).peer.value).toBe('4401');
  ann.call.speak(ann.hertz);
  await bothHear(ann, { number: '4402', hertz: bob.hertz, call: must(bob) });
  await ann.press('hold');
  await ann.is('held', WAIT_MS);
  await hearsMusic({ number: '4402', hertz: bob.hertz, call: must(bob) }, [ann]);
  await ann.press('hangup');
  await until('the phone to be hung up', () => ann.call?.state === 'over', WAIT_MS);
});

it('a number that leads nowhere is refused at the phone', async () => {
  const call = await ann.phone.call('4999');
  await until('a refusal', () => call.state === 'over', WAIT_MS);
  expect(call.status).toBe(404);
});

it('the phone’s transfer button gives the customer to a colleague', async () => {
  const caller = await talks();
  bob.lifts = true;
  expect(await must(ann).refer('4402')).toBe(202);
  await until('the phone to know', () => must(ann).referStatus === 200, WAIT_MS);
  await bob.is('connected', WAIT_MS);
  await bothHear(bob, caller);
  expect(bob.line?.peer.value).toBe(caller.number);
  await bob.press('hangup');
  await until('the end', () => caller.call.state === 'over', WAIT_MS);
});

it('its two calls are joined by an attended transfer', async () => {
  const caller = await talks();
  const first = must(ann);
  bob.lifts = true;
  await first.renegotiate('sendonly');
  await ann.is('held', WAIT_MS);
  const second = await ann.phone.call('4402');
  await bob.is('connected', WAIT_MS);
  await until('the second call', () => second.state === 'up', WAIT_MS);
  second.speak(ann.hertz);
  ann.call = second;
  await bothHear(ann, { number: '4402', hertz: bob.hertz, call: must(bob) });
  expect(await first.refer('4402', second)).toBe(202);
  await until('the phone to know', () => first.referStatus === 200, WAIT_MS);
  await bothHear(bob, caller);
  await until(
    'both of its calls to be over',
    () => [first, second].every(({ state }) => state === 'over'),
    WAIT_MS,
  );
  caller.call.hangup();
});

it('is answered from the softphone by a talk event, and by auto-answer headers', async () => {
  const [device] = (await product.api<{ devices: { id: string }[] }>('/api/devices', 'ann')).devices;
  await ann.ready();
  let caller = await rings();
  expect(ann.line?.actions.answer).toMatchObject({ enabled: false, reason: 'not-capable' });
  await product.patch(`/api/devices/${device?.id}`, { control: 'talk-event' }, 'ann');
  await until('the button', () => ann.line?.actions.answer.enabled, WAIT_MS);
  must(ann).onTalk = () => ann.lift();
  await ann.must({ verb: 'answer', lineId: ann.line?.id ?? '' });
  await ann.is('connected', WAIT_MS);
  await bothHear(ann, caller);
  await ann.press('hangup');
  await until('free', () => ann.state?.lines.length === 0, WAIT_MS);

  await product.patch(`/api/devices/${device?.id}`, { control: 'auto-answer' }, 'ann');
  caller = await rings();
  const rang = must(ann);
  ann.lifts = true;
  await ann.must({ verb: 'answer', lineId: ann.line?.id ?? '' });
  await ann.is('connected', WAIT_MS);
  expect(must(ann)).not.toBe(rang);
  expect(must(ann).header('call-info')).toContain('answer-after=0');
  await bothHear(ann, caller);
  await ann.press('hangup');
});

function must(agent: FloorAgent) {
  if (!agent.call) throw new Error(`${agent.username} has no call`);
  return agent.call;
}
