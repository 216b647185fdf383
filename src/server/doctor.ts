/**
 * `npm run doctor -- asterisk …`: the checks of a telephone system from a shell, and `-- speech` of the speech engines, without
 * anything being saved. Exit code 0: all is
 * well, 1: something is wrong, 2: the command is.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { realClock } from '../lib/clock.ts';
import { CodedError } from '../protocol/errors.ts';
import { checkSettings, type Settings } from '../protocol/kind-settings.ts';
import type { PlatformCheck, PlatformReport } from '../protocol/platforms.ts';
import { cacheFolder } from './bundled/cache-folder.ts';
import { SpeechPrograms } from './bundled/speech-programs.ts';
import { PLATFORM_KINDS } from './platforms/kinds.ts';
import { speechReport } from './speech-doctor.ts';

export const DOCTOR_USAGE = `Usage: ASTERISK_PASSWORD=… npm run doctor -- asterisk --url http://pbx.example:8088/ari --user crosspoint
  --application NAME      the name in Stasis(…), default crosspoint
  --sip-websocket URL     where browser phones reach SIP, default beside ARI
  --ca FILE               PEM of the authority that signed Asterisk's certificate
  --sounds FOLDER         where spoken texts are put
  --manager-user NAME     the AMI user; its secret comes in ASTERISK_MANAGER_SECRET
  --manager-port PORT     default 5038
  --manager-tls           AMI by TLS
  --json                  the report as JSON
Or: npm run doctor -- speech    whether the offline speech engines are here, hear and speak`;

export interface DoctorOutput {
  say(line: string): void;
  complain(line: string): void;
}

/** Resolves with the exit code. */
export async function runDoctor(
  args: string[],
  env: Record<string, string | undefined>,
  { say, complain }: DoctorOutput,
): Promise<number> {
  try {
    if (args.length === 1 && args[0] === 'speech') {
      const { ok, lines } = await speechReport(await SpeechPrograms.find({ cacheDir: cacheFolder(env) }));
      for (const line of lines) say(line);
      return ok ? 0 : 1;
    }
    const { kind, settings, json } = await readArguments(args, env);
    const log = { child: () => log } as never;
    const report = await kind.check?.(checkSettings(kind, settings) as never, {
      label: '',
      clock: realClock,
      log,
      folder: '',
    });
    if (!report) throw new CodedError('bad-input', { detail: `there are no checks for ${kind.kind}` });
    for (const line of json ? [JSON.stringify(report, null, 2)] : inWords(report)) say(line);
    return report.ok ? 0 : 1;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    complain(DOCTOR_USAGE);
    return 2;
  }
}

async function readArguments(args: string[], env: Record<string, string | undefined>) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      user: { type: 'string' },
      application: { type: 'string' },
      'sip-websocket': { type: 'string' },
      ca: { type: 'string' },
      sounds: { type: 'string' },
      'manager-user': { type: 'string' },
      'manager-port': { type: 'string' },
      'manager-tls': { type: 'boolean' },
      json: { type: 'boolean', default: false },
    },
  });
  const [name = ''] = positionals;
  const kind = PLATFORM_KINDS.find((one) => one.kind === name && one.check);
  if (!kind || positionals.length > 1)
    throw new CodedError('bad-input', {
      detail: `what to look at: asterisk, not "${positionals.join(' ')}"`,
    });
  const password = env.ASTERISK_PASSWORD;
  if (!password) throw new CodedError('bad-input', { detail: 'the password comes in ASTERISK_PASSWORD' });
  const { url, user, application, sounds, json, 'sip-websocket': sipWebSocket, ca: caFile } = values;
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
  const port = values['manager-port'];
  const given: Settings = {
    url,
    user,
    application,
    sounds,
    sipWebSocket,
    ca,
    password,
    managerUser: values['manager-user'],
    managerSecret: env.ASTERISK_MANAGER_SECRET,
    managerPort: port === undefined ? undefined : Number(port),
    managerTls: values['manager-tls'],
  };
  return {
    kind,
    json,
    settings: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

const MARKS: Record<PlatformCheck['status'], string> = {
  ok: 'ok',
  warning: 'note',
  wrong: 'WRONG',
  skipped: '-',
};

function inWords({ ok, checks }: PlatformReport): string[] {
  const lines = checks.flatMap(({ code, title, status, found, fix }) => [
    `${MARKS[status].padEnd(6)}${title}: ${found}`,
    ...(fix === undefined ? [] : [`${' '.repeat(6)}What to do: ${fix}`, `${' '.repeat(6)}(${code})`]),
  ]);
  return [...lines, '', ok ? 'All is well.' : 'Something is wrong: see WRONG above, from top to bottom.'];
}
