/**
 * The conformance suite of the role Acd, as a softphone needs it: agent states and offers by whoever rules over them. The same
 * for our own routing and for a platform's queues.
 */
import { expect } from './expect.ts';
import { afterAll, beforeAll, beforeEach, it, type Suite, suite } from './suite.ts';
import { CodedError } from '../../src/protocol/errors.ts';
import type { AgentStates } from '../../src/server/routing/ports.ts';
import type { Conversations } from '../../src/server/telephony/conversations.ts';
import { isLive } from '../../src/server/telephony/model.ts';
import type { FarEnd } from './call-control.ts';

export interface AcdHarness {
  acd: AgentStates;
  conversations: Conversations;
  /** The only agent of `queueId`; logged in, and ready after `reset`. */
  userId: string;
  queueId: string;
  /** A not-ready reason. */
  reason: string;
  /** A customer calls the queue. */
  customerCalls(): Promise<FarEnd>;
  /** The next call that rings at the agent's phone. */
  rings(): Promise<FarEnd>;
  /** The platform's own administrator changes the agent's state; undefined where nobody but us can. */
  changeThere?: ((ready: boolean) => Promise<void>) | undefined;
  until(what: string, check: () => boolean): Promise<void>;
  /** Ends every call; the agent is ready. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export function acdConformance(name: string, open: () => Promise<AcdHarness>): Suite {
  return suite(`agent states and offers on ${name}`, () => {
    let h: AcdHarness;
    beforeAll(async () => {
      h = await open();
    });
    afterAll(() => h?.close());
    beforeEach(() => h.reset());

    const shown = () => h.acd.agent(h.userId).shown;
    const set = (state: 'ready' | 'not-ready' | 'logged-out', reason?: string) =>
      h.acd.setRequested(h.userId, state, reason, h.userId);

    it('carries a state with its reason, and tells of each change', async () => {
      const told: string[] = [];
      const stop = h.acd.events.on('agent', (view) => told.push(view.shown));
      await set('not-ready', h.reason);
      await h.until('not ready', () => shown() === 'not-ready');
      expect(h.acd.agent(h.userId).requested).toEqual({ state: 'not-ready', reason: h.reason });
      await h.until('the confirmation', () => h.acd.agent(h.userId).pending === undefined);
      await set('ready');
      await h.until('ready', () => shown() === 'ready');
      stop();
      expect(told).toContain('not-ready');
      expect(told.at(-1)).toBe('ready');
    });

    it('logs out and in again', async () => {
      await set('logged-out');
      await h.until('logged out', () => shown() === 'logged-out');
      await set('ready');
      await h.until('ready', () => shown() === 'ready');
    });

    it('offers a waiting caller to a ready agent, who talks and is ready again', async () => {
      const customer = await h.customerCalls();
      const phone = await h.rings();
      await h.until('the offer', () => h.acd.agent(h.userId).offer !== undefined);
      expect(shown()).toBe('offered');
      expect(h.acd.agent(h.userId).offer?.queueId).toBe(h.queueId);
      phone.answer();
      await h.until('the agent to talk', () => shown() === 'talking');
      expect(h.acd.waiting(h.queueId)).toBe(0);
      customer.hangup();
      await h.until('the agent to be done', () => shown() === 'ready' || shown() === 'wrap-up');
    });

    it('keeps a caller waiting while the agent is not ready, and offers him then', async () => {
      await set('not-ready', h.reason);
      await h.until('not ready', () => shown() === 'not-ready');
      await h.customerCalls();
      await h.until('the caller to wait', () => h.acd.waiting(h.queueId) === 1);
      expect(h.acd.agent(h.userId).offer).toBeUndefined();
      await set('ready');
      const phone = await h.rings();
      await h.until('the offer', () => h.acd.agent(h.userId).offer !== undefined);
      phone.hangup();
    });

    it('takes the offer back from who declines it, and refuses to decline it twice', async () => {
      await h.customerCalls();
      const phone = await h.rings();
      await h.until('the offer', () => h.acd.agent(h.userId).offer !== undefined);
      const { offerId } = h.acd.agent(h.userId).offer ?? { offerId: '' };
      await h.acd.decline(h.userId, offerId);
      await h.until('the phone to stop', () => phone.state() === 'over');
      const error: unknown = await h.acd.decline(h.userId, offerId).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CodedError);
      expect(error).toMatchObject({ code: 'offer-gone' });
      expect(h.acd.waiting(h.queueId)).toBe(1);
    });

    it('withdraws the offer when the caller gives up', async () => {
      const customer = await h.customerCalls();
      const phone = await h.rings();
      await h.until('the offer', () => h.acd.agent(h.userId).offer !== undefined);
      customer.hangup();
      await h.until('the phone to stop', () => phone.state() === 'over');
      await h.until('nobody to wait', () => h.acd.waiting(h.queueId) === 0);
      await h.until('no leg', () =>
        h.conversations.all().every((one) => [...one.legs.values()].every((leg) => !isLive(leg))),
      );
    });

    it('follows what its own administrator changes, and sends nothing back', async () => {
      if (!h.changeThere) return expect(h.acd.agent(h.userId).authority).toBeUndefined();
      await h.changeThere(false);
      await h.until('not ready', () => shown() === 'not-ready');
      const told: string[] = [];
      const stop = h.acd.events.on('agent', (view) => told.push(view.shown));
      await h.changeThere(true);
      await h.until('ready', () => shown() === 'ready');
      await set('not-ready', h.reason);
      await h.until('not ready', () => shown() === 'not-ready' && !h.acd.agent(h.userId).pending);
      await h.changeThere(true);
      await h.until('ready, as it says', () => shown() === 'ready');
      stop();
      // each change once: nothing went to and fro
      expect(told.filter((one, index) => one !== told[index - 1])).toEqual(['ready', 'not-ready', 'ready']);
    });
  });
}
