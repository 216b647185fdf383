import { expect, it } from 'vitest';
import { type Box, tidy } from './layout.ts';

const box = (id: string, height = 80): Box => ({ id, width: 200, height });
const places = (boxes: Box[], edges: [string, string][]) => {
  const found = tidy(
    boxes,
    edges.map(([from, to]) => ({ from, to })),
  );
  return (id: string) => found.get(id) ?? { x: Number.NaN, y: Number.NaN };
};

it('puts what comes later to the right, a loop back to the menu or not', () => {
  const at = places(
    [box('greet'), box('menu'), box('queue')],
    [
      ['greet', 'menu'],
      ['menu', 'queue'],
      ['queue', 'menu'],
    ],
  );
  expect(at('greet').x + 200).toBeLessThan(at('menu').x);
  expect(at('menu').x + 200).toBeLessThan(at('queue').x);
});

it('keeps the exits of a menu from top to bottom, without a node over another', () => {
  const exits = ['one', 'two', 'three', 'four'];
  const at = places(
    [box('menu', 240), ...exits.map((id) => box(id, 120))],
    exits.map((id) => ['menu', id]),
  );
  const tops = exits.map((id) => at(id).y);
  expect([...tops].sort((a, b) => a - b)).toEqual(tops);
  for (let i = 1; i < tops.length; i++)
    expect((tops[i] ?? 0) - (tops[i - 1] ?? 0)).toBeGreaterThanOrEqual(120);
});

it('places every node, also what nothing leads to and what leads to itself or nowhere', () => {
  const at = places(
    [box('a'), box('b'), box('alone')],
    [
      ['a', 'a'],
      ['a', 'gone'],
      ['a', 'b'],
    ],
  );
  for (const id of ['a', 'b', 'alone']) expect(Number.isFinite(at(id).x + at(id).y)).toBe(true);
});
