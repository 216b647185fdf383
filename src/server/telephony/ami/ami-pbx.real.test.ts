/** What phones and the PBX do by themselves, as it stands in our conversations. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AmiStage, CALLER, OUTSIDE } from '../../../../test/conformance/ami-stage.ts';
import type { SipCall } from '../../../../test/harness/sip-call.ts';
import { type Conversation, isLive, type Leg } from '../model.ts';

describe('a PBX that routes by itself, mirrored', () => {
  let stage: AmiStage;
  beforeAll(async () => {
    stage = await AmiStage.open();
  }, 60_000);
  afterAll(() => stage?.close());
  beforeEach(() => stage.reset());

  const open = (): Conversation[] =>
    stage.conversations.all().filter((one) => [...one.calls.values()].some((call) => !call.endedAt));
  const only = (): Conversation => {
    const [one, ...more] = open();
    if (!one || more.length > 0) throw new Error(`${open().length} conversations go on`);
    return one;
  };
  const leg = (userId: string): Leg | undefined =>
    open()
      .flatMap((conversation) => [...conversation.legs.values()])
      .findLast((one) => one.userId === userId && isLive(one));
  const typesSince = (from: number) => stage.journal.entries.slice(from).map(({ type }) => type);

  async function queueCall(number: string, extension: string): Promise<{ caller: SipCall; phone: SipCall }> {
    const caller = await stage.customer(number);
    const phone = await stage.ringing(stage.phones[extension] as never);
    await stage.until('the offer', () => [...(open()[0]?.offers.values() ?? [])].length > 0);
    phone.answer(440);
    await stage.until('the call to be joined', () =>
      [...(open()[0]?.legs.values() ?? [])].some((one) => one.userId && one.joined),
    );
    return { caller, phone };
  }

  it('writes a queue call behind Local channels as one caller and one agent', async () => {
    const from = stage.journal.entries.length;
    const { caller } = await queueCall('6001', '203');
    const conversation = only();
    expect([...conversation.legs.values()].map(({ role, userId }) => userId ?? role)).toEqual([
      'customer',
      'cy',
    ]);
    expect([...conversation.calls.values()][0]).toMatchObject({
      direction: 'inbound',
      entry: 'trunk:carrier',
      ani: { kind: 'e164', value: CALLER },
      callerName: 'Eve',
    });
    expect([...conversation.queueStays.values()]).toMatchObject([
      { queueId: 'pbx:support', how: 'answered' },
    ]);
    expect([...conversation.offers.values()]).toMatchObject([{ userId: 'cy', ended: 'accepted' }]);
    caller.hangup();
    await stage.until('the end', () => open().length === 0);
    expect(typesSince(from).filter((type) => type === 'call.ended')).toHaveLength(1);
  });

  it('shows a caller who waits, and that he gave up', async () => {
    const caller = await stage.customer('6001');
    await stage.ringing(stage.phones['203'] as never);
    await stage.until('the caller to wait', () =>
      stage.pbx.acd.queues().some(({ waiting }) => waiting.length === 1),
    );
    expect(stage.pbx.acd.queues().find(({ name }) => name === 'support')?.waiting).toMatchObject([
      { position: 1 },
    ]);
    const conversation = only();
    caller.hangup();
    await stage.until('the end', () => open().length === 0);
    expect([...conversation.queueStays.values()]).toMatchObject([{ how: 'abandoned' }]);
    expect([...conversation.offers.values()]).toMatchObject([{ ended: 'withdrawn' }]);
    expect(stage.pbx.acd.queues().every(({ waiting }) => waiting.length === 0)).toBe(true);
  });

  it('ends the offer of a phone that declines, while the caller keeps waiting', async () => {
    await stage.customer('6001');
    const phone = await stage.ringing(stage.phones['203'] as never);
    await stage.until('the offer', () => leg('cy') !== undefined);
    phone.refuse('486 Busy Here');
    await stage.until('the offer to end', () => [...only().offers.values()][0]?.ended === 'declined');
    expect([...only().queueStays.values()][0]?.leftAt).toBeUndefined();
  });

  it('follows a blind transfer that the phone made', async () => {
    const { phone } = await queueCall('6001', '203');
    const conversation = only();
    expect(await phone.refer('202')).toBe(202);
    const bob = await stage.ringing(stage.phones['202'] as never);
    bob.answer(440);
    await stage.until('Bob to talk', () => leg('bob')?.joined === true);
    await stage.until('Cy to be free', () => leg('cy') === undefined);
    expect(only()).toBe(conversation);
    expect(conversation.calls.size).toBe(1);
    expect(
      stage.journal.entries.some(
        ({ type, body }) => type === 'call.transferred' && (body as { how: string }).how === 'blind',
      ),
    ).toBe(true);
  });

  it('follows an attended transfer that the phone made with its second line', async () => {
    const { phone, caller } = await queueCall('6001', '203');
    const conversation = only();
    const first = leg('cy') as Leg;
    await phone.renegotiate('sendonly');
    await stage.until('the call to be held', () => first.state === 'held');
    const second = await (stage.phones['203'] as NonNullable<(typeof stage.phones)[string]>).call('202');
    const bob = await stage.ringing(stage.phones['202'] as never);
    bob.answer(440);
    await second.reaches('up', 15_000);
    await stage.until('the consultation', () => leg('bob')?.joined === true);
    expect(only()).toBe(conversation);
    expect([...conversation.calls.values()][1]).toMatchObject({
      purpose: 'consult',
      parentCall: first.callId,
      userId: 'cy',
    });
    expect(await phone.refer('202', second)).toBe(202);
    await stage.until('Bob to be in the first call', () => leg('bob')?.callId === first.callId);
    await stage.until('Cy to be free', () => leg('cy') === undefined);
    expect(caller.state).toBe('up');
    expect([...conversation.calls.values()].filter((call) => !call.endedAt)).toHaveLength(1);
  });

  it('shows who dials outside at his desk phone', async () => {
    const ann = await (stage.phones['201'] as NonNullable<(typeof stage.phones)[string]>).call(
      `9${OUTSIDE.slice(1)}`,
    );
    const outside = await stage.ringing(stage.carrier);
    outside.answer(440);
    await ann.reaches('up', 15_000);
    await stage.until('both to talk', () => leg('ann')?.joined === true);
    expect([...only().calls.values()][0]).toMatchObject({ direction: 'outbound', userId: 'ann' });
  });

  it('keeps quiet about calls that concern none of our users and no queue', async () => {
    const before = stage.journal.entries.length;
    const caller = await stage.customer('9447700900999');
    await caller.reaches('over', 15_000);
    await stage.until('the PBX to be quiet', () => stage.pbx.state.channels.size === 0);
    expect(stage.journal.entries.length).toBe(before);
  });

  it('finds after a lost connection what lives, what came and what is gone, and nothing twice', async () => {
    const { caller } = await queueCall('6001', '203');
    const lives = only();
    const second = await stage.customer('202');
    const bob = await stage.ringing(stage.phones['202'] as never);
    await stage.until('Bob to ring', () => leg('bob')?.state === 'alerting');
    const gone = open().find((one) => one !== lives) as Conversation;
    const from = stage.journal.entries.length;
    await stage.cut(async () => {
      second.hangup();
      await bob.reaches('over', 15_000);
      const third = await stage.customer('201');
      const ann = await stage.ringing(stage.phones['201'] as never);
      ann.answer(440);
      await third.reaches('up', 15_000);
    });
    await stage.until('the third call', () => leg('ann')?.joined === true);
    expect(lives.endedAt).toBeUndefined();
    expect(leg('cy')?.joined).toBe(true);
    expect([...gone.calls.values()][0]?.endedAt).toBeDefined();
    expect([...gone.legs.values()].every((one) => one.cause === 'lost')).toBe(true);
    expect(typesSince(from).filter((type) => type === 'call.arrived')).toHaveLength(1);
    expect(typesSince(from).filter((type) => type === 'call.ended')).toHaveLength(1);
    caller.hangup();
    await stage.until('the first call to end', () =>
      [...lives.calls.values()].every((call) => call.endedAt !== undefined),
    );
  });

  it('closes its calls as lost when the PBX dies, and is back when that one is', async () => {
    await queueCall('6001', '203');
    const conversation = only();
    await stage.rig.kill();
    await stage.until('the link to be down', () => stage.pbx.link === 'down');
    expect(conversation.endedAt).toBeUndefined();
    await stage.rig.boot();
    await stage.until('the link to be up', () => stage.pbx.link === 'up');
    await stage.until('the call to be closed', () => open().length === 0);
    expect([...conversation.legs.values()].map((one) => one.cause)).toEqual(['lost', 'lost']);
  });
});
