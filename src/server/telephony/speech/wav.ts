/** Mono 16-bit PCM WAV files: reading, writing, and telephone rate out of wide-band speech. */
const HEADER = 44;
const TELEPHONE_RATE = 8_000;
/** How far the low-pass reaches to each side, in samples at 8 kHz. */
const REACH = 15.5;
const CUTOFF = 3_500;

export interface Pcm {
  rate: number;
  samples: Int16Array;
}

/** Reads a mono 16-bit PCM WAV; throws when it is anything else. A data size that lies is cut to what is there. */
export function readWav(bytes: Uint8Array): Pcm {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE')
    throw new Error('this is no WAV file');
  let rate = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    if (tag(view, at) === 'fmt ') rate = readFormat(view, at + 8);
    if (tag(view, at) === 'data') return { rate, samples: readSamples(view, at + 8, size) };
    at += 8 + size + (size % 2);
  }
  throw new Error('this WAV file has no sound');
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function readFormat(view: DataView, at: number): number {
  const [format, channels, bits] = [
    view.getUint16(at, true),
    view.getUint16(at + 2, true),
    view.getUint16(at + 14, true),
  ];
  if (format !== 1 || channels !== 1 || bits !== 16) throw new Error('this WAV file is not mono 16-bit PCM');
  return view.getUint32(at + 4, true);
}

function readSamples(view: DataView, at: number, size: number): Int16Array {
  const count = Math.floor(Math.min(size, view.byteLength - at) / 2);
  return Int16Array.from({ length: count }, (_, i) => view.getInt16(at + 2 * i, true));
}

/** A complete WAV file of these samples. */
export function writeWav({ rate, samples }: Pcm): Uint8Array {
  const bytes = new Uint8Array(HEADER + samples.length * 2);
  const view = new DataView(bytes.buffer);
  bytes.set(wavHeader({ rate, channels: 1, bytes: samples.length * 2 }));
  for (const [i, sample] of samples.entries()) view.setInt16(HEADER + 2 * i, sample, true);
  return bytes;
}

/** The first 44 bytes of a 16-bit PCM WAV file whose samples are `bytes` long. */
export function wavHeader({
  rate,
  channels,
  bytes: size,
}: {
  rate: number;
  channels: number;
  bytes: number;
}): Uint8Array {
  const bytes = new Uint8Array(HEADER);
  const view = new DataView(bytes.buffer);
  const ascii = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  ascii(0, 'RIFF');
  view.setUint32(4, HEADER - 8 + size, true);
  ascii(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  ascii(36, 'data');
  view.setUint32(40, size, true);
  return bytes;
}

/**
 * The same sound at 8 kHz: a Hamming-windowed sinc around each of its samples, which cuts just under telephony's 3.4 kHz edge, so
 * that nothing folds back into the band. Takes rates from 8 to 48 kHz; throws for others.
 */
export function toTelephoneRate(pcm: Pcm): Pcm {
  const { rate, samples: from } = pcm;
  if (rate === TELEPHONE_RATE) return pcm;
  if (rate < TELEPHONE_RATE || rate > 48_000) throw new Error(`cannot make 8 kHz out of ${rate} Hz`);
  const half = Math.round((REACH * rate) / TELEPHONE_RATE);
  // A sample lies between two of the old ones in a few ways only (one for 16 kHz, 160 for 22.05 kHz): a filter for each.
  const filters = new Map<number, Float64Array>();
  const samples = Int16Array.from({ length: Math.floor((from.length * TELEPHONE_RATE) / rate) }, (_, i) => {
    const between = (i * rate) % TELEPHONE_RATE;
    const first = (i * rate - between) / TELEPHONE_RATE - half;
    let filter = filters.get(between);
    if (!filter) filters.set(between, (filter = lowPass(between / TELEPHONE_RATE, CUTOFF / rate, half)));
    let sum = 0;
    for (let k = 0; k < filter.length; k++) sum += (filter[k] ?? 0) * (from[first + k] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
  return { rate: TELEPHONE_RATE, samples };
}

/** With a gain of one, around a point that is `offset` of a sample to the right of its middle. */
function lowPass(offset: number, cutoff: number, half: number): Float64Array {
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, k) => {
    const n = k - half - offset;
    const sinc = n === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * n) / (Math.PI * n);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * n) / (half + 1)));
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}
