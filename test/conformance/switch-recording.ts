/** Conformance of a Switch: recordings, whoever dies. */
import { expect } from './expect.ts';
import { newId } from '../../src/lib/ids.ts';
import type { SwitchRecording } from '../../src/server/telephony/ports.ts';
import { type StereoSound, readStereo } from '../harness/stereo.ts';
import type { Check, Line, Stage } from './stage.ts';
import { conversation } from './switch-media.ts';

/** How much of a leg is recorded in a check, milliseconds. */
const PIECE_MS = 700;
/** Root mean square: a line that is silent, and somebody who talks. */
const SILENT = 50;
const LOUD = 500;

export function recordingChecks(check: Check): void {
  check('have what the leg says and what it hears', ['record'], async (stage) => {
    const { caller } = await conversation(stage);
    const recordingId = await recorded(stage, caller, PIECE_MS);
    const sound = await read(stage, recordingId);
    expect(sound.ms).toBeGreaterThan(PIECE_MS / 2);
    expectLoud(stage, sound, 'left', true);
    expectLoud(stage, sound, 'right', true);
  });

  check('have silence in the channel of who is silent', ['record', 'audio'], async (stage) => {
    const caller = await stage.talking(); // nobody talks to it
    const sound = await read(stage, await recorded(stage, caller, PIECE_MS));
    expectLoud(stage, sound, 'left', true);
    expectLoud(stage, sound, 'right', false);
  });

  check('have silence while they are paused, and keep the time', ['record'], async (stage) => {
    const { caller } = await conversation(stage);
    const recordingId = await start(stage, caller);
    await stage.do(stage.switch.pauseRecording(recordingId, true));
    expect((await listed(stage, recordingId))?.state).toBe('paused');
    await stage.do(stage.switch.pauseRecording(recordingId, true));
    await stage.harness.time.wait(3 * PIECE_MS);
    await stage.do(stage.switch.stopRecording(recordingId));
    await finished(stage, caller.legId, recordingId);
    const sound = await read(stage, recordingId);
    expect(sound.ms).toBeGreaterThan(PIECE_MS);
    // what was said before the pause is a little
    const end = sound.slice(sound.ms / 2, sound.ms);
    expectLoud(stage, end, 'left', false);
    expectLoud(stage, end, 'right', false);
  });

  check('go on after a pause', ['record'], async (stage) => {
    const { caller } = await conversation(stage);
    const recordingId = await start(stage, caller);
    await stage.do(stage.switch.pauseRecording(recordingId, true));
    await stage.do(stage.switch.pauseRecording(recordingId, false));
    expect((await listed(stage, recordingId))?.state).toBe('recording');
    await stage.harness.time.wait(PIECE_MS);
    await stage.do(stage.switch.stopRecording(recordingId));
    await finished(stage, caller.legId, recordingId);
    const sound = await read(stage, recordingId);
    expectLoud(stage, sound.slice(sound.ms / 2, sound.ms), 'left', true);
  });

  check('finish with the leg, after it', ['record'], async (stage) => {
    const { caller } = await conversation(stage);
    const recordingId = await start(stage, caller);
    await stage.harness.time.wait(PIECE_MS);
    await caller.far.hangup();
    await stage.cleared(caller.legId, 'normal');
    await finished(stage, caller.legId, recordingId);
    const order = stage.facts.map((fact) => fact.type);
    expect(order.indexOf('recording.finished')).toBeGreaterThan(order.indexOf('leg.cleared'));
    expectLoud(stage, await read(stage, recordingId), 'left', true);
  });

  check('follow the leg from bridge to bridge', ['record'], async (stage) => {
    const { caller, callee } = await conversation(stage);
    const recordingId = await start(stage, caller);
    await stage.harness.time.wait(PIECE_MS);
    await stage.do(stage.switch.unbridge(caller.legId));
    await stage.do(stage.switch.startMusic(caller.legId));
    await stage.harness.time.wait(PIECE_MS);
    const third = await stage.called();
    await stage.do(stage.switch.bridge(newId('brg'), [caller.legId, callee.legId, third.legId]));
    await stage.hears(caller.far, 'voice');
    await stage.harness.time.wait(PIECE_MS);
    await stage.do(stage.switch.stopRecording(recordingId));
    await finished(stage, caller.legId, recordingId);
    const sound = await read(stage, recordingId);
    expect(sound.ms).toBeGreaterThan(2 * PIECE_MS);
    expectLoud(stage, sound.slice(sound.ms - PIECE_MS / 2, sound.ms), 'right', true);
  });

  check('go on while our process is dead, and are adopted as they are', ['record'], async (stage) => {
    const [goes, paused] = [await conversation(stage), await conversation(stage)];
    const [first, second] = [await start(stage, goes.caller), await start(stage, paused.caller)];
    await stage.do(stage.switch.pauseRecording(second, true));
    await stage.do(stage.switch.close());
    await stage.harness.time.wait(PIECE_MS);
    await stage.connect();
    expect(await listed(stage, first)).toMatchObject({ legId: goes.caller.legId, state: 'recording' });
    expect(await listed(stage, second)).toMatchObject({ legId: paused.caller.legId, state: 'paused' });
    await stage.do(stage.switch.pauseRecording(second, false));
    for (const [recordingId, { caller }] of [
      [first, goes],
      [second, paused],
    ] as const) {
      await stage.do(stage.switch.stopRecording(recordingId));
      await finished(stage, caller.legId, recordingId);
    }
    expect((await read(stage, first)).ms).toBeGreaterThan(PIECE_MS / 2);
  });

  check('are listed as finished when the leg ended while our process was dead', ['record'], async (stage) => {
    const { caller } = await conversation(stage);
    const recordingId = await start(stage, caller);
    await stage.harness.time.wait(PIECE_MS);
    await stage.do(stage.switch.close());
    await caller.far.hangup();
    await stage.quiet();
    await stage.connect();
    expect(await listed(stage, recordingId)).toMatchObject({ legId: caller.legId, state: 'finished' });
    expect((await read(stage, recordingId)).ms).toBeGreaterThan(0);
  });

  check('are deleted, twice without an error, and are gone then', ['record'], async (stage) => {
    const { caller } = await conversation(stage);
    const recordingId = await recorded(stage, caller, PIECE_MS);
    expect((await listed(stage, recordingId))?.state).toBe('finished');
    await stage.do(stage.switch.deleteRecording(recordingId));
    await stage.do(stage.switch.deleteRecording(recordingId));
    expect(await listed(stage, recordingId)).toBeUndefined();
    await stage.refuses(stage.switch.readRecording(recordingId), 'not-found');
  });

  check('refuse what makes no sense', ['record'], async (stage) => {
    const waiting = await stage.arrive();
    await stage.refuses(stage.switch.startRecording(waiting.legId, newId('rec')), 'wrong-state');
    await stage.refuses(stage.switch.startRecording(newId('leg'), newId('rec')), 'no-such-line');
    const { caller } = await conversation(stage);
    const recordingId = await start(stage, caller);
    await stage.refuses(stage.switch.startRecording(caller.legId, newId('rec')), 'already-exists');
    await stage.refuses(stage.switch.readRecording(recordingId), 'wrong-state');
    await stage.refuses(stage.switch.deleteRecording(recordingId), 'wrong-state');
    await stage.refuses(stage.switch.pauseRecording(newId('rec'), true), 'not-found');
    await stage.refuses(stage.switch.stopRecording(newId('rec')), 'not-found');
    await stage.refuses(stage.switch.readRecording(newId('rec')), 'not-found');
    await stage.do(stage.switch.stopRecording(recordingId));
    await finished(stage, caller.legId, recordingId);
    await stage.do(stage.switch.stopRecording(recordingId));
  });
}

async function start(stage: Stage, { legId }: Line): Promise<string> {
  const recordingId = newId('rec');
  await stage.do(stage.switch.startRecording(legId, recordingId));
  expect(await listed(stage, recordingId)).toEqual({ recordingId, legId, state: 'recording' });
  return recordingId;
}

/** A finished recording of about so long. */
async function recorded(stage: Stage, line: Line, ms: number): Promise<string> {
  const recordingId = await start(stage, line);
  await stage.harness.time.wait(ms);
  await stage.do(stage.switch.stopRecording(recordingId));
  await finished(stage, line.legId, recordingId);
  return recordingId;
}

async function finished(stage: Stage, legId: string, recordingId: string): Promise<void> {
  const facts = () => stage.factsOf('recording.finished', legId).filter((f) => f.recordingId === recordingId);
  await stage.until('recording.finished', () => facts().length > 0);
  await stage.quiet();
  expect(facts().map((fact) => fact.outcome)).toEqual(['done']);
}

async function listed(stage: Stage, recordingId: string): Promise<SwitchRecording | undefined> {
  const { recordings } = await stage.do(stage.switch.list());
  return recordings.find((recording) => recording.recordingId === recordingId);
}

async function read(stage: Stage, recordingId: string): Promise<StereoSound> {
  const pieces: Uint8Array[] = [];
  const content = await stage.do(stage.switch.readRecording(recordingId));
  for await (const piece of content) pieces.push(piece);
  return readStereo(Buffer.concat(pieces));
}

function expectLoud(stage: Stage, sound: StereoSound, side: 'left' | 'right', loud: boolean): void {
  if (!stage.has('audio')) return;
  const loudness = sound.loudness(side);
  if (loud) expect(loudness).toBeGreaterThan(LOUD);
  else expect(loudness).toBeLessThan(SILENT);
}
