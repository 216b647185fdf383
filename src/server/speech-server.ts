/** Joins the parts of speech: the engines, what an administrator sets, and their routes. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { CodedError } from '../protocol/errors.ts';
import type { Api } from './api/api-types.ts';
import { speechRoutes } from './api/speech.ts';
import { fetchSpeech, speechFolder } from './bundled/speech-fetch.ts';
import type { Config } from './config.ts';
import { type FetchedPrograms, SpeechEngines } from './speech/engines.ts';
import { type Seal, SpeechSettingsBook } from './speech/settings.ts';
import type { Database } from './store/database.ts';
import { createSpeech } from './telephony/speech/speech.ts';
import { progressPrinter } from './welcome.ts';

export interface SpeechServer {
  engines: SpeechEngines;
  settings: SpeechSettingsBook;
  routes: ((api: Api) => void)[];
  close(): Promise<void>;
}

export async function createSpeechServer(options: {
  db: Database;
  /** The offline engines; closed with the rest. */
  programs: FetchedPrograms & { close(): Promise<void> };
  dataDir: string;
  vault: Seal;
  clock: Clock;
  log: Logger;
}): Promise<SpeechServer> {
  const { db, programs, dataDir, vault, clock, log } = options;
  const settings = await SpeechSettingsBook.load({ db, vault, onChanged: () => engines.changed() });
  // For the engine's user, whom the data folder keeps out.
  const dir = await mkdtemp(join(tmpdir(), 'crosspoint-speech-'));
  const engines: SpeechEngines = new SpeechEngines({ settings, programs, dir, clock, log });
  const speech = createSpeech({
    dir: join(dataDir, 'speech'),
    clock,
    log,
    voiceFor: (language) => engines.voiceFor(language),
  });
  const speak = async (text: string, language: string) => readFile(await speech.speak(text, language));
  return {
    engines,
    settings,
    routes: [(api) => speechRoutes(api, { engines, settings, speak })],
    async close() {
      await speech.close();
      await engines.close();
      await programs.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** No start needs them: where they cannot be had, it is said and that is all. */
export async function fetchSpeechEngines(
  { cacheFolder, asterisk: { mirror, suites } }: Pick<Config, 'cacheFolder' | 'asterisk'>,
  say: (line: string) => void,
): Promise<void> {
  const progress = progressPrinter(say);
  try {
    await fetchSpeech({
      dir: speechFolder(cacheFolder),
      ...(mirror === undefined ? {} : { mirror }),
      ...(suites === undefined ? {} : { suites }),
      onProgress: (text, percent) => progress({ part: 'speech', text, percent }),
    });
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    say(error.message);
  }
}
