/** The first call: a customer on the telephone network, an agent in a browser, a pop, sound both ways, one Task. */
import { describe, expect, it } from 'vitest';
import type { ShownQueue } from '../../src/protocol/setup.ts';
import { AUDIBLE } from './browser.ts';
import { ADA, LOUD, STRANGER, Stage } from './stage.ts';

const stage = Stage.forThisFile();

describe('a customer calls', () => {
  it('his record pops while it rings, both hear each other, and one closed Task with the notes remains', async () => {
    const desk = await stage.readyDesk();
    const caller = await stage.call();
    await desk.lineIs('alerting');
    await desk.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
    await desk.press('answer');
    await desk.lineIs('connected');
    caller.ear.reset();
    await desk.hearsSound();
    expect(caller.ear.loudness).toBeGreaterThan(LOUD);
    await desk.softphone.getByTestId('notes').fill('Wants a second engine');
    // The picture in the README is this one: UPDATE_DOCS=1 npm test -- e2e
    if (process.env.UPDATE_DOCS) await desk.page.screenshot({ path: 'docs/images/agent-during-a-call.png' });
    await desk.press('hangup');
    await caller.finished();
    await desk.finishWrapUp();
    await desk.shows('ready');
    const logs = async () =>
      (await stage.callLogs(ADA.name)).filter((task) => task.fields.Description === 'Wants a second engine');
    await expect.poll(async () => (await logs()).length, { timeout: 10_000 }).toBe(1);
    expect((await logs())[0]?.fields).toMatchObject({ Status: 'Completed', CallType: 'Inbound' });
    await desk.page.getByTestId('timeline-item').filter({ hasText: 'Wants a second engine' }).waitFor();
  });

  it('whom nobody knows: a new contact with his number filled in', async () => {
    const desk = await stage.readyDesk();
    const caller = await stage.call({
      number: STRANGER,
      scenario: 'caller-talks-then-hangs-up',
      talkMs: 4_000,
    });
    await desk.lineIs('alerting');
    await desk.page.getByTestId('new-record-page').waitFor();
    expect(
      await desk.page.locator('[data-testid=field-Phone] input, input[data-testid=field-Phone]').inputValue(),
    ).toBe(STRANGER);
    await desk.press('answer');
    await caller.finished();
    await desk.finishWrapUp();
  });

  it('and hangs up while it rings: the agent is ready for the next at once, and no Task remains', async () => {
    const before = (await stage.callLogs(ADA.name)).length;
    const desk = await stage.readyDesk();
    const caller = await stage.call({ scenario: 'caller-talks-then-hangs-up', talkMs: 1_500 });
    await desk.lineIs('alerting');
    await caller.finished();
    await desk.noLine();
    await desk.shows('ready');
    expect((await stage.callLogs(ADA.name)).length).toBe(before);
  });

  it('and the agent declines: he is not ready, the next agent gets the call', async () => {
    const [first, second] = [await stage.readyDesk('agent'), await stage.desk('agent2')];
    const caller = await stage.call();
    await first.lineIs('alerting');
    await second.ready();
    await first.press('decline');
    await first.shows('not-ready');
    await second.lineIs('alerting');
    await second.press('answer');
    await second.lineIs('connected');
    caller.ear.reset();
    await second.hearsSound();
    expect(caller.ear.loudness).toBeGreaterThan(LOUD);
    await second.press('hangup');
    await caller.finished();
    await second.finishWrapUp();
  });

  it('and the agent chooses lunch in the call: it is pending, can be taken back, and holds after the wrap-up', async () => {
    const { desk, caller } = await stage.talk();
    const state = desk.softphone.getByTestId('agent-state');
    await desk.choose('state-not-ready-lunch');
    await state.filter({ hasText: 'then not ready: Lunch' }).waitFor();
    await desk.choose('take-back-state');
    await state.filter({ hasNotText: 'then' }).waitFor();
    await desk.choose('state-not-ready-lunch');
    await desk.press('hangup');
    await caller.finished();
    await desk.lineIs('wrap-up');
    await state.filter({ hasText: 'then not ready: Lunch' }).waitFor();
    await desk.finishWrapUp();
    await desk.shows('not-ready');
    await state.filter({ hasText: 'Lunch' }).waitFor();
  });

  it('and is not answered: the agent is what his queue says, with its reason', async () => {
    const { queues } = await stage.product.api<{ queues: ShownQueue[] }>('/api/queues', 'admin');
    const sales = queues.find((queue) => queue.label === 'Sales');
    if (!sales) throw new Error('there is no queue Sales');
    const noAnswer = { state: 'logged-out', reasonId: 'end-of-shift', after: 1 };
    const change = { ringMs: 8_000, agentRules: { ...sales.agentRules, noAnswer } };
    await stage.product.send('PUT', `/api/queues/${sales.id}`, change, 'admin');
    const desk = await stage.readyDesk();
    const caller = await stage.call({ scenario: 'caller-talks-then-hangs-up', talkMs: 14_000 });
    await desk.lineIs('alerting');
    await desk.shows('logged-out');
    await desk.softphone.getByTestId('agent-state').filter({ hasText: 'End of shift' }).waitFor();
    await caller.finished();
    const { ringMs, agentRules } = sales;
    await stage.product.send('PUT', `/api/queues/${sales.id}`, { ringMs, agentRules }, 'admin');
  });

  it('twice at once: each agent gets one call', async () => {
    const [first, second] = [await stage.readyDesk('agent'), await stage.readyDesk('agent2')];
    const callers = await Promise.all([stage.call(), stage.call({ number: '+442079460111' })]);
    await Promise.all([first.lineIs('alerting'), second.lineIs('alerting')]);
    expect(await first.lines.count()).toBe(1);
    expect(await second.lines.count()).toBe(1);
    await Promise.all([first.press('answer'), second.press('answer')]);
    await Promise.all([first.lineIs('connected'), second.lineIs('connected')]);
    await Promise.all([first.press('hangup'), second.press('hangup')]);
    await Promise.all(callers.map((caller) => caller.finished()));
    await Promise.all([first.finishWrapUp(), second.finishWrapUp()]);
  });

  it('and is put on hold: he hears music, then the agent again; muted he hears nothing of the agent', async () => {
    const { desk, caller } = await stage.talk();
    await desk.press('hold');
    await desk.lineIs('held');
    await desk.hears(300); // what was in the jitter buffer
    caller.ear.reset();
    expect(await desk.hears(1_000)).toBeLessThan(AUDIBLE);
    expect(caller.ear.loudness).toBeGreaterThan(LOUD);
    await desk.press('retrieve');
    await desk.lineIs('connected');
    await desk.hearsSound();
    await desk.press('mute');
    await desk.softphone.getByTestId('unmute').waitFor();
    await desk.hears(300);
    caller.ear.reset();
    await desk.hears(1_000);
    expect(caller.ear.loudness).toBeLessThan(LOUD);
    await desk.press('unmute');
    await desk.softphone.getByTestId('mute').waitFor();
    await desk.press('hangup');
    await caller.finished();
    await desk.finishWrapUp();
  });
});
