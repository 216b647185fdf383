/** Chance that can be had again: the same seed gives the same numbers, on every machine. */
import type { Duration } from '../../protocol/simulation.ts';

/** The next number, from 0 to below 1. */
export type Random = () => number;

/** Mulberry32: small, and good enough for days of calls. The words name an independent stream of the seed. */
export function randomOf(seed: number, ...words: (number | string)[]): Random {
  let state = [seed, ...words].reduce<number>((hash, word) => mix(hash ^ hashOf(String(word))), 0x9e3779b9);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state) / 2 ** 32;
  };
}

/** The bits of `value` well stirred: 0 to 2^32 - 1. */
function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Seconds. */
export function drawDuration({ mean, spread, cv }: Duration, random: Random): number {
  if (spread === 'constant' || mean === 0) return mean;
  if (spread === 'exponential') return -mean * Math.log(1 - random());
  const variance = Math.log(1 + cv * cv);
  return Math.exp(Math.log(mean) - variance / 2 + Math.sqrt(variance) * drawNormal(random));
}

/** Box and Muller. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
