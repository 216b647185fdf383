/** The outbound registrations of a private Asterisk, asked of its control socket: ARI does not tell of them. */
import type { Account } from './account.ts';
import type { AsteriskProgram } from './asterisk-program.ts';
import { runCommand } from './run-command.ts';

export type RegistrationState = 'registered' | 'trying' | 'refused';

const ASK_MS = 5_000;

/** By name. Rejects when Asterisk does not answer within 5 s. */
export async function askRegistrations(
  program: AsteriskProgram,
  confFile: string,
  account: Account | undefined,
): Promise<Map<string, RegistrationState>> {
  const args = [...program.prefix, '-C', confFile, '-rx', 'pjsip show registrations'];
  return readRegistrations(await runCommand(program.command, args, { ...account, timeoutMs: ASK_MS }));
}

/** Lines such as ` trunk_1/sip:sip.example.com:5060    trunk_1    Registered  (exp. 55s)`. */
export function readRegistrations(table: string): Map<string, RegistrationState> {
  const found = [...table.matchAll(/^ *([\w-]+)\/\S+.*\s(Registered|Unregistered|Rejected|Stopp\w+)\b/gm)];
  return new Map(found.map(([, name = '', state = '']) => [name, STATES[state] ?? 'trying']));
}

const STATES: Readonly<Record<string, RegistrationState>> = {
  Registered: 'registered',
  Rejected: 'refused',
};
