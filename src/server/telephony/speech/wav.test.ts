import { describe, expect, it } from 'vitest';
import { readWav, toTelephoneRate, writeWav } from './wav.ts';

function tone(hz: number, rate: number): Int16Array {
  return Int16Array.from({ length: rate }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / rate)),
  );
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);
}

describe('WAV', () => {
  it('reads back what it wrote', () => {
    const pcm = { rate: 8_000, samples: Int16Array.from([0, 1, -1, 32_767, -32_768]) };
    expect(readWav(writeWav(pcm))).toEqual(pcm);
  });

  it('cuts a data size that is larger than the file', () => {
    const bytes = writeWav({ rate: 8_000, samples: Int16Array.from([5, 6]) });
    new DataView(bytes.buffer).setUint32(40, 1_000_000, true);
    expect([...readWav(bytes).samples]).toEqual([5, 6]);
  });

  it.each([
    ['not a WAV', new Uint8Array(60)],
    ['too short', new Uint8Array(3)],
  ])('refuses %s', (_, bytes) => {
    expect(() => readWav(bytes)).toThrow('no WAV');
  });

  it('refuses stereo', () => {
    const bytes = writeWav({ rate: 8_000, samples: Int16Array.from([1, 2]) });
    new DataView(bytes.buffer).setUint16(22, 2, true);
    expect(() => readWav(bytes)).toThrow('not mono');
  });
});

describe('toTelephoneRate', () => {
  it('halves the samples and keeps a 1 kHz tone as loud as it was', () => {
    const { rate, samples } = toTelephoneRate({ rate: 16_000, samples: tone(1_000, 16_000) });
    expect([rate, samples.length]).toEqual([8_000, 8_000]);
    expect(rms(samples)).toBeCloseTo(10_000 / Math.SQRT2, -2);
  });

  it('removes a 5 kHz tone instead of folding it to 3 kHz', () => {
    const { samples } = toTelephoneRate({ rate: 16_000, samples: tone(5_000, 16_000) });
    expect(rms(samples.subarray(100, -100))).toBeLessThan(50);
  });

  it.each([22_050, 24_000, 48_000])('takes %d Hz, too', (rate) => {
    const made = toTelephoneRate({ rate, samples: tone(1_000, rate) });
    expect([made.rate, made.samples.length]).toEqual([8_000, 8_000]);
    expect(rms(made.samples)).toBeCloseTo(10_000 / Math.SQRT2, -2);
    expect(
      rms(toTelephoneRate({ rate, samples: tone(5_000, rate) }).samples.subarray(100, -100)),
    ).toBeLessThan(50);
  });

  it('leaves 8 kHz alone and refuses other rates', () => {
    const pcm = { rate: 8_000, samples: tone(100, 8_000) };
    expect(toTelephoneRate(pcm)).toBe(pcm);
    expect(() => toTelephoneRate({ rate: 96_000, samples: pcm.samples })).toThrow('96000');
  });
});
