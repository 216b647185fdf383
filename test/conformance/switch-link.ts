/** Conformance of a Switch: what happens when our process falls silent, dies or loses its link. */
import { expect } from './expect.ts';
import { newId } from '../../src/lib/ids.ts';
import { LEG_COMMANDS } from './switch-legs.ts';
import type { Check, Line, Stage } from './stage.ts';

/** A deadline that cannot be kept while nobody answers. */
const SHORT_MS = 500;

export function fallbackChecks(check: Check): void {
  check('hangs up the leg that we were silent about', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await arm(stage, legId, 'hangup');
    await stage.cleared(legId, 'fallback', stage.pace.fallbackMs + stage.pace.deadlineMs);
    await stage.until('the caller sees the end', () => far.ended());
    expect(await stage.leg(legId)).toBeUndefined();
  });

  check('apologises, hangs up, and the leg is not ours from the beginning of that', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await stage.do(stage.switch.startMusic(legId));
    await arm(stage, legId, 'apology');
    await stage.fact('leg.cleared', legId, stage.pace.fallbackMs + stage.pace.deadlineMs);
    await stage.refuses(stage.switch.startMusic(legId), 'no-such-line');
    await stage.refuses(stage.switch.hangup(legId), 'no-such-line');
    expect(await stage.leg(legId)).toBeUndefined();
    await stage.until('the apology ends', () => far.ended(), stage.pace.apologyMs);
    expect(stage.factsOf('leg.cleared', legId).map((fact) => fact.cause)).toEqual(['fallback']);
  });

  check('does not come early', [], async (stage) => {
    const { legId } = await stage.talking();
    const armed = stage.harness.time.now();
    await arm(stage, legId, 'hangup');
    const cleared = await stage.fact('leg.cleared', legId, stage.pace.fallbackMs + stage.pace.deadlineMs);
    expect(cleared.at - armed).toBeGreaterThan(stage.pace.fallbackMs * 0.8);
  });

  check('is postponed by each renewal', [], async (stage) => {
    const { far, legId } = await stage.talking();
    for (let i = 0; i < 4; i++) {
      await arm(stage, legId, 'hangup');
      await stage.harness.time.wait(stage.pace.fallbackMs * 0.5);
      expect(stage.factsOf('leg.cleared', legId)).toEqual([]);
    }
    expect(far.ended()).toBe(false);
    await stage.cleared(legId, 'fallback', stage.pace.fallbackMs + stage.pace.deadlineMs);
  });

  check('is disarmed by 0', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await arm(stage, legId, 'hangup');
    await stage.do(stage.switch.armFallback(legId, 0, 'hangup'));
    await stage.harness.time.wait(2 * stage.pace.fallbackMs);
    expect(stage.factsOf('leg.cleared', legId)).toEqual([]);
    expect(far.ended()).toBe(false);
  });

  check('takes a leg out of its bridge and leaves the others', [], async (stage) => {
    const { bridgeId, first, second } = await joined(stage);
    await arm(stage, first.legId, 'hangup');
    await stage.cleared(first.legId, 'fallback', stage.pace.fallbackMs + stage.pace.deadlineMs);
    expect(await stage.bridged(bridgeId)).toEqual([second.legId]);
    expect(second.far.ended()).toBe(false);
  });

  check('comes while our link is dead', ['link-cut'], async (stage) => {
    const { far, legId } = await stage.talking();
    const other = await stage.talking();
    await arm(stage, legId, 'hangup');
    await cut(stage);
    await stage.until(
      'the caller is let go',
      () => far.ended(),
      stage.pace.fallbackMs + stage.pace.deadlineMs,
    );
    await restore(stage);
    expect(await stage.leg(legId)).toBeUndefined();
    expect((await stage.leg(other.legId))?.state).toBe('connected');
  });

  check('comes while our process is dead', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await arm(stage, legId, 'hangup');
    await stage.do(stage.switch.close());
    await stage.until(
      'the caller is let go',
      () => far.ended(),
      stage.pace.fallbackMs + stage.pace.deadlineMs,
    );
    await stage.connect();
    expect(await stage.leg(legId)).toBeUndefined();
  });
}

export function linkChecks(check: Check): void {
  check('the link is up once started', [], async (stage) => {
    expect(stage.switch.link).toBe('up');
    expect(stage.links.at(-1)).toBe('up');
  });

  check(
    'commands are refused while the link is down, and work when it is up again',
    ['link-cut'],
    async (stage) => {
      const { legId, far } = await stage.talking();
      await cut(stage);
      for (const command of Object.values(LEG_COMMANDS))
        await stage.refuses(command(stage.switch, legId), 'switch-down');
      await stage.refuses(stage.switch.list(), 'switch-down');
      await stage.refuses(stage.switch.endBridge(newId('brg')), 'switch-down');
      expect(far.ended()).toBe(false);
      await restore(stage);
      await stage.do(stage.switch.hangup(legId));
      await stage.cleared(legId, 'normal');
    },
  );

  check(
    'calls talk on while the link is down, and are listed with their ids and bridges after it',
    ['link-cut'],
    async (stage) => {
      const { bridgeId, first, second } = await joined(stage);
      await cut(stage);
      await stage.hears(first.far, 'voice');
      await stage.hears(second.far, 'voice');
      await restore(stage);
      await expectStanding(stage, bridgeId, first, second);
    },
  );

  check('a call that ended while the link was down is not listed after it', ['link-cut'], async (stage) => {
    const { bridgeId, first, second } = await joined(stage);
    await cut(stage);
    await first.far.hangup();
    await stage.quiet();
    await restore(stage);
    expect(await stage.leg(first.legId)).toBeUndefined();
    expect(await stage.bridged(bridgeId)).toEqual([second.legId]);
    await stage.refuses(stage.switch.hangup(first.legId), 'no-such-line');
  });

  check(
    'closing leaves the calls talking; the next process finds them and can command them',
    [],
    async (stage) => {
      const { bridgeId, first, second } = await joined(stage);
      const arrival = (await stage.leg(first.legId))?.arrival;
      await stage.do(stage.switch.close());
      await stage.quiet();
      expect([first.far.ended(), second.far.ended()]).toEqual([false, false]);
      await stage.hears(first.far, 'voice');
      await stage.connect();
      await expectStanding(stage, bridgeId, first, second);
      expect((await stage.leg(first.legId))?.arrival).toEqual(arrival);
      await stage.do(stage.switch.unbridge(first.legId));
      await stage.hears(second.far, 'silence');
      await stage.do(stage.switch.hangup(first.legId));
      await stage.cleared(first.legId, 'normal');
    },
  );

  check('a ringing call is adopted too', [], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    const legId = await stage.originate(callee.endpoint);
    await stage.fact('leg.alerting', legId);
    await stage.do(stage.switch.close());
    await stage.connect();
    expect(await stage.leg(legId)).toMatchObject({ direction: 'out', state: 'alerting' });
    await stage.do(stage.switch.hangup(legId));
    const far = await stage.reached(callee);
    await stage.until('the callee stops ringing', () => far.ended());
  });

  check('music goes on while our process is dead', ['hearing'], async (stage) => {
    const { far, legId } = await stage.talking();
    await stage.do(stage.switch.startMusic(legId));
    await stage.hears(far, 'sound');
    await stage.do(stage.switch.close());
    await stage.quiet();
    await stage.hears(far, 'sound');
    await stage.connect();
    await stage.do(stage.switch.stopMusic(legId));
    await stage.hears(far, 'silence');
  });

  check('closing twice is fine, and a closed connector takes no command', [], async (stage) => {
    const { legId } = await stage.talking();
    const closed = stage.switch;
    await stage.do(closed.close());
    await stage.do(closed.close());
    expect(closed.link).toBe('down');
    await stage.refuses(closed.hangup(legId), 'switch-down');
    await stage.refuses(closed.list(), 'switch-down');
  });

  check(
    'start gives up at its deadline when the switch cannot be reached, and comes up by itself later',
    ['link-cut'],
    async (stage) => {
      await stage.do(stage.switch.close());
      await stage.harness.cutLink();
      const began = stage.harness.time.now();
      await stage.refuses(stage.connect(SHORT_MS), 'switch-down');
      expect(stage.harness.time.now() - began, 'milliseconds until start gave up').toBeLessThan(
        stage.pace.deadlineMs,
      );
      await restore(stage);
      await stage.talking();
    },
  );

  check('a command that is not answered ends at its deadline', ['stall'], async (stage) => {
    const { legId } = await stage.talking();
    await stage.harness.stall(true);
    const began = stage.harness.time.now();
    await stage
      .refuses(stage.switch.startMusic(legId, { deadlineMs: SHORT_MS }), 'timeout')
      .finally(() => stage.harness.stall(false));
    expect(stage.harness.time.now() - began, 'milliseconds until the command gave up').toBeLessThan(
      stage.pace.deadlineMs,
    );
  });

  check(
    'a restart of the switch shows as a link that went down and came up, with no calls',
    ['restart'],
    async (stage) => {
      const { far, legId } = await stage.talking();
      const before = stage.links.length;
      await stage.harness.restartSwitch();
      await stage.until(
        'the link is up again',
        () => stage.links.slice(before).includes('up'),
        6 * stage.pace.deadlineMs,
      );
      expect(stage.links.slice(before)).toContain('down');
      await stage.until('the caller sees the end', () => far.ended());
      expect(await stage.leg(legId)).toBeUndefined();
      const next = await stage.talking();
      expect(next.legId).not.toBe(legId);
    },
  );
}

async function arm(stage: Stage, legId: string, treatment: 'hangup' | 'apology'): Promise<void> {
  await stage.do(stage.switch.armFallback(legId, stage.pace.fallbackMs, treatment));
}

async function joined(stage: Stage): Promise<{ bridgeId: string; first: Line; second: Line }> {
  const first = await stage.talking();
  const second = await stage.called();
  const bridgeId = newId('brg');
  await stage.do(stage.switch.bridge(bridgeId, [first.legId, second.legId]));
  return { bridgeId, first, second };
}

async function expectStanding(stage: Stage, bridgeId: string, first: Line, second: Line): Promise<void> {
  expect(await stage.bridged(bridgeId)).toEqual([first.legId, second.legId].toSorted());
  expect(await stage.leg(first.legId)).toMatchObject({ state: 'connected', direction: 'in', bridgeId });
  expect(await stage.leg(second.legId)).toMatchObject({ state: 'connected', direction: 'out', bridgeId });
}

async function cut(stage: Stage): Promise<void> {
  await stage.harness.cutLink();
  await stage.until('the connector notices', () => stage.switch.link !== 'up', 6 * stage.pace.deadlineMs);
  expect(stage.links).toContain('down');
}

async function restore(stage: Stage): Promise<void> {
  await stage.harness.restoreLink();
  await stage.until('the link is up again', () => stage.switch.link === 'up', 6 * stage.pace.deadlineMs);
  expect(stage.links.at(-1)).toBe('up');
}
