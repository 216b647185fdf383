/** `npm start -- reset-password USER`: lets somebody in again who has lost the password, the administrator first of all. */
import { randomToken } from '../lib/ids.ts';
import type { Sessions } from './api/sessions.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { hashPassword } from './callcenter/password.ts';
import { ConfigError } from './config.ts';

/**
 * Gives the user a random password and ends every sign-in that stands on the old one. Returns the password, to be shown once.
 * @throws ConfigError when there is no such user.
 */
export async function resetPassword(
  callCenter: CallCenter,
  sessions: Sessions,
  username: string,
): Promise<string> {
  const user = callCenter.userByName(username);
  if (!user) {
    const names = callCenter.users().map((one) => one.username);
    throw new ConfigError(`There is no user ${JSON.stringify(username)}: there are ${names.join(', ')}.`);
  }
  const password = randomToken(14);
  await callCenter.setPassword(user.id, await hashPassword(password));
  await sessions.endAllOf(user.id);
  return password;
}
