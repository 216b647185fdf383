import { expect, it } from 'vitest';
import { waveformPath } from './waveform.ts';

it('draws the left side above the middle and the right one below it', () => {
  const path = waveformPath({ left: [110, 0], right: [0, 110] });
  expect(path).toBe('M0 50L250 2L750 49.2L1000 50L750 98L250 50.8Z');
});

it('is a line for a recording without sound, and stays in its box for the loudest', () => {
  expect(waveformPath({ left: [], right: [] })).toBe('M0 50H1000');
  const heights = [...waveformPath({ left: [255], right: [255] }).matchAll(/ (-?[\d.]+)/g)].map(([, y]) =>
    Number(y),
  );
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...heights)).toBeLessThanOrEqual(100);
});
