import { describe, expect, it } from 'vitest';
import { queueLogWords } from './queue-log-words.ts';

const words = (added: number, found: number, open = 0, bad: number[] = []) =>
  queueLogWords({ added, found, open, bad }, 'en-GB');

describe('what became of a queue log', () => {
  it('says how many callers it had and how many are new', () => {
    expect(words(1_200, 1_204)).toBe('1,204 callers read, 1,200 of them new.');
    expect(words(0, 1)).toBe('1 caller read, none of them new.');
  });

  it('says who was not through, and which lines were not understood', () => {
    expect(words(1, 1, 2, [4])).toBe(
      '1 caller read, 1 of them new. 2 callers were still there at the end of the file: give it again later, and they are added. 1 line is none of a queue log and left out: 4.',
    );
    const many = Array.from({ length: 12 }, (_, index) => index + 1);
    expect(words(1, 1, 0, many)).toContain(
      '12 lines are none of a queue log and left out: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ….',
    );
  });

  it('says that a file is another one, or has no callers', () => {
    expect(words(0, 0, 0, [1, 2])).toBe(
      'This is no queue log: 2 lines and no caller in any of them. Nothing was imported.',
    );
    expect(words(0, 0)).toBe('No caller entered a queue in this file. Nothing was imported.');
  });
});
