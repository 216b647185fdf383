import { createHmac } from 'node:crypto';
import type { PhoneCredentials } from '../../protocol/socket.ts';

export type IceServers = PhoneCredentials['iceServers'];

export interface IceOptions {
  stun: string[];
  turn: string[];
  /** Fixed TURN credentials. */
  user?: string;
  password?: string;
  /** Shared with the TURN servers; goes before fixed credentials. */
  secret?: string;
}

/** How long TURN credentials hold, in milliseconds: as long as a sign-in. */
const TURN_MS = 12 * 3_600_000;

/**
 * What a browser phone needs to find its way through firewalls. With a shared secret the TURN credentials are made for this
 * user and end by themselves: user name `EXPIRY:USER`, password the base64 of its HMAC-SHA1 (draft-uberti-behave-turn-rest).
 */
export function iceServersFor(options: IceOptions, userId: string, now: number): IceServers {
  const servers: IceServers = [];
  if (options.stun.length > 0) servers.push({ urls: options.stun });
  const credentials = turnCredentials(options, userId, now);
  if (options.turn.length > 0 && credentials) servers.push({ urls: options.turn, ...credentials });
  return servers;
}

function turnCredentials(
  { user, password, secret }: IceOptions,
  userId: string,
  now: number,
): { username: string; credential: string } | undefined {
  if (secret) {
    const username = `${Math.floor((now + TURN_MS) / 1_000)}:${userId}`;
    return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
  }
  return user !== undefined && password !== undefined ? { username: user, credential: password } : undefined;
}
