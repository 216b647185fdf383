/** What is asked while something else is still ending: a dial, a log-out, another state. The CTI toolkit queued them; so do we. */
import { describe, expect, it } from 'vitest';
import { CALLER, type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import { WRAP_MS } from '../../../test/harness/call-world.ts';

const NEXT = '+442079460222';

let world: SoftphoneWorld;
worldForEachTest((made) => {
  world = made;
});

describe('a number that is dialled while a call is ending', () => {
  const shown = (page: { state: SoftphoneState | undefined }) =>
    page.state?.lines.filter((line) => line.legId).map((line) => [line.state, line.peer.value]);

  it('is called when the call that rang out is gone', async () => {
    const page = await world.agent('ann');
    await page.command({ verb: 'dial', number: CALLER });
    await world.pass(100);
    const ended = page.command({ verb: 'hangup', lineId: page.line.id });
    expect(await page.command({ verb: 'dial', number: NEXT })).toBe(true);
    expect(await ended).toBe(true);
    await world.pass(200);
    expect(shown(page)).toEqual([['alerting', NEXT]]);
  });

  it('is called when the talk is over, before a caller who waits is offered', async () => {
    const { page } = await world.talk();
    const waiting = await world.call('100', '+442079460333');
    const ended = page.command({ verb: 'hangup', lineId: page.line.id });
    expect(await page.command({ verb: 'dial', number: NEXT })).toBe(true);
    expect(await ended).toBe(true);
    await world.pass(200);
    expect(shown(page)).toEqual([['alerting', NEXT]]);
    expect(waiting.state).not.toBe('ended');
  });

  it('is called when the offer was declined, and no other is made in between', async () => {
    const { page } = await world.ring();
    const declined = page.command({ verb: 'decline', lineId: page.line.id });
    expect(await page.command({ verb: 'dial', number: NEXT })).toBe(true);
    expect(await declined).toBe(true);
    await world.pass(200);
    expect(shown(page)).toEqual([['alerting', NEXT]]);
    expect(page.state?.agent).toMatchObject({ shown: 'talking', requested: { reason: 'declined' } });
  });

  it('is refused while a call goes on ringing, and the agent is as he was', async () => {
    const { page } = await world.ring();
    expect(await page.command({ verb: 'dial', number: NEXT })).toMatchObject({ code: 'busy' });
    expect(page.state?.agent.shown).toBe('offered');
    expect(page.line.state).toBe('alerting');
  });
});

describe('a state that is chosen in a call', () => {
  const agent = (page: { state: SoftphoneState | undefined }) => page.state?.agent;

  it('is shown as pending in every tab, and holds after the wrap-up', async () => {
    const { page, caller } = await world.talk();
    const other = world.page('ann', 'ann-tab-2');
    expect(await page.command({ verb: 'agent.state', state: 'logged-out', reason: 'shift' })).toBe(true);
    await world.pass(50);
    for (const tab of [page, other])
      expect(agent(tab)).toMatchObject({
        shown: 'talking',
        requested: { state: 'ready' },
        pending: { state: 'logged-out', reason: 'End of shift' },
      });
    expect(agent(page)?.pending?.platform).toBeUndefined();
    caller.hangup();
    await world.pass(WRAP_MS + 1_000);
    expect(agent(page)).toMatchObject({ shown: 'logged-out', reason: 'End of shift' });
    expect(agent(page)?.pending).toBeUndefined();
  });

  it('survives a restart of the server in the call', async () => {
    const { page, caller } = await world.talk();
    await page.command({ verb: 'agent.state', state: 'not-ready', reason: 'lunch' });
    await world.stop();
    await world.startProcess();
    const again = world.page('ann', 'ann-tab-1', { legs: [page.line.legId ?? ''] });
    await world.pass(200);
    expect(agent(again)).toMatchObject({ shown: 'talking', pending: { reason: 'Lunch' } });
    caller.hangup();
    await world.pass(WRAP_MS + 1_000);
    expect(agent(again)).toMatchObject({ shown: 'not-ready', reason: 'Lunch' });
  });

  it('is taken back by what holds, also when the program gave that its reason', async () => {
    const { page } = await world.ring();
    await page.command({ verb: 'decline', lineId: page.line.id });
    await page.command({ verb: 'dial', number: NEXT });
    await world.pass(100);
    await page.command({ verb: 'agent.state', state: 'ready' });
    await world.pass(50);
    const { pending, requested } = agent(page) ?? {};
    expect(pending).toMatchObject({ state: 'ready' });
    expect(requested).toEqual({ state: 'not-ready', reason: 'declined' });
    expect(await page.command({ verb: 'agent.state', ...requested })).toBe(true);
    await world.pass(50);
    expect(agent(page)?.pending).toBeUndefined();
    expect(await page.command({ verb: 'agent.state', ...requested })).toMatchObject({ code: 'bad-input' });
  });

  it('needs its reason where the queue asks for one', async () => {
    world.logoutReasonRequired = true;
    const { page } = await world.talk();
    expect(await page.command({ verb: 'agent.state', state: 'logged-out' })).toMatchObject({
      code: 'reason-required',
    });
    expect(await page.command({ verb: 'agent.state', state: 'logged-out', reason: 'lunch' })).toMatchObject({
      code: 'bad-input',
    });
    expect(await page.command({ verb: 'agent.state', state: 'logged-out', reason: 'shift' })).toBe(true);
  });
});

describe('an agent whose page is reloaded', () => {
  it.each(['before the old one closes', 'after the old one has closed'])(
    'is ready all the time, keeps his place and is offered the next call, the new page opened %s',
    async (order) => {
      const old = await world.agent('ann');
      await world.pass(1_000);
      await world.agent('bob');
      await world.pass(1_000);
      const since = old.state?.agent.since;
      if (order.startsWith('after')) old.close();
      await world.pass(500);
      const page = world.page('ann');
      await world.pass(100);
      if (order.startsWith('before')) old.close(false);
      await world.pass(5_000);
      expect(page.state?.agent).toMatchObject({ shown: 'ready', since });
      await world.call('100', CALLER);
      expect(page.line.state).toBe('alerting');
    },
  );
});
