import { describe, expect, it } from 'vitest';
import { VirtualClock } from './clock.ts';
import { DeadlineError, withDeadline } from './deadline.ts';

describe('a wait with a deadline', () => {
  it('ends with the outcome that came in time, and leaves no timer', async () => {
    const clock = new VirtualClock();
    await expect(withDeadline(clock, 10, 'it', Promise.resolve('done'))).resolves.toBe('done');
    await expect(withDeadline(clock, 10, 'it', Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.pending).toBe(0);
  });

  it('ends at the deadline with an error that says what did not happen', async () => {
    const clock = new VirtualClock();
    const wait = withDeadline(clock, 10, 'the answer', new Promise(() => undefined));
    const outcome = expect(wait).rejects.toEqual(new DeadlineError('the answer', 10));
    await clock.advance(10);
    await outcome;
    await expect(wait).rejects.toThrow('the answer did not happen within 10 ms');
  });

  it('is not disturbed by what fails after the deadline', async () => {
    const clock = new VirtualClock();
    let fail: (error: Error) => void = () => undefined;
    const wait = withDeadline(clock, 10, 'it', new Promise((_, reject) => (fail = reject)));
    const outcome = expect(wait).rejects.toBeInstanceOf(DeadlineError);
    await clock.advance(10);
    fail(new Error('too late'));
    await outcome;
  });
});
