/**
 * The conformance suite of the role CallControl: what every telephone system must do for our agents, per leg, as the softphone
 * sees it through the conversations. A harness gives hands on two agents' phones and on an outside party; a capability that a
 * platform lacks must be declared by `capabilities()` with a reason, and then the command must refuse with the same.
 */
import { expect } from './expect.ts';
import { afterAll, beforeAll, beforeEach, it, type Suite, suite } from './suite.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Address, parseAddress } from '../../src/protocol/address.ts';
import { CodedError } from '../../src/protocol/errors.ts';
import type { Conversations } from '../../src/server/telephony/conversations.ts';
import { type Call, type Conversation, isLive, type Leg } from '../../src/server/telephony/model.ts';
import { type AgentDevice, CALL_VERBS, type CallControl } from '../../src/server/telephony/ports.ts';

/** One end of a call that is none of ours: a phone on a desk, a customer. */
export interface FarEnd {
  answer(): void;
  hangup(): void;
  /** `over` for ever once it was. */
  state(): 'ringing' | 'up' | 'over';
}

export interface CallControlAgent {
  userId: string;
  device: AgentDevice;
}

export interface CallControlHarness {
  control: CallControl;
  conversations: Conversations;
  /** Ann, who does things, and Bob, to whom she turns; neither is a member of a queue on whom calls fall by themselves. */
  ann: CallControlAgent;
  bob: CallControlAgent;
  /** An outside number that can be dialled. */
  outside: string;
  country: string;
  /** A customer calls Ann directly, her phone rings. */
  customerCalls(): Promise<{ customer: FarEnd; phone: FarEnd }>;
  /** The next call that rings at the agent's phone, or outside. */
  rings(where: 'ann' | 'bob' | 'outside'): Promise<FarEnd>;
  /** Lets the world go on until it is so; throws after the harness's own deadline. */
  until(what: string, check: () => boolean): Promise<void>;
  /** Ends every call. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export function callControlConformance(name: string, open: () => Promise<CallControlHarness>): Suite {
  return suite(`call control on ${name}`, () => {
    let h: CallControlHarness;
    beforeAll(async () => {
      h = await open();
    });
    afterAll(() => h?.close());
    beforeEach(() => h.reset());

    const only = (): Conversation => {
      const all = h.conversations
        .all()
        .filter((one) => [...one.calls.values()].some((call) => !call.endedAt));
      if (all.length !== 1) throw new Error(`${all.length} conversations go on`);
      return all[0] as Conversation;
    };
    const legsOf = (userId?: string): Leg[] =>
      h.conversations
        .all()
        .flatMap((conversation) => [...conversation.legs.values()])
        .filter((leg) => leg.userId === userId && isLive(leg));
    const callOf = (leg: Leg | undefined): Call | undefined =>
      leg ? only().calls.get(leg.callId) : undefined;
    const from = (): Address => parseAddress(h.outside, h.country);
    const toBob = () => ({ target: { kind: 'user' as const, userId: h.bob.userId }, from: from() });

    /** A customer and Ann talk. */
    async function talking(): Promise<{ leg: Leg; customer: FarEnd; phone: FarEnd }> {
      const { customer, phone } = await h.customerCalls();
      await h.until('the call to ring at Ann', () => legsOf(h.ann.userId)[0]?.state === 'alerting');
      phone.answer();
      await h.until('Ann to talk', () => legsOf(h.ann.userId)[0]?.joined === true);
      return { leg: legsOf(h.ann.userId)[0] as Leg, customer, phone };
    }

    async function consulting(): Promise<{ leg: Leg; customer: FarEnd; consultLegId: string; bob: FarEnd }> {
      const { leg, customer } = await talking();
      const consult = h.control.consult(leg.id, toBob());
      const bob = await h.rings('bob');
      const { legId } = await consult;
      bob.answer();
      await h.until('Ann to consult Bob', () => legsOf(h.bob.userId)[0]?.joined === true);
      return { leg, customer, consultLegId: legId, bob };
    }

    async function refused(work: Promise<unknown>): Promise<string> {
      const error: unknown = await work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return error instanceof CodedError ? error.code : `no refusal: ${String(error)}`;
    }

    it('shows a call that comes in, and ends it for both when the agent hangs up', async () => {
      const { leg, customer, phone } = await talking();
      expect(callOf(leg)?.direction).toBe('inbound');
      expect([...only().legs.values()].filter((one) => one.joined)).toHaveLength(2);
      await h.control.hangup(leg.id);
      await h.until('both ends to be over', () => customer.state() === 'over' && phone.state() === 'over');
      await h.until('the call to end', () => legsOf(h.ann.userId).length === 0);
    });

    it('ends the call when the customer hangs up', async () => {
      const { customer, phone } = await talking();
      customer.hangup();
      await h.until('the phone to be over', () => phone.state() === 'over');
      await h.until('the call to end', () =>
        h.conversations.all().every((c) => [...c.calls.values()].every((call) => call.endedAt)),
      );
    });

    it('declines a call that rings', async () => {
      const { phone } = await h.customerCalls();
      await h.until('the call to ring at Ann', () => legsOf(h.ann.userId)[0]?.state === 'alerting');
      await h.control.hangup((legsOf(h.ann.userId)[0] as Leg).id);
      await h.until('the phone to stop', () => phone.state() === 'over');
    });

    it('calls an outside number: the agent first, then the other party', async () => {
      const conversationId = newId('conv');
      const to = parseAddress(h.outside, h.country);
      const made = h.control.makeCall(
        { userId: h.ann.userId, device: h.ann.device, from: from(), to, callerName: 'Eve' },
        conversationId,
      );
      const phone = await h.rings('ann');
      const { legId, callId } = await made;
      expect(h.conversations.find(legId)?.conversation.id).toBe(conversationId);
      if (phone.state() === 'ringing') phone.answer();
      const outside = await h.rings('outside');
      outside.answer();
      await h.until('both to talk', () => h.conversations.find(legId)?.leg.joined === true);
      expect(only().calls.get(callId)).toMatchObject({ direction: 'outbound', userId: h.ann.userId });
      expect(only().calls.size).toBe(1);
      outside.hangup();
      await h.until('the phone to be over', () => phone.state() === 'over');
    });

    it('mutes, sends keys, and says so', async () => {
      const { leg } = await talking();
      await h.control.mute(leg.id, true);
      await h.until('the leg to be muted', () => legsOf(h.ann.userId)[0]?.muted === true);
      await h.control.mute(leg.id, false);
      await h.until('the leg to be heard', () => legsOf(h.ann.userId)[0]?.muted === false);
      await h.control.sendDigits(leg.id, '12#');
    });

    it('holds and retrieves, or says that it cannot', async () => {
      const { leg } = await talking();
      const able = h.control.capabilities(leg.id).hold;
      if (able !== true) return expect(await refused(h.control.hold(leg.id))).toBe(able);
      await h.control.hold(leg.id);
      await h.until('the call to be held', () => legsOf(h.ann.userId)[0]?.state === 'held');
      await h.control.retrieve(leg.id);
      await h.until('the call to be back', () => legsOf(h.ann.userId)[0]?.state === 'connected');
    });

    it('transfers blind: the agent leaves at once, the colleague gets the caller in the same conversation', async () => {
      const { leg, customer } = await talking();
      const conversation = only();
      await h.control.transfer(leg.id, toBob());
      const bob = await h.rings('bob');
      bob.answer();
      await h.until('Bob to talk', () => legsOf(h.bob.userId)[0]?.joined === true);
      await h.until('Ann to be free', () => legsOf(h.ann.userId).length === 0);
      expect(only()).toBe(conversation);
      expect(callOf(legsOf(h.bob.userId)[0])?.direction).toBe('inbound');
      expect(customer.state()).toBe('up');
      bob.hangup();
      await h.until('the customer to be over', () => customer.state() === 'over');
    });

    it('consults: a call of its own while the first is held, completed into the first', async () => {
      const { leg, customer, consultLegId } = await consulting();
      expect(h.conversations.find(leg.id)?.leg.state).toBe('held');
      const consult = h.conversations.find(consultLegId);
      expect(consult?.call).toMatchObject({ purpose: 'consult', parentCall: leg.callId });
      expect(h.control.capabilities(consultLegId).complete).toBe(true);
      await h.control.completeTransfer(consultLegId);
      await h.until('Bob to be in the first call', () => legsOf(h.bob.userId)[0]?.callId === leg.callId);
      await h.until('Ann to be free', () => legsOf(h.ann.userId).length === 0);
      await h.until(
        'one call to be left',
        () => [...only().calls.values()].filter((call) => !call.endedAt).length === 1,
      );
      expect(customer.state()).toBe('up');
    });

    it('cancels a consultation and is back with the caller', async () => {
      const { leg, customer, consultLegId, bob } = await consulting();
      await h.control.cancelConsult(consultLegId);
      await h.until('Bob to be over', () => bob.state() === 'over');
      await h.until('Ann to be back', () => h.conversations.find(leg.id)?.leg.state === 'connected');
      await h.until('the consultation to end', () => legsOf(h.ann.userId).length === 1);
      expect(customer.state()).toBe('up');
    });

    it('makes a conference of a consultation, and drops a party of it', async () => {
      const { leg, customer, consultLegId, bob } = await consulting();
      await h.control.conference(consultLegId);
      await h.until('Bob to be in the first call', () => legsOf(h.bob.userId)[0]?.callId === leg.callId);
      await h.until('Ann to be back in it', () => h.conversations.find(leg.id)?.leg.state === 'connected');
      await h.until('one line to be left', () => legsOf(h.ann.userId).length === 1);
      expect(h.control.capabilities(leg.id).drop).toBe(true);
      await h.control.drop(leg.id, (legsOf(h.bob.userId)[0] as Leg).id);
      await h.until('Bob to be over', () => bob.state() === 'over');
      expect(customer.state()).toBe('up');
      expect(h.conversations.find(leg.id)?.leg.state).toBe('connected');
    });

    it('parks a call and picks it up again', async () => {
      const { leg, customer } = await talking();
      const { slot } = await h.control.park(leg.id);
      expect(slot).toMatch(/^\d{1,8}$/);
      await h.until('Ann to be free', () => legsOf(h.ann.userId).length === 0);
      expect([...only().calls.values()][0]?.parked?.slot).toBe(slot);
      const picked = h.control.pickUp(slot, h.bob.userId, h.bob.device);
      const bob = await h.rings('bob');
      await picked;
      if (bob.state() === 'ringing') bob.answer();
      await h.until('Bob to talk', () => legsOf(h.bob.userId)[0]?.joined === true);
      expect([...only().calls.values()][0]?.parked).toBeUndefined();
      expect(customer.state()).toBe('up');
    });

    it('refuses what cannot be done, by the reason that it declares', async () => {
      expect(await refused(h.control.hangup('leg_of_nobody'))).toBe('no-such-line');
      for (const verb of CALL_VERBS) expect(h.control.capabilities('leg_of_nobody')[verb]).not.toBe(true);
      const { leg } = await talking();
      expect(h.control.capabilities(leg.id).retrieve).not.toBe(true);
      expect(await refused(h.control.completeTransfer(leg.id))).toBe('wrong-state');
    });
  });
}
