/** Conformance of a Switch: who hears whom and what. */
import { expect } from './expect.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Media } from '../../src/server/telephony/ports.ts';
import type { Feature } from './harness.ts';
import type { Check, Line, Stage } from './stage.ts';

/** A caller and a called party, talking to each other. */
export async function conversation(stage: Stage): Promise<{ bridgeId: string; caller: Line; callee: Line }> {
  const caller = await stage.talking();
  const callee = await stage.called();
  const bridgeId = newId('brg');
  await stage.do(stage.switch.bridge(bridgeId, [caller.legId, callee.legId]));
  return { bridgeId, caller, callee };
}

export function bridgeChecks(check: Check): void {
  check('join two legs, who hear each other', [], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    await stage.hears(caller.far, 'voice');
    await stage.hears(callee.far, 'voice');
    expect(await stage.bridged(bridgeId)).toEqual([caller.legId, callee.legId].toSorted());
    expect(await stage.leg(caller.legId)).toMatchObject({ bridgeId });
  });

  check('change nothing when asked again, and grow by the leg that is new', [], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    await stage.do(stage.switch.bridge(bridgeId, [caller.legId, callee.legId]));
    expect(await stage.bridged(bridgeId)).toEqual([caller.legId, callee.legId].toSorted());
    const third = await stage.called();
    await stage.do(stage.switch.bridge(bridgeId, [third.legId]));
    expect(await stage.bridged(bridgeId)).toEqual([caller.legId, callee.legId, third.legId].toSorted());
    await stage.hears(third.far, 'voice');
    await stage.hears(caller.far, 'voice');
  });

  check('let a leg go, twice without an error', [], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    await stage.do(stage.switch.unbridge(caller.legId));
    await stage.hears(caller.far, 'silence');
    await stage.hears(callee.far, 'silence');
    expect(await stage.bridged(bridgeId)).toEqual([callee.legId]);
    await stage.do(stage.switch.unbridge(caller.legId));
    expect([caller.far.ended(), callee.far.ended()]).toEqual([false, false]);
  });

  check('take a leg back', [], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    await stage.do(stage.switch.unbridge(caller.legId));
    await stage.hears(callee.far, 'silence');
    await stage.do(stage.switch.bridge(bridgeId, [caller.legId]));
    await stage.hears(callee.far, 'voice');
    await stage.hears(caller.far, 'voice');
  });

  check('end without their legs, twice and unknown without an error', [], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    await stage.do(stage.switch.endBridge(bridgeId));
    await stage.hears(caller.far, 'silence');
    await stage.hears(callee.far, 'silence');
    expect(await stage.bridged(bridgeId)).toBeUndefined();
    expect((await stage.leg(caller.legId))?.state).toBe('connected');
    expect((await stage.leg(callee.legId))?.bridgeId).toBeUndefined();
    await stage.do(stage.switch.endBridge(bridgeId));
    await stage.do(stage.switch.endBridge(newId('brg')));
    expect([caller.far.ended(), callee.far.ended()]).toEqual([false, false]);
  });

  check('give a leg up to another bridge', [], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    const third = await stage.called();
    const other = newId('brg');
    await stage.do(stage.switch.bridge(other, [caller.legId, third.legId]));
    expect(await stage.bridged(bridgeId)).toEqual([callee.legId]);
    expect(await stage.bridged(other)).toEqual([caller.legId, third.legId].toSorted());
    await stage.hears(callee.far, 'silence');
    await stage.hears(third.far, 'voice');
  });

  check('outlive a leg that hangs up, and so does the other leg', [], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    await caller.far.hangup();
    await stage.cleared(caller.legId, 'normal');
    expect(await stage.bridged(bridgeId)).toEqual([callee.legId]);
    await stage.hears(callee.far, 'silence');
    expect(callee.far.ended()).toBe(false);
  });

  check('do not carry what a muted leg says', ['hearing'], async (stage) => {
    const { caller, callee } = await conversation(stage);
    await stage.hears(callee.far, 'voice');
    await stage.do(stage.switch.mute(caller.legId, true));
    await stage.hears(callee.far, 'silence');
    await stage.hears(caller.far, 'voice');
    await stage.do(stage.switch.mute(caller.legId, true));
    await stage.do(stage.switch.mute(caller.legId, false));
    await stage.hears(callee.far, 'voice');
  });
}

export function mediaChecks(check: Check): void {
  check('music plays until it is stopped, each of them twice without an error', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await stage.hears(far, 'silence');
    await stage.do(stage.switch.startMusic(legId));
    await stage.do(stage.switch.startMusic(legId));
    await stage.hears(far, 'sound');
    await stage.do(stage.switch.stopMusic(legId));
    await stage.do(stage.switch.stopMusic(legId));
    await stage.hears(far, 'silence');
  });

  check('music ends for good when the leg is bridged', ['hearing', 'voice'], async (stage) => {
    const { far, legId } = await stage.talking();
    await stage.do(stage.switch.startMusic(legId));
    await stage.hears(far, 'sound');
    const other = await stage.called();
    await stage.do(stage.switch.bridge(newId('brg'), [legId, other.legId]));
    await stage.hears(far, 'voice');
    await stage.do(stage.switch.unbridge(legId));
    await stage.hears(far, 'silence');
  });

  check('music lies under a playback and comes back after it', ['hearing'], async (stage) => {
    const { far, legId } = await stage.talking();
    await stage.do(stage.switch.startMusic(legId));
    await play(stage, legId, [await file(stage)], 'done');
    await stage.quiet();
    await stage.hears(far, 'sound');
    await stage.do(stage.switch.stopMusic(legId));
    await stage.hears(far, 'silence');
  });

  const kinds: [string, Feature[], (stage: Stage) => Promise<Media>][] = [
    ['a sound of the switch', [], async (stage) => ({ kind: 'sound', name: stage.harness.soundName })],
    ['a file', [], file],
    ['spoken text', ['text'], async () => ({ kind: 'text', text: 'You are welcome.' })],
  ];
  for (const [what, needs, media] of kinds) {
    check(`${what} is heard and finishes as done`, needs, async (stage) => {
      const { far, legId } = await stage.talking();
      const playbackId = newId('ply');
      await stage.do(stage.switch.play(legId, playbackId, [await media(stage)]));
      await stage.hears(far, 'sound');
      expect(await stage.playbackFinished(playbackId, 20_000)).toBe('done');
      await stage.hears(far, 'silence');
    });
  }

  check('several media are one playback and take their time one after the other', [], async (stage) => {
    const { legId } = await stage.talking();
    const started = stage.harness.time.now();
    await play(stage, legId, [await file(stage), await file(stage)], 'done');
    expect(stage.harness.time.now() - started).toBeGreaterThan(1_500);
  });

  check('a tone is heard until it is stopped', [], async (stage) => {
    const { far, legId } = await stage.talking();
    const playbackId = newId('ply');
    await stage.do(stage.switch.play(legId, playbackId, [{ kind: 'tone', name: 'congestion' }]));
    await stage.hears(far, 'sound');
    expect(stage.factsOf('playback.finished', legId)).toEqual([]);
    await stage.do(stage.switch.stopPlay(legId, playbackId));
    expect(await stage.playbackFinished(playbackId)).toBe('stopped');
    await stage.hears(far, 'silence');
  });

  check('a playback that is over or unknown can be stopped without an error', [], async (stage) => {
    const { legId } = await stage.talking();
    const playbackId = await play(stage, legId, [await file(stage)], 'done');
    await stage.do(stage.switch.stopPlay(legId, playbackId));
    await stage.do(stage.switch.stopPlay(legId, newId('ply')));
    await stage.quiet();
    expect(stage.factsOf('playback.finished', legId)).toHaveLength(1);
  });

  check('a file that is not there finishes as failed, and the call goes on', [], async (stage) => {
    const { far, legId } = await stage.talking();
    await play(stage, legId, [{ kind: 'file', path: '/nowhere/at-all.wav' }], 'failed');
    expect(far.ended()).toBe(false);
  });

  check('a playback finishes once, not as done, when the caller hangs up in it', [], async (stage) => {
    const { far, legId } = await stage.talking();
    const playbackId = newId('ply');
    await stage.do(stage.switch.play(legId, playbackId, [{ kind: 'tone', name: 'ring' }]));
    await stage.hears(far, 'sound');
    await far.hangup();
    expect(await stage.playbackFinished(playbackId)).not.toBe('done');
    await stage.cleared(legId, 'normal');
  });
}

async function file(stage: Stage): Promise<Media> {
  return { kind: 'file', path: await stage.harness.soundFile() };
}

async function play(
  stage: Stage,
  legId: string,
  media: Media[],
  outcome: 'done' | 'failed',
): Promise<string> {
  const playbackId = newId('ply');
  await stage.do(stage.switch.play(legId, playbackId, media));
  expect(await stage.playbackFinished(playbackId, 20_000)).toBe(outcome);
  return playbackId;
}

export function digitChecks(check: Check): void {
  check('digits that a party presses come up in order, each once', ['press-digits'], async (stage) => {
    const { far, legId } = await stage.talking();
    await far.press('159*#');
    await stage.until('five digits', () => stage.factsOf('leg.digit', legId).length >= 5);
    await stage.quiet();
    expect(stage.factsOf('leg.digit', legId).map((fact) => fact.digit)).toEqual(['1', '5', '9', '*', '#']);
  });

  check('digits come up in a bridge too, from the leg that pressed them', ['press-digits'], async (stage) => {
    const { caller, callee } = await conversation(stage);
    await caller.far.press('7');
    await stage.fact('leg.digit', caller.legId);
    await stage.quiet();
    expect(stage.factsOf('leg.digit', callee.legId)).toEqual([]);
  });

  check('digits that we send reach the party', ['hear-digits'], async (stage) => {
    const { far, legId } = await stage.called();
    await stage.do(stage.switch.sendDigits(legId, '42#'));
    await stage.until('the digits', () => far.digits() === '42#');
  });

  check('digits that do not exist are refused', [], async (stage) => {
    const { legId } = await stage.talking();
    await stage.refuses(stage.switch.sendDigits(legId, '4x'), 'bad-input');
    await stage.refuses(stage.switch.sendDigits(legId, ''), 'bad-input');
  });

  check('the phone holds and retrieves by itself', ['phone-hold'], async (stage) => {
    const { far, legId } = await stage.called();
    await far.hold(true);
    await stage.fact('leg.held', legId);
    expect(stage.factsOf('leg.retrieved', legId)).toEqual([]);
    await far.hold(false);
    await stage.fact('leg.retrieved', legId);
  });
}
