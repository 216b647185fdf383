import { describe, expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { SessionToken } from '../client/session-token.ts';
import { safeStorage } from '../client/safe-storage.ts';
import { FrameSignIn } from './frame-sign-in.ts';

const ORIGIN = 'https://phone.example';

function start(askContext?: () => Promise<string | undefined>, refusal?: CodedError) {
  const clock = new VirtualClock();
  const heard: unknown[] = [];
  // As in a browser that forbids storage to frames of other sites.
  const token = new SessionToken(
    safeStorage(() => {
      throw new Error('denied');
    }),
  );
  const signIn = new FrameSignIn({
    token,
    around: 'https://sf.example',
    origin: ORIGIN,
    host: askContext ? { askContext } : {},
    exchange: async (context, origin) => {
      heard.push([context, origin]);
      if (refusal) throw refusal;
      return { token: 'of the context', expiresAt: 0 };
    },
    openWindow: (path) => {
      heard.push(path);
      return path === '/softphone/sign-in' ? {} : null;
    },
    onSignedIn: () => heard.push(`signed in by ${token.value}`),
    clock,
    onListenerError: (error) => {
      throw error;
    },
  });
  return { signIn, heard, clock, token };
}

describe('signing in within a frame of another site', () => {
  test('asks the page around, and brings what it signed to our server with its origin', async () => {
    const { signIn, heard, token } = start(async () => 'a.b.c');
    token.set('an old one');
    await signIn.begin();
    expect(heard).toEqual([['a.b.c', 'https://sf.example'], 'signed in by of the context']);
    expect(signIn.getView()).toEqual({ asking: false, problem: undefined });
    expect(token.protocols).toEqual(['crosspoint', 'bearer.of the context']);
    expect(token.sipProtocols).toEqual(['sip', 'bearer.of the context']);
  });

  test('says why the context did not do, and opens our window', async () => {
    const refusal = new CodedError('context-refused', { detail: 'it has expired' });
    const { signIn, heard } = start(async () => 'a.b.c', refusal);
    await signIn.begin();
    expect(signIn.getView()).toEqual({ asking: false, problem: refusal });
    expect(signIn.openWindow()).toBe(true);
    expect(heard.at(-1)).toBe('/softphone/sign-in');
  });

  test.each<[what: string, ask: (() => Promise<string | undefined>) | undefined]>([
    ['knows no such question', undefined],
    ['does not answer', () => new Promise(() => undefined)],
    ['has no class for it', () => Promise.reject(new Error('no class'))],
    ['does not say', async () => undefined],
  ])('does without a page that %s', async (_, ask) => {
    const { signIn, heard, clock, token } = start(ask);
    const begun = signIn.begin();
    await settle();
    await clock.advance(8_000);
    await begun;
    expect(signIn.getView()).toEqual({ asking: false, problem: undefined });
    expect(heard).toEqual([]);
    expect(token.protocols).toEqual([]);
    expect(token.sipProtocols).toEqual(['sip']);
  });

  test('takes the token of our own window, and of no other', () => {
    const { signIn, heard } = start();
    const data = { crosspoint: 1, type: 'token', token: 'of the window' };
    signIn.receive({ origin: 'https://evil.example', data });
    signIn.receive({ origin: ORIGIN, data: { type: 'token', token: 'x' } });
    expect(heard).toEqual([]);
    signIn.receive({ origin: ORIGIN, data });
    expect(heard).toEqual(['signed in by of the window']);
  });
});
