import { describe, expect, test } from 'vitest';
import { DesktopHost } from './desktop.ts';

const ORIGIN = 'https://crosspoint.test';

function start() {
  const sent: unknown[] = [];
  const heard: unknown[] = [];
  const listeners = new Set<(event: MessageEvent) => void>();
  const parent = { postMessage: (message: unknown, origin: string) => void sent.push([message, origin]) };
  const self = {
    addEventListener: (_: 'message', l: (event: MessageEvent) => void) => void listeners.add(l),
    removeEventListener: (_: 'message', l: (event: MessageEvent) => void) => void listeners.delete(l),
  };
  const host = new DesktopHost({ self, parent }, ORIGIN);
  host.start({
    dial: (number, record) => heard.push(['dial', number, record?.id]),
    focus: (focused, record) => heard.push(['focus', focused, record?.id]),
    popped: (id) => heard.push(['popped', id]),
    changed: () => {},
    context: () => {},
  });
  const say = (data: unknown, origin = ORIGIN, source: unknown = parent) => {
    for (const listener of listeners) listener({ data, origin, source } as MessageEvent);
  };
  return { host, sent, heard, say, listeners };
}

const DIAL = { crosspoint: 1, type: 'dial', number: '020 7946 0958' };

describe('the desktop', () => {
  test('is told that the softphone is ready, at our own origin only', () => {
    expect(start().sent).toEqual([[{ crosspoint: 1, type: 'ready' }, ORIGIN]]);
  });

  test('is heard', () => {
    const { heard, say } = start();
    say(DIAL);
    say({
      crosspoint: 1,
      type: 'focus',
      focused: true,
      record: { id: '003A', object: 'Contact', name: 'Ada' },
    });
    say({ crosspoint: 1, type: 'popped', popId: 'p1' });
    say({ crosspoint: 1, type: 'host', canPop: true });
    expect(heard).toEqual([
      ['dial', '020 7946 0958', undefined],
      ['focus', true, '003A'],
      ['popped', 'p1'],
    ]);
  });

  test('pops and opens', () => {
    const { host, sent } = start();
    host.pop({ popId: 'p1', decision: 'new', number: '+44', open: 'tab' });
    host.ringing(true);
    expect(sent.slice(1).map((m) => (m as [unknown])[0])).toEqual([
      { crosspoint: 1, type: 'pop', popId: 'p1', decision: 'new', number: '+44', open: 'tab' },
      { crosspoint: 1, type: 'ringing', on: true },
    ]);
  });
});

describe('a stranger', () => {
  test.each([
    ['of another origin', DIAL, 'https://evil.test', undefined],
    ['of another window', DIAL, ORIGIN, {}],
    ['with a wrong shape', { crosspoint: 1, type: 'dial' }, ORIGIN, undefined],
    ['with another protocol', { type: 'dial', number: '1' }, ORIGIN, undefined],
    ['with no object at all', 'dial', ORIGIN, undefined],
  ])('%s is not heard', (_, data, origin, source) => {
    const { heard, say } = start();
    if (source) say(data, origin, source);
    else say(data, origin);
    expect(heard).toEqual([]);
  });
});

test('nothing is heard after closing', () => {
  const { host, heard, say, listeners } = start();
  host.close();
  host.close();
  say(DIAL);
  expect(heard).toEqual([]);
  expect(listeners.size).toBe(0);
});
