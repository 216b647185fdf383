import { expect, it } from 'vitest';
import { peerConfig } from './jssip-session.ts';

it('a peer connection gets the STUN and TURN servers of this user as they came from the server', () => {
  const iceServers = [
    { urls: ['stun:stun.example:3478'] },
    { urls: ['turn:turn.example:3478?transport=udp'], username: '1767646800:user_agent', credential: 'c' },
  ];
  expect(peerConfig(iceServers)).toMatchObject({ iceServers, bundlePolicy: 'max-bundle' });
});
