import { describe, expect, it } from 'vitest';
import { readStereo } from '../../../../test/harness/stereo.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import { joinSides, type SideFile } from './recording-sides.ts';

/** Samples 1, 2, 3, … times `step`, in pieces of `size` bytes; `of` is what was announced. */
function file(count: number, step: number, size = 7, of = count) {
  const samples = Buffer.alloc(count * 2);
  for (let i = 0; i < count; i++) samples.writeInt16LE(((i % 100) + 1) * step, 2 * i);
  const state = { cancelled: false };
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < samples.length; at += size) yield samples.subarray(at, at + size);
  }
  const side: SideFile = { length: of * 2, body: body(), cancel: () => (state.cancelled = true) };
  return { side, state };
}

async function soundOf(left: SideFile | undefined, right: SideFile | undefined) {
  const pieces: Uint8Array[] = [];
  for await (const piece of joinSides(new VirtualClock(), left, right)) pieces.push(piece);
  return readStereo(Buffer.concat(pieces));
}

describe('a recording of two files', () => {
  it('has what was said on the left and what was heard on the right, whatever pieces they come in', async () => {
    const [said, heard] = [file(20_000, 1), file(20_000, -1, 4_096)];
    const sound = await soundOf(said.side, heard.side);
    expect(sound.ms).toBe(2_500);
    expect([...sound.side('left').slice(98, 102).values()]).toEqual([99, 100, 1, 2]);
    expect([...sound.side('right').slice(98, 102).values()]).toEqual([-99, -100, -1, -2]);
    expect([said.state.cancelled, heard.state.cancelled]).toEqual([true, true]);
  });

  it('fills the shorter one with silence, and is there when one of them is not', async () => {
    const sound = await soundOf(file(3, 1).side, file(5, -1).side);
    expect([...sound.side('left')]).toEqual([1, 2, 3, 0, 0]);
    expect([...sound.side('right')]).toEqual([-1, -2, -3, -4, -5]);
    expect([...(await soundOf(undefined, file(2, -1).side)).side('left')]).toEqual([0, 0]);
    expect(() => joinSides(new VirtualClock(), undefined, undefined)).toThrow('recording');
  });

  it('ignores half a sample at the end, and says when a file breaks off', async () => {
    const odd = { ...file(4, 1).side, length: 7 };
    expect((await soundOf(odd, file(3, 1).side)).ms).toBe(3 / 8);
    const broken = file(2, 1, 7, 9);
    await expect(soundOf(file(9, 1).side, broken.side)).rejects.toMatchObject({ code: 'switch-down' });
    expect(broken.state.cancelled).toBe(true);
  });
});
