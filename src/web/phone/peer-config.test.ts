import { describe, expect, it } from 'vitest';
import { gathering, peerConfig } from './jssip-session.ts';

it('a peer connection gets the STUN and TURN servers of this user as they came from the server', () => {
  const iceServers = [
    { urls: ['stun:stun.example:3478'] },
    { urls: ['turn:turn.example:3478?transport=udp'], username: '1767646800:user_agent', credential: 'c' },
  ];
  expect(peerConfig(iceServers)).toMatchObject({ iceServers, bundlePolicy: 'max-bundle' });
});

describe('gathering of candidates', () => {
  it.each([
    ['the computer only', [], undefined],
    ['a server that says our address', [{ urls: ['stun:a.example'] }], 'srflx'],
    ['a relay, whatever else', [{ urls: ['stun:a.example', 'turn:b.example'] }], 'relay'],
    ['a relay in one string', [{ urls: 'turns:b.example' }], 'relay'],
  ])('with %s ends with what is worth waiting for', (_what, servers, best) => {
    expect(gathering(servers).best).toBe(best);
  });

  it('waits the longer the farther the servers are', () => {
    const waits = [[], [{ urls: 'stun:a' }], [{ urls: 'turn:a' }]].map(
      (servers) => gathering(servers).waitMs,
    );
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(new Set(waits).size).toBe(3);
  });
});
