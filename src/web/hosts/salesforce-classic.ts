import type { RecordRef } from '../../protocol/facts.ts';
import type { FieldValue } from '../../protocol/crm.ts';
import { type Click, recordOf, type SalesforceApi, sentenceOf } from './salesforce-api.ts';

interface Answer {
  result?: unknown;
  error?: unknown;
}
type Method = (...args: unknown[]) => void;
type Interaction = Record<string, Method | undefined> & { cti?: Record<string, Method | undefined> };

interface Payload {
  number?: unknown;
  objectId?: unknown;
  objectName?: unknown;
  object?: unknown;
}

/** `sforce.interaction` of Classic: positional arguments, and answers that are JSON in a string. */
export function classicApi(global: { sforce?: { interaction?: unknown } }): SalesforceApi {
  const root = (): Interaction => {
    const found = global.sforce?.interaction;
    if (!found) throw new Error('Salesforce has not given its softphone script');
    return found as Interaction;
  };
  const run = (method: Method | undefined, args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const callback = ({ result, error }: Answer) =>
        error ? reject(new Error(sentenceOf(error))) : resolve(result);
      if (method) method(...args, callback);
      else reject(new Error('Salesforce does not know this call'));
    });
  const call = (method: string, ...args: unknown[]) => run(root()[method], args);
  const cti = (method: string, ...args: unknown[]) => run(root().cti?.[method], args);

  return {
    script: '/support/api/61.0/interaction.js',
    async join(onClick, onView) {
      const tell = ({ result }: Answer) => onView(viewOf(parse(result)));
      root().cti?.['onClickToDial']?.(({ result }: Answer) => onClick(clickOf(parse(result))));
      root()['onFocus']?.(tell);
      root().cti?.['notifyInitializationComplete']?.();
      await cti('getCallCenterSettings');
      tell({ result: await call('getPageInfo').catch(() => undefined) });
    },
    clickToDial: (on) => cti(on ? 'enableClickToDial' : 'disableClickToDial'),
    show: () => call('setVisible', true),
    label: async () => undefined,
    pop: (pop) => {
      switch (pop.to) {
        case 'record':
          return call('screenPop', `/${pop.recordId}`, true);
        case 'search':
          return call(
            'screenPop',
            `/_ui/search/ui/UnifiedSearchResults?str=${encodeURIComponent(pop.text)}`,
            true,
          );
        case 'new':
          return call('screenPop', newRecordPath(pop.object), true);
        case 'path':
          return call('screenPop', pop.path, true);
      }
    },
    async popByNumber(number, callType) {
      return recordsOf(parse(await call('searchAndScreenPop', number, '', callType)));
    },
    refresh: () => call('refreshPage'),
    async saveTask(fields) {
      const id = await call('saveLog', 'Task', asQuery(fields));
      if (typeof id !== 'string') throw new Error('Salesforce did not say which task it saved');
      return id;
    },
    runApex: (apexClass, method) => call('runApex', apexClass, method, ''),
  };
}

/** Classic opens the form of a standard object by its key prefix, and that of another by its name. */
function newRecordPath(object: string): string {
  const prefix: Record<string, string> = { Contact: '003', Account: '001', Lead: '00Q', Case: '500' };
  return `/${prefix[object] ?? object}/e`;
}

function asQuery(fields: Record<string, FieldValue>): string {
  const known = Object.entries(fields).filter(([, value]) => value !== null);
  return known.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
}

function parse(result: unknown): Record<string, unknown> {
  try {
    const value: unknown = typeof result === 'string' ? JSON.parse(result) : result;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function clickOf(payload: Payload): Click {
  const record = viewOf(payload);
  return { number: String(payload.number ?? ''), ...(record ? { record } : {}) };
}

function viewOf({ objectId, object, objectName }: Payload): RecordRef | null {
  return recordOf(objectId, object, objectName);
}

function recordsOf(found: Record<string, unknown>): RecordRef[] {
  return Object.entries(found).flatMap(([id, value]) => {
    const { Name, object } = (value ?? {}) as { Name?: unknown; object?: unknown };
    return id === 'screenPopUrl' ? [] : (recordOf(id, object, Name) ?? []);
  });
}
