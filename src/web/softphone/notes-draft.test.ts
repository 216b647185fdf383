import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import { merge, NotesDraft } from './notes-draft.ts';

function start(comments = '', storage = new Map<string, string>()) {
  const clock = new VirtualClock();
  const saved: string[] = [];
  const fails = { now: false };
  const draft = new NotesDraft(comments, {
    lineId: 'l1',
    clock,
    storage: {
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => void storage.set(key, value),
      removeItem: (key) => void storage.delete(key),
    },
    save: async (text) => {
      if (fails.now) throw new Error('offline');
      saved.push(text);
    },
  });
  return { clock, saved, fails, draft, storage };
}

describe('typed notes', () => {
  test('are sent half a second after the last key', async () => {
    const { clock, saved, draft } = start();
    draft.type('a');
    await clock.advance(400);
    draft.type('ab');
    await clock.advance(499);
    expect(saved).toEqual([]);
    expect(draft.unsaved).toBe(true);
    await clock.advance(1);
    expect(saved).toEqual(['ab']);
    expect(draft.unsaved).toBe(false);
  });

  test('are sent again and again while there is no connection', async () => {
    const { clock, saved, fails, draft } = start();
    fails.now = true;
    draft.type('hello');
    await clock.advance(10_000);
    expect(draft).toMatchObject({ text: 'hello', unsaved: true });
    fails.now = false;
    await clock.advance(3_000);
    expect(saved).toEqual(['hello']);
  });

  test('survive a reload that comes before they were sent', async () => {
    const { draft, storage, fails } = start();
    fails.now = true;
    draft.type('half a sent');
    draft.close();
    const after = start('', storage);
    expect(after.draft.text).toBe('half a sent');
    await after.clock.advance(0);
    expect(after.saved).toEqual(['half a sent']);
    expect(storage.size).toBe(0);
  });

  test('are not disturbed by their own echo', async () => {
    const { clock, draft } = start();
    draft.type('one');
    await clock.advance(500);
    draft.type('one two');
    draft.serverSays('one');
    expect(draft.text).toBe('one two');
    await clock.advance(500);
    draft.serverSays('one two');
    expect(draft).toMatchObject({ text: 'one two', unsaved: false });
  });

  test('are not undone by a state from before they were accepted', async () => {
    const { clock, draft } = start();
    draft.type('one');
    await clock.advance(500);
    draft.serverSays('');
    expect(draft.text).toBe('one');
    draft.serverSays('one');
    expect(draft).toMatchObject({ text: 'one', unsaved: false });
  });

  test('can be flushed before the wrap-up ends', async () => {
    const { saved, draft } = start();
    draft.type('last words');
    await draft.flush();
    expect(saved).toEqual(['last words']);
  });

  test('that cannot be flushed say so', async () => {
    const { fails, draft } = start();
    fails.now = true;
    draft.type('x');
    await expect(draft.flush()).rejects.toThrow('offline');
    expect(draft.text).toBe('x');
  });
});

describe('notes of another tab', () => {
  test('are shown when nothing is unsent here', () => {
    const { draft } = start('old');
    draft.serverSays('new');
    expect(draft).toMatchObject({ text: 'new', unsaved: false });
  });

  test('go before what is typed here at the same time', () => {
    const { draft } = start('Call.');
    draft.type('Call. Mine');
    draft.serverSays('Call. Theirs');
    expect(draft).toMatchObject({ text: 'Call. Theirs\nMine', unsaved: true });
  });
});

test('merging loses no line of either side', () => {
  const words = fc.array(fc.constantFrom('ada', 'bob', 'cy', '.'), { maxLength: 5 }).map((w) => w.join(' '));
  fc.assert(
    fc.property(words, words, words, (base, a, b) => {
      const merged = merge(base, `${base} ${a}`.trimEnd(), `${base} ${b}`.trimEnd());
      expect(merged).toContain(b.trim());
      expect(merged).toContain(a.trim());
    }),
  );
});

test('closing leaves no timer', async () => {
  const { clock, draft } = start();
  draft.type('x');
  draft.close();
  draft.close();
  await settle();
  expect(clock.pending).toBe(0);
});
