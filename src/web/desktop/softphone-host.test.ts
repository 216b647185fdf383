import { describe, expect, it, vi } from 'vitest';
import { SoftphoneHost } from './softphone-host.ts';

const ORIGIN = 'https://crosspoint.example';
const ada = { id: '003000000000001', object: 'Contact', name: 'Ada Lovelace' };

function setUp() {
  const frame = { postMessage: vi.fn() };
  const handlers = {
    pop: vi.fn(),
    script: vi.fn(),
    open: vi.fn(),
    changed: vi.fn(),
    dialState: vi.fn(),
    ringing: vi.fn(),
    signedOut: vi.fn(),
  };
  const host = new SoftphoneHost(() => frame as unknown as Window, ORIGIN, handlers);
  const receive = (data: object, origin = ORIGIN, source: unknown = frame) =>
    host.receive({ origin, source, data: { crosspoint: 1, ...data } });
  const sent = () => frame.postMessage.mock.calls.map(([message]) => message);
  return { host, frame, handlers, receive, sent };
}

describe('the softphone’s host', () => {
  it('answers ready with what it can do and what is open', () => {
    const { host, frame, receive, sent } = setUp();
    host.setFocus({ focused: true, record: ada });
    expect(sent()).toEqual([]);
    receive({ type: 'ready' });
    expect(sent()).toEqual([
      { crosspoint: 1, type: 'host', canPop: true },
      { crosspoint: 1, type: 'focus', focused: true, record: ada },
    ]);
    expect(frame.postMessage.mock.calls.every(([, origin]) => origin === ORIGIN)).toBe(true);
  });

  it('pops once per pop id and answers each time', () => {
    const { handlers, receive, sent } = setUp();
    const pop = { type: 'pop', popId: 'p1', decision: 'record', record: ada, number: '+442079460958' };
    receive(pop);
    receive(pop);
    expect(handlers.pop.mock.calls).toEqual([['/Contact/003000000000001', 'Ada Lovelace', ada, 'tab']]);
    expect(sent()).toEqual([
      { crosspoint: 1, type: 'popped', popId: 'p1' },
      { crosspoint: 1, type: 'popped', popId: 'p1' },
    ]);
  });

  it('begins a script beside the record that it is about', () => {
    const { handlers, receive } = setUp();
    const url = '/scripts/script_1?conversation=conv_1';
    receive({ type: 'pop', popId: 'p1', decision: 'script', url, record: ada, number: '1', open: 'subtab' });
    receive({ type: 'pop', popId: 'p2', decision: 'script', url, number: '1' });
    expect(handlers.script.mock.calls).toEqual([
      [url, ada, 'subtab'],
      [url, undefined, 'tab'],
    ]);
    expect(handlers.pop).not.toHaveBeenCalled();
  });

  it('ignores other origins, other windows and wrong shapes', () => {
    const { handlers, receive, sent } = setUp();
    const pop = { type: 'pop', popId: 'p1', decision: 'record', record: ada, number: '' };
    receive(pop, 'https://evil.example');
    receive(pop, ORIGIN, { postMessage: vi.fn() });
    receive(pop, ORIGIN, null);
    receive({ ...pop, crosspoint: 2 });
    receive({ ...pop, decision: 'javascript:' });
    expect(handlers.pop).not.toHaveBeenCalled();
    expect(sent()).toEqual([]);
  });

  it('dials for the record that is open, once there is a softphone', () => {
    const { host, receive, sent } = setUp();
    expect(host.dial('+441')).toBe(false);
    host.setFocus({ focused: true, record: ada });
    receive({ type: 'ready' });
    expect(host.dial('+441')).toBe(true);
    expect(sent().at(-1)).toEqual({ crosspoint: 1, type: 'dial', number: '+441', record: ada });
  });

  it('tells a change of focus once', () => {
    const { host, receive, sent } = setUp();
    receive({ type: 'ready' });
    host.setFocus({ focused: true, record: null });
    host.setFocus({ focused: true, record: null });
    host.setFocus({ focused: true, record: ada });
    expect(sent().slice(2)).toEqual([
      { crosspoint: 1, type: 'focus', focused: true, record: null },
      { crosspoint: 1, type: 'focus', focused: true, record: ada },
    ]);
  });
});
