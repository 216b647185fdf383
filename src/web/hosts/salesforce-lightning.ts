import type { RecordRef } from '../../protocol/facts.ts';
import {
  type Click,
  recordOf,
  type SalesforceApi,
  type SalesforcePop,
  sentenceOf,
} from './salesforce-api.ts';

type Method = (argument: object) => void;
type OpenCti = Record<string, Method | undefined>;

interface Answer {
  success?: boolean;
  returnValue?: unknown;
  errors?: unknown;
}

interface Payload {
  number?: unknown;
  recordId?: unknown;
  recordName?: unknown;
  objectType?: unknown;
}

/** `SCREENPOP_TYPE`: what Salesforce calls each kind of pop. */
type PopTypes = Record<string, string | undefined>;

/** What Salesforce finds: records by their id; nothing else when the pop is not deferred. */
type Found = Record<string, { Id?: unknown; Name?: unknown; RecordType?: unknown }>;

/** `sforce.opencti` of Lightning (Open CTI developer guide). @param global where the script puts `sforce`. */
export function lightningApi(global: { sforce?: { opencti?: unknown } }): SalesforceApi {
  const cti = (): OpenCti => {
    const found = global.sforce?.opencti;
    if (!found) throw new Error('Salesforce has not given its softphone script');
    return found as OpenCti;
  };
  const call = (method: string, argument: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const callback = ({ success, returnValue, errors }: Answer) =>
        success ? resolve(returnValue) : reject(new Error(sentenceOf(errors)));
      const run = cti()[method];
      if (run) run({ ...argument, callback });
      else reject(new Error(`Salesforce knows no ${method}`));
    });
  const listen = (method: string, listener: (payload: Payload) => void) => cti()[method]?.({ listener });

  return {
    script: '/support/api/61.0/lightning/opencti_min.js',
    async join(onClick, onView) {
      listen('onClickToDial', (payload) => onClick(clickOf(payload)));
      listen('onNavigationChange', (payload) => onView(viewOf(payload)));
      await call('notifyInitializationComplete');
      // Fails for a user without a call center, as everything else would: his page says so then.
      await call('getCallCenterSettings');
      const view = await call('getAppViewInfo').catch(() => null);
      onView(viewOf((view ?? {}) as Payload));
    },
    clickToDial: (on) => call(on ? 'enableClickToDial' : 'disableClickToDial'),
    show: () => call('setSoftphonePanelVisibility', { visible: true }),
    async label(text, icon) {
      await call('setSoftphoneItemLabel', { label: text });
      await call('setSoftphoneItemIcon', { key: icon });
      await call('setSoftphonePanelLabel', { label: text });
      await call('setSoftphonePanelIcon', { key: icon });
    },
    pop: (pop) => call('screenPop', popOf(pop, (cti()['SCREENPOP_TYPE'] ?? {}) as unknown as PopTypes)),
    async popByNumber(number, callType) {
      const found = await call('searchAndScreenPop', { searchParams: number, callType, deferred: false });
      return recordsOf((found ?? {}) as Found);
    },
    refresh: () => call('refreshView'),
    async saveTask(fields) {
      const saved = await call('saveLog', { value: { entityApiName: 'Task', ...fields } });
      const id: unknown = (saved as { recordId?: unknown } | null)?.recordId ?? saved;
      if (typeof id !== 'string') throw new Error('Salesforce did not say which task it saved');
      return id;
    },
    async runApex(apexClass, methodName) {
      const answer = await call('runApex', { apexClass, methodName, methodParams: '' });
      return (answer as { runApex?: unknown } | null)?.runApex;
    },
  };
}

function clickOf({ number, recordId, objectType, recordName }: Payload): Click {
  const record = recordOf(recordId, objectType, recordName);
  return { number: String(number ?? ''), ...(record ? { record } : {}) };
}

function viewOf({ recordId, objectType, recordName }: Payload): RecordRef | null {
  return recordOf(recordId, objectType, recordName);
}

function popOf(pop: SalesforcePop, type: PopTypes): object {
  switch (pop.to) {
    case 'record':
      return { type: type['SOBJECT'], params: { recordId: pop.recordId } };
    case 'search':
      return { type: type['SEARCH'], params: { searchString: pop.text } };
    case 'new':
      return {
        type: type['NEW_RECORD_MODAL'],
        params: { entityName: pop.object, defaultFieldValues: pop.values },
      };
    case 'path':
      return { type: type['URL'], params: { url: pop.path } };
  }
}

function recordsOf(found: Found): RecordRef[] {
  return Object.entries(found).flatMap(([id, { Name, RecordType }]) => recordOf(id, RecordType, Name) ?? []);
}
