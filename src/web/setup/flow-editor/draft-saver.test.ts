import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/clock.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { type Flow, FlowDocument, type FlowDraft } from '../../../protocol/flows.ts';
import { DraftSaver, type Drawn } from './draft-saver.ts';

const drawn = (label: string): Drawn => ({ label, description: '', document: FlowDocument.parse({}) });

function desk() {
  const clock = new VirtualClock();
  const sent: FlowDraft[] = [];
  const answers: { accept(): void; refuse(error: unknown): void }[] = [];
  const saver = new DraftSaver(1, {
    clock,
    save: (draft) => {
      sent.push(draft);
      return new Promise<Flow>((resolve, reject) =>
        answers.push({ accept: () => resolve(stored(draft)), refuse: reject }),
      );
    },
    onSaved: () => {},
  });
  const leave = saver.open();
  const answer = async (how: 'accept' | CodedError) => {
    const waiting = answers.shift();
    if (how === 'accept') waiting?.accept();
    else waiting?.refuse(how);
    await clock.advance(0);
  };
  return { clock, sent, saver, leave, answer, at: () => saver.getState().at };
}

function stored(draft: FlowDraft): Flow {
  return {
    ...draft,
    id: 'flow_1',
    rev: draft.rev + 1,
    changedAt: 0,
    published: null,
    edited: true,
    usedBy: [],
    problems: [],
  };
}

describe('a draft', () => {
  it('is sent once the hand rests, with the revision that the server gave last', async () => {
    const { clock, sent, saver, answer, at } = desk();
    saver.draw(drawn('a'));
    await clock.advance(600);
    saver.draw(drawn('ab'));
    await clock.advance(600);
    expect([sent.length, at()]).toEqual([0, 'waiting']);
    await clock.advance(100);
    expect([sent.map(({ label, rev }) => [label, rev]), at()]).toEqual([[['ab', 1]], 'saving']);
    await answer('accept');
    expect(at()).toBe('saved');
    saver.draw(drawn('abc'));
    await clock.advance(700);
    expect(sent.at(-1)).toMatchObject({ label: 'abc', rev: 2 });
  });

  it('that is changed while it is on its way goes out again afterwards, never twice at once', async () => {
    const { clock, sent, saver, answer, at } = desk();
    saver.draw(drawn('a'));
    await clock.advance(700);
    saver.draw(drawn('b'));
    await clock.advance(5_000);
    expect(sent.length).toBe(1);
    await answer('accept');
    expect(at()).toBe('waiting');
    await clock.advance(700);
    expect(sent.map(({ label, rev }) => [label, rev])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('that could not be sent is tried again, with what was drawn meanwhile', async () => {
    const { clock, sent, saver, answer, at } = desk();
    saver.draw(drawn('a'));
    await clock.advance(700);
    await answer(new CodedError('server-unreachable'));
    expect(at()).toBe('failed');
    await clock.advance(4_000);
    expect(sent.map(({ label }) => label)).toEqual(['a', 'a']);
    saver.draw(drawn('b'));
    await answer(new CodedError('server-unreachable'));
    await clock.advance(4_000);
    expect(sent.at(-1)?.label).toBe('b');
  });

  it('that somebody else saved waits for a decision: theirs, or mine over it', async () => {
    const { clock, sent, saver, answer, at } = desk();
    saver.draw(drawn('mine'));
    await clock.advance(700);
    await answer(new CodedError('conflict'));
    saver.draw(drawn('still mine'));
    await clock.advance(60_000);
    expect([sent.length, at()]).toEqual([1, 'conflict']);
    saver.takeUp(7);
    expect(at()).toBe('saved');
    saver.draw(drawn('still mine'));
    await clock.advance(700);
    expect(sent.at(-1)).toMatchObject({ label: 'still mine', rev: 7 });
  });

  it('is sent at once before it is published, and says whether the server has it', async () => {
    const { saver, answer, sent } = desk();
    saver.draw(drawn('a'));
    const flushed = saver.flush();
    await Promise.resolve();
    expect(sent.length).toBe(1);
    await answer('accept');
    expect(await flushed).toBe(true);
    expect(await saver.flush()).toBe(true);
    saver.draw(drawn('b'));
    const refused = saver.flush();
    await Promise.resolve();
    await answer(new CodedError('conflict'));
    expect(await refused).toBe(false);
  });

  it('is sent when the page goes, and no timer is left', async () => {
    const { clock, saver, sent, leave } = desk();
    saver.draw(drawn('a'));
    leave();
    leave();
    await clock.advance(0);
    expect([sent.length, clock.pending]).toEqual([1, 0]);
  });

  it('that is newer than the one on its way goes out after it when the page goes', async () => {
    const { clock, saver, sent, leave, answer } = desk();
    saver.draw(drawn('a'));
    await clock.advance(700);
    saver.draw(drawn('b'));
    leave();
    await answer('accept');
    expect(sent.map(({ label, rev }) => [label, rev])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('that the server refused is given up by who leaves the page', async () => {
    const { clock, saver, sent, leave, answer } = desk();
    saver.draw(drawn('a'));
    await clock.advance(700);
    await answer(new CodedError('server-unreachable'));
    leave();
    await clock.advance(60_000);
    expect([sent.length, clock.pending]).toEqual([1, 0]);
  });
});
