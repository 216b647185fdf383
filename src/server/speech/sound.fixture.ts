/** Sounds for tests: 16-bit little-endian PCM, 8 kHz. */

export function silence(ms: number): Uint8Array {
  return new Uint8Array(16 * ms);
}

export function tone(ms: number, peak: number, hertz = 400): Uint8Array {
  return pcm(ms, (i) => peak * Math.sin((2 * Math.PI * hertz * i) / 8_000));
}

/** White, the same at every run. */
export function noise(ms: number, peak: number): Uint8Array {
  let seed = 1;
  return pcm(ms, () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return peak * (seed / 2 ** 31 - 1);
  });
}

function pcm(ms: number, sample: (i: number) => number): Uint8Array {
  const bytes = new Uint8Array(16 * ms);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8 * ms; i++) view.setInt16(2 * i, Math.round(sample(i)), true);
  return bytes;
}
