import { expect, it } from 'vitest';
import { changed, historyOf, redone, undone } from './history.ts';

it('goes back and forward again, step by step', () => {
  const three = changed(changed(historyOf('a'), 'b'), 'c');
  expect(undone(three).present).toBe('b');
  expect(undone(undone(three)).present).toBe('a');
  expect(redone(undone(three))).toEqual(three);
});

it('has an end at both sides', () => {
  const fresh = historyOf('a');
  expect(undone(fresh)).toBe(fresh);
  expect(redone(fresh)).toBe(fresh);
});

it('forgets what was taken back when something else is done', () => {
  const other = changed(undone(changed(historyOf('a'), 'b')), 'c');
  expect(redone(other)).toBe(other);
  expect(undone(other).present).toBe('a');
});

it('takes a word back at once, and two fields apart', () => {
  let history = historyOf('');
  for (const text of ['H', 'He', 'Hey']) history = changed(history, text, 'title');
  history = changed(history, 'Hey!', 'text');
  expect(undone(history).present).toBe('Hey');
  expect(undone(undone(history)).present).toBe('');
});

it('begins a new step after one was taken back, in the same field too', () => {
  const typed = changed(changed(historyOf(''), 'a', 'title'), 'ab', 'title');
  const again = changed(undone(typed), 'x', 'title');
  expect(undone(again).present).toBe('');
});

it('keeps a bounded number of steps', () => {
  let history = historyOf(0);
  for (let step = 1; step <= 1_000; step++) history = changed(history, step);
  expect(history.past.length).toBe(200);
});
