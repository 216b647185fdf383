import { expect, test } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Mender } from './mender.ts';
import { FakeSession } from './testing/fake-sip.ts';

function start() {
  const clock = new VirtualClock();
  const session = new FakeSession('leg_1');
  const mender = new Mender(session, new Lifecycle(clock));
  const mediaIs = (state: FakeSession['media']) => {
    session.media = state;
    mender.mediaIs(state);
  };
  return { clock, session, mender, mediaIs };
}

test('tries again while another re-INVITE is going on', async () => {
  const { clock, session, mender } = start();
  session.busy = true;
  mender.renegotiate();
  await clock.advance(800);
  session.busy = false;
  await clock.advance(400);
  expect(session.log).toEqual(['busy', 'busy', 'busy', 're-INVITE']);
  expect(clock.pending).toBe(0);
});

test('gives up a re-INVITE that never gets its turn', async () => {
  const { clock, session, mender } = start();
  session.busy = true;
  mender.renegotiate();
  await clock.advance(60_000);
  expect(clock.pending).toBe(0);
  expect(session.log).toHaveLength(26);
});

test('gives interrupted audio a moment to come back by itself', async () => {
  const { clock, session, mediaIs } = start();
  mediaIs('interrupted');
  await clock.advance(1_400);
  mediaIs('connected');
  await clock.advance(60_000);
  expect(session.log).toEqual([]);
});

test('restarts ICE every five seconds until the audio is back', async () => {
  const { clock, session, mediaIs } = start();
  mediaIs('interrupted');
  await clock.advance(1_500);
  expect(session.log).toEqual(['re-INVITE with ICE restart']);
  await clock.advance(5_000);
  expect(session.log).toHaveLength(2);
  mediaIs('connected');
  await clock.advance(60_000);
  expect(session.log).toHaveLength(2);
  expect(clock.pending).toBe(0);
});

test('restarts ICE at once when it failed', async () => {
  const { clock, session, mediaIs } = start();
  mediaIs('failed');
  await clock.advance(0);
  expect(session.log).toEqual(['re-INVITE with ICE restart']);
});
