/** Conformance of a Switch: supervisors who listen and whisper, and audio in our hands. */
import { expect } from './expect.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Feature } from './harness.ts';
import type { Check, Stage } from './stage.ts';
import { conversation } from './switch-media.ts';

const HEARING: Feature[] = ['supervise', 'hearing', 'voice'];

export function supervisionChecks(check: Check): void {
  check('a supervisor hears both parties and is heard by none', HEARING, async (stage) => {
    const { caller, callee } = await conversation(stage);
    const supervisor = await stage.called();
    await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'listen'));
    await stage.hearsFrom(supervisor.far, caller.far);
    await stage.hearsFrom(supervisor.far, callee.far);
    await stage.hearsFrom(callee.far, supervisor.far, false);
    await stage.hearsFrom(caller.far, supervisor.far, false);
  });

  check('who whispers is heard by the agent and not by the caller', HEARING, async (stage) => {
    const { caller, callee } = await conversation(stage);
    const supervisor = await stage.called();
    await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'listen'));
    await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'whisper'));
    await stage.hearsFrom(callee.far, supervisor.far);
    await stage.hearsFrom(caller.far, supervisor.far, false);
    await stage.hearsFrom(supervisor.far, caller.far);
    await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'listen'));
    await stage.hearsFrom(callee.far, supervisor.far, false);
  });

  check('ending it leaves the supervisor in silence and the call as it was', ['supervise'], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    const supervisor = await stage.called();
    await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'whisper'));
    await stage.hears(supervisor.far, 'voice');
    await stage.do(stage.switch.endSupervision(supervisor.legId));
    await stage.do(stage.switch.endSupervision(supervisor.legId));
    await stage.hears(supervisor.far, 'silence');
    expect(supervisor.far.ended()).toBe(false);
    expect(await stage.bridged(bridgeId)).toEqual([caller.legId, callee.legId].toSorted());
    await stage.hears(caller.far, 'voice');
  });

  check('the supervisor joins the call itself', ['supervise'], async (stage) => {
    const { bridgeId, caller, callee } = await conversation(stage);
    const supervisor = await stage.called();
    await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'listen'));
    await stage.do(stage.switch.bridge(bridgeId, [supervisor.legId]));
    await stage.do(stage.switch.mute(callee.legId, true));
    await stage.hears(caller.far, 'voice');
    await stage.do(stage.switch.unbridge(supervisor.legId));
    await stage.hears(supervisor.far, 'silence');
  });

  check('it ends with the call that was listened to', ['supervise'], async (stage) => {
    const { callee } = await conversation(stage);
    const supervisor = await stage.called();
    await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'listen'));
    await callee.far.hangup();
    await stage.cleared(callee.legId, 'normal');
    await stage.hears(supervisor.far, 'silence');
    expect(supervisor.far.ended()).toBe(false);
    const next = await conversation(stage);
    await stage.do(stage.switch.supervise(supervisor.legId, next.callee.legId, 'listen'));
    await stage.hears(supervisor.far, 'voice');
  });

  check(
    'it shows nowhere: no leg, no bridge, and the next process can end it',
    ['supervise'],
    async (stage) => {
      const { callee } = await conversation(stage);
      const supervisor = await stage.called();
      const before = await stage.do(stage.switch.list());
      await stage.do(stage.switch.supervise(supervisor.legId, callee.legId, 'listen'));
      const during = await stage.do(stage.switch.list());
      expect(during.legs.map((leg) => leg.legId).toSorted()).toEqual(
        before.legs.map((leg) => leg.legId).toSorted(),
      );
      expect(during.bridges).toHaveLength(before.bridges.length);
      await stage.do(stage.switch.close());
      await stage.connect();
      await stage.do(stage.switch.endSupervision(supervisor.legId));
      await stage.hears(supervisor.far, 'silence');
    },
  );

  check('nobody supervises itself, or from within a call', ['supervise'], async (stage) => {
    const { caller, callee } = await conversation(stage);
    await stage.refuses(stage.switch.supervise(caller.legId, callee.legId, 'listen'), 'wrong-state');
    const supervisor = await stage.called();
    const { legId } = supervisor;
    await stage.refuses(stage.switch.supervise(legId, legId, 'listen'), 'wrong-state');
    await stage.refuses(stage.switch.supervise(legId, newId('leg'), 'listen'), 'no-such-line');
    await stage.refuses(stage.switch.supervise(newId('leg'), legId, 'listen'), 'no-such-line');
  });
}

export function audioChecks(check: Check): void {
  check('what the leg says comes to us', ['open-audio', 'audio'], async (stage) => {
    const { legId } = await stage.talking();
    const tap = await stage.do(stage.switch.openAudio(legId, newId('aud')));
    let bytes = 0;
    let loudest = 0;
    tap.events.on('frame', (frame) => {
      bytes += frame.length;
      const { buffer, byteOffset } = frame;
      const samples = new DataView(buffer, byteOffset, frame.length);
      for (let at = 0; at + 1 < frame.length; at += 2)
        loudest = Math.max(loudest, Math.abs(samples.getInt16(at, true)));
    });
    await stage.until('half a second of it', () => bytes > 8_000 && loudest > 1_000);
    await stage.do(tap.close());
  });

  check(
    'what we say is heard by the leg, and by nobody else',
    ['open-audio', 'audio', 'hearing'],
    async (stage) => {
      const { far, legId } = await stage.talking();
      const tap = await stage.do(stage.switch.openAudio(legId, newId('aud')));
      tap.write(tone(60_000));
      await stage.hears(far, 'sound');
      tap.flush();
      await stage.hears(far, 'silence');
      await stage.do(tap.close());
      expect(far.ended()).toBe(false);
    },
  );

  check(
    'it goes on in a bridge, where only the leg hears us',
    ['open-audio', 'audio', 'hearing'],
    async (stage) => {
      const { caller, callee } = await conversation(stage);
      const tap = await stage.do(stage.switch.openAudio(caller.legId, newId('aud')));
      await stage.hears(caller.far, 'voice');
      tap.write(tone(60_000));
      await stage.hears(caller.far, 'sound'); // louder than the voice
      await stage.hears(callee.far, 'voice');
      await stage.do(tap.close());
      await stage.hears(caller.far, 'voice');
    },
  );

  check('it ends with the leg, once', ['open-audio'], async (stage) => {
    const { far, legId } = await stage.talking();
    const tap = await stage.do(stage.switch.openAudio(legId, newId('aud')));
    let closed = 0;
    tap.events.on('closed', () => closed++);
    await far.hangup();
    await stage.cleared(legId, 'normal');
    await stage.until('the end of the tap', () => closed > 0);
    await stage.do(tap.close());
    expect(closed).toBe(1);
    tap.write(tone(100)); // too late, and no error
  });

  check('it ends when the link goes down', ['open-audio', 'link-cut'], async (stage) => {
    const { legId } = await stage.talking();
    const tap = await stage.do(stage.switch.openAudio(legId, newId('aud')));
    let closed = 0;
    tap.events.on('closed', () => closed++);
    await stage.harness.cutLink();
    await stage.until('the end of the tap', () => closed > 0, 6 * stage.pace.deadlineMs);
    await stage.harness.restoreLink();
    await stage.until('the link is up', () => stage.switch.link === 'up', 6 * stage.pace.deadlineMs);
    expect((await stage.leg(legId))?.state).toBe('connected');
  });

  check('an unanswered or unknown leg has none', ['open-audio'], async (stage) => {
    const { legId } = await stage.arrive();
    await refused(stage, legId, 'wrong-state');
    await refused(stage, newId('leg'), 'no-such-line');
  });
}

function refused(stage: Stage, legId: string, code: 'wrong-state' | 'no-such-line'): Promise<void> {
  return stage.refuses(stage.switch.openAudio(legId, newId('aud')), code);
}

/** 600 Hz, which is nobody's voice, and loud. */
function tone(ms: number): Uint8Array {
  const samples = Int16Array.from({ length: 8 * ms }, (_, i) =>
    Math.round(30_000 * Math.sin((2 * Math.PI * 600 * i) / 8_000)),
  );
  return new Uint8Array(samples.buffer);
}
