/** Conformance of a Switch: legs come, are answered or refused, and go. */
import { expect } from './expect.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Switch } from '../../src/server/telephony/ports.ts';
import type { Behaviour } from './harness.ts';
import type { Check, Stage } from './stage.ts';

export function arrivalChecks(check: Check): void {
  check('say who calls whom, through which door and when', [], async (stage) => {
    const { fact, legId } = await stage.arrive({ ani: '02079460123', dnis: '8002', callerName: 'Grace H' });
    expect(fact).toMatchObject({
      ani: '02079460123',
      dnis: '8002',
      callerName: 'Grace H',
      entry: stage.harness.entry,
    });
    expect(Math.abs(fact.at - stage.harness.time.now())).toBeLessThan(stage.pace.deadlineMs);
    const leg = await stage.leg(legId);
    const { type: _type, legId: _legId, at: _at, ...arrival } = fact;
    expect(leg).toMatchObject({ direction: 'in', arrival });
    expect(leg?.state).not.toBe('connected');
  });

  check('wait unanswered until we say something', [], async (stage) => {
    const { far, legId } = await stage.arrive();
    await stage.quiet();
    expect([far.answered(), far.ended()]).toEqual([false, false]);
    expect(stage.factsOf('leg.connected', legId)).toEqual([]);
  });

  check('are answered once, also when we say it twice', [], async (stage) => {
    const { far, legId } = await stage.arrive();
    await stage.do(stage.switch.answer(legId));
    await stage.fact('leg.connected', legId);
    await stage.until('the caller is answered', () => far.answered());
    await stage.do(stage.switch.answer(legId));
    await stage.quiet();
    expect(stage.factsOf('leg.connected', legId)).toHaveLength(1);
    expect((await stage.leg(legId))?.state).toBe('connected');
  });

  for (const cause of ['busy', 'rejected', 'not-found', 'congestion'] as const) {
    check(`can be rejected as ${cause}`, [], async (stage) => {
      const { far, legId } = await stage.arrive();
      await stage.do(stage.switch.reject(legId, cause));
      await stage.cleared(legId, cause);
      await stage.until('the caller sees the end', () => far.ended());
      expect(far.answered()).toBe(false);
      expect(await stage.leg(legId)).toBeUndefined();
    });

    check(`tell the caller that it was refused as ${cause}`, ['refusal-cause'], async (stage) => {
      const { far, legId } = await stage.arrive();
      await stage.do(stage.switch.reject(legId, cause));
      expect(await stage.until('a refusal', () => far.refusal())).toBe(cause);
    });
  }

  check('cannot be rejected once they are answered', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await stage.refuses(stage.switch.reject(legId, 'busy'), 'wrong-state');
    await stage.quiet();
    expect(far.ended()).toBe(false);
  });

  check('hear ringing before the answer', ['ringing'], async (stage) => {
    const { far, legId } = await stage.arrive();
    expect(far.ringing()).toBe(false);
    await stage.do(stage.switch.ring(legId));
    await stage.until('ringing', () => far.ringing());
    expect(far.answered()).toBe(false);
  });

  check('are cancelled when the caller gives up', [], async (stage) => {
    const { far, legId } = await stage.arrive();
    await far.hangup();
    await stage.cleared(legId, 'cancelled');
  });

  check('do not disturb each other', [], async (stage) => {
    const first = await stage.talking();
    const second = await stage.arrive();
    expect(second.legId).not.toBe(first.legId);
    await stage.do(stage.switch.reject(second.legId, 'busy'));
    await stage.cleared(second.legId, 'busy');
    expect((await stage.leg(first.legId))?.state).toBe('connected');
    expect(first.far.ended()).toBe(false);
  });
}

export function originateChecks(check: Check): void {
  check('ring, are answered and talk', [], async (stage) => {
    const callee = await stage.harness.callee('answers');
    const legId = await stage.originate(callee.endpoint);
    await stage.fact('leg.alerting', legId);
    await stage.fact('leg.connected', legId);
    expect(await stage.leg(legId)).toMatchObject({ direction: 'out', state: 'connected' });
    const far = await stage.reached(callee);
    await stage.until('the callee has answered', () => far.answered());
    const order = stage.facts
      .filter((fact) => 'legId' in fact && fact.legId === legId)
      .map((fact) => fact.type);
    expect(order).toEqual(['leg.alerting', 'leg.connected']);
  });

  check('are listed while they ring', [], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    const legId = await stage.originate(callee.endpoint);
    await stage.fact('leg.alerting', legId);
    expect(await stage.leg(legId)).toMatchObject({ direction: 'out', state: 'alerting' });
  });

  check('show our number', ['caller-id'], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    await stage.originate(callee.endpoint);
    const far = await stage.reached(callee);
    expect(await stage.until('a number', () => far.callerNumber())).toBe('02079460000');
  });

  check('refuse an id that is in use, and leave that leg alone', [], async (stage) => {
    const { legId, far } = await stage.called();
    const callee = await stage.harness.callee('answers');
    const again = {
      legId,
      endpoint: callee.endpoint,
      callerId: { number: '1', name: '' },
      autoAnswer: false,
      ringMs: 5_000,
    };
    await stage.refuses(stage.switch.originate(again), 'already-exists');
    await stage.quiet();
    expect(callee.call()).toBeUndefined();
    expect(far.ended()).toBe(false);
    expect((await stage.leg(legId))?.state).toBe('connected');
  });

  check('end as no-answer when the ring time is over, and stop ringing', [], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    const legId = await stage.originate(callee.endpoint, stage.pace.ringMs);
    const alerting = await stage.fact('leg.alerting', legId);
    const cleared = await stage.fact('leg.cleared', legId, stage.pace.ringMs + stage.pace.deadlineMs);
    expect(cleared.at - alerting.at).toBeGreaterThan(stage.pace.ringMs / 2);
    await stage.cleared(legId, 'no-answer');
    const far = await stage.reached(callee);
    await stage.until('the callee stops ringing', () => far.ended());
  });

  const refused: [Behaviour, 'busy' | 'rejected'][] = [
    ['busy', 'busy'],
    ['rejects', 'rejected'],
  ];
  for (const [behaviour, cause] of refused) {
    check(`end as ${cause} when the called phone says so`, [], async (stage) => {
      const callee = await stage.harness.callee(behaviour);
      await stage.cleared(await stage.originate(callee.endpoint), cause);
    });
  }

  check('end as unreachable when there is no such device', [], async (stage) => {
    const legId = await stage.originate({ kind: 'device', name: 'nobody-has-this-name' });
    await stage.cleared(legId, 'unreachable');
    expect(stage.factsOf('leg.alerting', legId)).toEqual([]);
  });

  check('stop ringing when we hang up', [], async (stage) => {
    const callee = await stage.harness.callee('unanswered');
    const legId = await stage.originate(callee.endpoint);
    await stage.fact('leg.alerting', legId);
    await stage.do(stage.switch.hangup(legId));
    await stage.cleared(legId, 'cancelled');
    const far = await stage.reached(callee);
    await stage.until('the callee stops ringing', () => far.ended());
  });
}

/** Every command that takes a leg. */
export const LEG_COMMANDS: Record<string, (to: Switch, legId: string) => Promise<void>> = {
  answer: (to, legId) => to.answer(legId),
  reject: (to, legId) => to.reject(legId, 'busy'),
  hangup: (to, legId) => to.hangup(legId),
  ring: (to, legId) => to.ring(legId),
  bridge: (to, legId) => to.bridge(newId('brg'), [legId]),
  unbridge: (to, legId) => to.unbridge(legId),
  mute: (to, legId) => to.mute(legId, true),
  startMusic: (to, legId) => to.startMusic(legId),
  stopMusic: (to, legId) => to.stopMusic(legId),
  play: (to, legId) => to.play(legId, newId('ply'), [{ kind: 'tone', name: 'busy' }]),
  stopPlay: (to, legId) => to.stopPlay(legId, newId('ply')),
  sendDigits: (to, legId) => to.sendDigits(legId, '1'),
  armFallback: (to, legId) => to.armFallback(legId, 60_000, 'hangup'),
};

export function clearingChecks(check: Check): void {
  check('are cleared once when the caller hangs up', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await far.hangup();
    await stage.cleared(legId, 'normal');
    expect(await stage.leg(legId)).toBeUndefined();
  });

  check('are cleared once when the called party hangs up', [], async (stage) => {
    const { far, legId } = await stage.called();
    await far.hangup();
    await stage.cleared(legId, 'normal');
  });

  check('are cleared once when we hang up', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await stage.do(stage.switch.hangup(legId));
    await stage.cleared(legId, 'normal');
    await stage.until('the caller sees the end', () => far.ended());
  });

  check('are cleared once when both sides hang up together', [], async (stage) => {
    const { far, legId } = await stage.talking();
    const ours = stage.switch.hangup(legId).catch(() => undefined);
    await far.hangup();
    await stage.do(ours);
    await stage.cleared(legId, 'normal');
  });

  check('take no command afterwards', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await far.hangup();
    await stage.fact('leg.cleared', legId);
    await refuseAll(stage, legId);
    await stage.cleared(legId, 'normal');
  });

  check('take no command when they never existed', [], (stage) => refuseAll(stage, newId('leg')));
}

async function refuseAll(stage: Stage, legId: string): Promise<void> {
  for (const command of Object.values(LEG_COMMANDS))
    await stage.refuses(command(stage.switch, legId), 'no-such-line');
}
