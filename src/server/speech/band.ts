/** Telephone audio for engines that were made for wide-band speech. */

const TAPS = 63;
const HALF = (TAPS - 1) / 2;
/** Of 16 kHz. */
const CUTOFF = 3_800 / 16_000;

/** A Hamming-windowed sinc low-pass; doubled, since every second sample that it sees is zero. */
const FILTER = Float64Array.from({ length: TAPS }, (_, k) => {
  const n = k - HALF;
  const sinc = n === 0 ? 2 * CUTOFF : Math.sin(2 * Math.PI * CUTOFF * n) / (Math.PI * n);
  return 2 * sinc * (0.54 + 0.46 * Math.cos((Math.PI * n) / HALF));
});

/** 8 kHz 16-bit little-endian PCM at 16 kHz, nothing above 4 kHz in it. */
export function toWideBand(pcm: Uint8Array): Uint8Array {
  const from = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const count = Math.floor(pcm.length / 2);
  const wide = new Uint8Array(4 * count);
  const to = new DataView(wide.buffer);
  for (let i = 0; i < 2 * count; i++) {
    let sum = 0;
    for (let k = (i + HALF) % 2; k < TAPS; k += 2) {
      const at = (i + k - HALF) / 2;
      if (at >= 0 && at < count) sum += (FILTER[k] ?? 0) * from.getInt16(2 * at, true);
    }
    to.setInt16(2 * i, Math.max(-32_768, Math.min(32_767, Math.round(sum))), true);
  }
  return wide;
}
