import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { ALIVE_MS, OwnWindow, PopOut } from './pop-out.ts';

const ORIGIN = 'https://phone.example';

class FakeWindow {
  closed = false;
  readonly got: unknown[] = [];
  focused = 0;
  postMessage = (message: unknown, origin: string) => void this.got.push([message, origin]);
  focus = () => void this.focused++;
}

function start({ blocked = false, token = undefined as string | undefined } = {}) {
  const clock = new VirtualClock();
  const opened = new FakeWindow();
  const views: unknown[] = [];
  const popOut = new PopOut({
    origin: ORIGIN,
    open: () => (blocked ? null : opened),
    token: () => token,
    clock,
    onListenerError: (error) => {
      throw error;
    },
  });
  popOut.subscribe(() => views.push(popOut.getView()));
  const alive = (origin = ORIGIN, data: unknown = { crosspoint: 1, type: 'window', tabId: 'tab_1' }) =>
    popOut.receive({ origin, source: opened as unknown as MessageEventSource, data });
  return { popOut, clock, opened, views, alive };
}

describe('the frame', () => {
  test('opens the window, and has the phone back when it is closed', async () => {
    const { popOut, clock, opened } = start();
    expect(popOut.open()).toBe(true);
    expect(popOut.getView()).toEqual({ out: true, returning: false });
    await clock.advance(10 * ALIVE_MS);
    expect(popOut.getView().out).toBe(true);
    opened.closed = true;
    await clock.advance(ALIVE_MS);
    expect(popOut.getView()).toEqual({ out: false, returning: false });
    expect(clock.pending).toBe(0);
  });

  test('says so when the browser blocks it', () => {
    const { popOut, views } = start({ blocked: true });
    expect(popOut.open()).toBe(false);
    expect(views).toEqual([]);
  });

  test('finds a window that outlived a reload of the frame alone, hands it the sign-in, and asks it to close', () => {
    const { popOut, opened, alive } = start({ token: 'secret' });
    alive();
    expect(popOut.getView().out).toBe(true);
    popOut.bringBack();
    expect(popOut.getView()).toEqual({ out: true, returning: true });
    alive(); // it goes on while a call does
    expect(popOut.getView()).toEqual({ out: true, returning: true });
    expect(opened.got).toEqual([
      [{ crosspoint: 1, type: 'token', token: 'secret' }, ORIGIN],
      [{ crosspoint: 1, type: 'close' }, ORIGIN],
      [{ crosspoint: 1, type: 'token', token: 'secret' }, ORIGIN],
    ]);
  });

  test('listens to windows of ours only', () => {
    const { popOut, opened, alive } = start({ token: 'secret' });
    alive('https://evil.example');
    alive(ORIGIN, { crosspoint: 1, type: 'window' });
    alive(ORIGIN, 'window');
    expect(popOut.getView().out).toBe(false);
    expect(opened.got).toEqual([]);
  });
});

describe('the window', () => {
  test('says that it is there until the page that opened it is gone, and pops itself from then on', async () => {
    const clock = new VirtualClock();
    const frame = new FakeWindow();
    const heard: unknown[] = [];
    const own = new OwnWindow({
      origin: ORIGIN,
      opener: () => frame,
      tabId: 'tab_1',
      onToken: (token) => heard.push(['token', token]),
      onClose: () => heard.push('close'),
      onOpener: (there) => heard.push(there),
      clock,
    });
    own.start();
    await clock.advance(ALIVE_MS);
    expect(frame.got).toHaveLength(2);
    const say = (source: unknown, data: unknown, origin = ORIGIN) =>
      own.receive({ origin, source: source as MessageEventSource, data });
    say(frame, { crosspoint: 1, type: 'token', token: 't' });
    say({}, { crosspoint: 1, type: 'token', token: 'of a stranger' });
    say(frame, { crosspoint: 1, type: 'close' }, 'https://evil.example');
    say(frame, { crosspoint: 1, type: 'close' });
    frame.closed = true;
    await clock.advance(ALIVE_MS);
    expect(heard).toEqual([true, true, ['token', 't'], 'close', false]);
    expect(clock.pending).toBe(0);
  });
});
