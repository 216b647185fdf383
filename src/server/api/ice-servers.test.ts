import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { iceServersFor } from './ice-servers.ts';

const NOW = 1_767_603_600_000;

it('gives nothing where nothing is set', () => {
  expect(iceServersFor({ stun: [], turn: [] }, 'user_1', NOW)).toEqual([]);
});

it('makes TURN credentials for this user that end after twelve hours', () => {
  const [stun, turn] = iceServersFor({ stun: ['stun:s'], turn: ['turn:t'], secret: 'shared' }, 'user_1', NOW);
  expect(stun).toEqual({ urls: ['stun:s'] });
  expect(turn?.username).toBe(`${NOW / 1_000 + 43_200}:user_1`);
  expect(turn?.credential).toBe(
    createHmac('sha1', 'shared')
      .update(turn?.username ?? '')
      .digest('base64'),
  );
});

it('gives fixed credentials as they are, and no TURN server without any', () => {
  const options = { stun: [], turn: ['turn:t'] };
  expect(iceServersFor({ ...options, user: 'u', password: 'p' }, 'x', NOW)).toEqual([
    { urls: ['turn:t'], username: 'u', credential: 'p' },
  ]);
  expect(iceServersFor(options, 'x', NOW)).toEqual([]);
});
