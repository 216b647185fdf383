/** A CRM by its own REST interface (docs/crm.md): what it can do is what the settings have a request for. */
import type { CrmConnector, CrmContext, CrmReport } from '../connector.ts';
import { crmKind } from '../kind.ts';
import type { CrmMissing } from '../ports.ts';
import { RestCallLog } from './rest-call-log.ts';
import { RestClient } from './rest-client.ts';
import { writeFigures } from './rest-figures.ts';
import { RestRecords } from './rest-records.ts';
import { contradictions, pingOf, type RestSettings, restSettings } from './rest-settings.ts';
import { testRest } from './rest-test.ts';

export const restKind = crmKind({
  kind: 'rest',
  label: 'CRM by REST',
  help: 'A CRM of your own: its REST interface, described by templates of requests and by paths in its JSON.',
  settings: restSettings,
  create: (settings, context) => restCrm(settings, context),
  check: (connector, signal) => (connector as RestConnector).check(signal),
});

/** A connector whose test shows each request and its answer. */
export interface RestConnector extends CrmConnector {
  check(signal: AbortSignal): Promise<CrmReport>;
}

/** @throws what does not fit together in the settings, in a sentence. */
export function restCrm(settings: RestSettings, { clock, userName, country }: CrmContext): RestConnector {
  const [problem] = contradictions(settings);
  if (problem !== undefined) throw new Error(problem);
  const client = new RestClient({
    ...settings,
    userName: settings.userName,
    secret: settings.secret,
    timeoutMs: settings.timeoutSeconds * 1_000,
    clock,
    nameOf: userName,
  });
  const records = new RestRecords(client, settings);
  const logs = new RestCallLog(client, records, settings);
  const { match, search, read, create, update, writeLog, attachRecording, writeFigures: figures } = settings;
  return {
    missing: missingIn(settings),
    async ping(call) {
      await client.send(call, pingOf(settings), {});
    },
    objects: () => Promise.resolve(records.objects()),
    ...(read ? { read: (call, id) => records.read(call, id) } : {}),
    ...(match ? { match: (call, number, limit) => records.match(call, match, number, limit) } : {}),
    ...(search ? { search: (call, text, options) => records.search(call, search, text, options) } : {}),
    ...(create && update
      ? {
          create: (call, object, fields) => records.create(call, object, fields),
          update: (call, id, fields, rev) => records.update(call, id, fields, rev),
        }
      : {}),
    ...(writeLog ? { writeCallLog: (call, key, entry) => logs.write(call, writeLog, key, entry) } : {}),
    ...(attachRecording
      ? { attachRecording: (call, key, link) => logs.attach(call, attachRecording, key, link) }
      : {}),
    ...(figures ? { writeFigures: (call, rows) => writeFigures(client, call, figures, rows) } : {}),
    check: (signal) => testRest(client, records, settings, country, { userId: undefined, signal }),
  };
}

function missingIn(settings: RestSettings): CrmMissing {
  const { match, search, read, create, update, writeLog, attachRecording, writeFigures: figures } = settings;
  const needed = {
    match,
    search,
    read,
    write: create && update,
    'call-log': writeLog,
    'recording-link': attachRecording,
    figures,
  };
  const names: Record<string, string> = {
    write: '"create" and "update"',
    'call-log': '"writeLog"',
    'recording-link': '"attachRecording"',
    figures: '"writeFigures"',
  };
  return Object.fromEntries(
    Object.entries(needed)
      .filter(([, request]) => request === undefined)
      .map(([ability]) => [ability, `its settings have no request for ${names[ability] ?? `"${ability}"`}.`]),
  );
}
