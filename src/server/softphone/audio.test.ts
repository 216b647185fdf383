/** Where the audio is when pages reload, close and come back, and when our process dies. */
import { describe, expect, it } from 'vitest';
import { type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';

let world: SoftphoneWorld;
worldForEachTest((fresh) => (world = fresh));

describe('the phone in the page', () => {
  it('loses its credentials with the sign-in, and another sign-in gets others', async () => {
    const page = world.page('ann');
    await world.pass(50);
    const { username = '', password } = page.credentials ?? {};
    page.close(false);
    world.softphone.endSession('session-ann');
    await world.pass(50);
    expect(world.exchange.device(username).registered).toBe(false);
    expect(world.exchange.device(username).register(password)).toBe(false);
    const again = world.page('ann', 'ann-tab-1', { sessionId: 'another-session' });
    await world.pass(50);
    expect(again.credentials?.username).not.toBe(username);
  });

  it('gets relays in the name of its user', async () => {
    const page = world.page('ann');
    await world.pass(50);
    expect(page.credentials?.iceServers).toEqual([{ urls: ['turn:t'], username: 'ann', credential: 'c' }]);
  });

  it('is known again by a switch that was restarted', async () => {
    const page = await world.agent('ann');
    world.exchange.restart();
    await world.pass(100);
    expect(page.state?.platforms[0]?.link).toBe('up');
    expect(page.state?.phone.registered).toBe(false);
    page.register();
    await world.pass(50);
    expect(page.state?.phone.registered).toBe(true);
  });

  it('disables every button of a call while the telephone system is not connected', async () => {
    const { page } = await world.talk();
    world.exchange.cutLink();
    await world.pass(50);
    expect(page.line.actions.hangup).toMatchObject({ enabled: false, reason: 'switch-down' });
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'switch-down' });
    world.exchange.restoreLink();
    await world.pass(100);
    expect(page.line.actions.hangup).toEqual({ enabled: true });
  });
});

describe('a call that is talked', () => {
  it('goes on over a reload: the same line, the same timer, a new leg in the standing bridge', async () => {
    const { page, caller } = await world.talk();
    const before = page.line;
    page.close();
    await world.pass(200);
    const again = world.page('ann', 'ann-tab-1', { phone: false });
    await world.pass(50);
    expect(again.line).toMatchObject({ id: before.id, state: 'reconnecting' });
    again.register();
    await world.pass(200);
    expect(again.line).toMatchObject({ id: before.id, state: 'connected', t: before.t });
    expect(again.line.legId).not.toBe(before.legId);
    expect(caller.hears).toEqual([again.line.legId]);
    expect(again.credentials?.username).toBe(page.credentials?.username);
  });

  it('stays on hold over two reloads, and is retrieved', async () => {
    const { page, caller } = await world.talk();
    const lineId = page.line.id;
    await page.command({ verb: 'hold', lineId });
    await world.pass(50);
    let last = page;
    for (let reload = 0; reload < 2; reload++) {
      last.close();
      await world.pass(300);
      last = world.page('ann');
      await world.pass(300);
      expect(last.line).toMatchObject({ id: lineId, state: 'held' });
      expect(caller.hears).toBe('music');
    }
    expect(await last.command({ verb: 'retrieve', lineId })).toBe(true);
    await world.pass(60);
    expect(last.line.state).toBe('connected');
    expect(caller.hears).toEqual([last.line.legId]);
  });

  it('keeps its leg over a mere reconnection of the socket', async () => {
    const { page, caller } = await world.talk();
    const legId = page.line.legId;
    page.close(false);
    await world.pass(1_000);
    const again = world.page('ann', 'ann-tab-1', { legs: [legId ?? ''] });
    await world.pass(100);
    expect(again.line).toMatchObject({ legId, state: 'connected' });
    expect(caller.hears).toEqual([legId]);
  });

  it('moves its audio to another tab when the tab that had it is closed', async () => {
    const { page, caller } = await world.talk();
    const other = world.page('ann', 'ann-tab-2');
    await world.pass(50);
    const old = page.line.legId;
    page.close();
    await world.pass(1_000);
    expect(other.state?.phone.audioTab).toBe('ann-tab-1');
    await world.pass(1_000);
    expect(other.state?.phone).toMatchObject({ audioTab: 'ann-tab-2', registered: true });
    expect(other.line.state).toBe('connected');
    expect(caller.hears).toEqual([other.line.legId]);
    expect(other.line.legId).not.toBe(old);
  });

  it('gives the caller music when no page is left, and the agent the call back when he comes', async () => {
    const { page, caller } = await world.talk();
    page.close();
    await world.pass(8_500);
    expect(caller.hears).toBe('music');
    const again = world.page('ann', 'ann-tab-9');
    await world.pass(300);
    expect(again.line.state).toBe('connected');
    expect(caller.hears).toEqual([again.line.legId]);
  });

  it('is talked on after our process died, when the page comes back with its leg', async () => {
    const { page, caller } = await world.talk();
    const { legId } = page.line;
    const started = page.line.t;
    await world.stop();
    await world.startProcess();
    await world.pass(3_000);
    const again = world.page('ann', 'ann-tab-1', { legs: [legId ?? ''] });
    await world.pass(100);
    expect(again.line).toMatchObject({ legId, state: 'connected', t: started, pop: { done: true } });
    expect(again.credentials?.username).toBe(page.credentials?.username);
    await world.pass(20_000);
    expect(caller.hears).toEqual([legId]);
  });

  it('counts as lost 15 seconds after our process died when no page lists its leg', async () => {
    const { caller } = await world.talk();
    await world.stop();
    await world.startProcess();
    await world.pass(14_000);
    expect(world.happened).not.toContain('leg.lost');
    await world.pass(1_500);
    expect(world.happened).toContain('leg.lost');
    await world.pass(3_000);
    expect(caller.hears).toBe('music');
  });
});
