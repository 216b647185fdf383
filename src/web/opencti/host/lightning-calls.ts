/** The calls of `sforce.opencti`: each takes one object, and resolves to its returnValue. */
import { type Given, object, oneObject, optionalObject, callType, pixels, text, truth } from './arguments.ts';
import { generic, invalid } from './failure.ts';
import { type Operations, type ScreenPop, type View } from './operations.ts';
import { lightningPath } from './urls.ts';

/** What a call may use beside the operations: the subscriptions of this adapter's page. */
export interface CallContext {
  operations: Operations;
  origin: string;
  /** Names of the arguments that are functions. */
  functions: readonly string[];
  subscribe(channelName: string): { id: string; channelName: string };
  /** False for a subscription that is not there. */
  unsubscribe(id: string): boolean;
}

type Call = (given: Given, context: CallContext) => unknown;

/** Sizes in pixels that Salesforce allows. */
const HEIGHT = [240, 2_560] as const;
const WIDTH = [200, 1_920] as const;

/** A record's page has these; any other page has empty ones when it is told, and none when it is asked for. */
export function describeView({ path, record }: View, origin: string): Record<string, string> {
  return {
    url: origin + lightningPath(path),
    recordId: record?.id ?? '',
    recordName: record?.name ?? '',
    objectType: record?.object ?? '',
  };
}

const CALLS: Record<string, Call> = {
  enableClickToDial: (_, { operations }) => nothing(operations.desk.clickToDial(true)),
  disableClickToDial: (_, { operations }) => nothing(operations.desk.clickToDial(false)),
  onClickToDial: listening,
  onNavigationChange: listening,
  'hvs.onWorkStart': listening,

  getAppViewInfo: async (_, { operations, origin }) => {
    const view = await operations.view();
    return view.record ? describeView(view, origin) : { url: origin + lightningPath(view.path) };
  },
  getCallCenterSettings: (_, { operations }) => operations.adapter.settings,
  getSoftphoneLayout: (_, { operations }) => operations.server.layout(),

  isSoftphonePanelVisible: (_, { operations }) => ({ visible: operations.desk.panel().visible }),
  setSoftphonePanelVisibility: (given, { operations }) =>
    nothing(operations.desk.setPanel({ visible: truth(given, 'visible') })),
  setSoftphonePanelHeight: (given, { operations }) =>
    nothing(operations.desk.setPanel({ height: pixels(given, 'heightPX', ...HEIGHT) })),
  setSoftphonePanelWidth: (given, { operations }) =>
    nothing(operations.desk.setPanel({ width: pixels(given, 'widthPX', ...WIDTH) })),
  setSoftphonePanelIcon: (given, { operations }) =>
    nothing(operations.desk.setPanel({ icon: text(given, 'key') })),
  setSoftphoneItemIcon: (given, { operations }) =>
    nothing(operations.desk.setPanel({ itemIcon: text(given, 'key') })),
  setSoftphonePanelLabel: (given, { operations }) =>
    nothing(operations.desk.setPanel({ label: text(given, 'label').slice(0, 80) })),
  setSoftphoneItemLabel: (given, { operations }) =>
    nothing(operations.desk.setPanel({ itemLabel: text(given, 'label').slice(0, 80) })),

  notifyInitializationComplete: (_, { operations }) => nothing(operations.desk.initialised()),
  refreshView: (_, { operations }) => {
    operations.desk.refresh();
    return true;
  },

  runApex: async (given, { operations }) => {
    const params = given.methodParams === undefined || given.methodParams === null ? '' : given.methodParams;
    if (typeof params !== 'string') throw invalid('methodParams must be a text such as a=1&b=2.');
    return { runApex: await operations.runApex(text(given, 'apexClass'), text(given, 'methodName'), params) };
  },
  saveLog: async (given, { operations }) => {
    const { entityApiName, Id, id, ...fields } = object(given, 'value');
    const recordId = Id ?? id;
    if (entityApiName !== undefined && typeof entityApiName !== 'string')
      throw invalid('entityApiName must be the name of an object.');
    if (recordId !== undefined && typeof recordId !== 'string')
      throw invalid('Id must be the id of a record.');
    return { recordId: await operations.saveLog(entityApiName, recordId, fields) };
  },

  screenPop: async (given, { operations }) => {
    const params = optionalObject(given, 'params') ?? {};
    return nothing(await operations.pop({ type: text(given, 'type'), params }));
  },
  searchAndScreenPop: search,

  'hvs.completeWork': (given) => {
    const work = text(given, 'workId');
    object(given, 'attributes');
    throw generic(`There is no work ${work}: Crosspoint has started none.`);
  },

  subscribe: (given, { functions, subscribe }) => {
    const channelName = channel(given);
    if (!functions.includes('listener')) throw invalid('listener must be a function.');
    return subscribe(channelName);
  },
  unsubscribe: (given, { unsubscribe }) => {
    const subscription = object(given, 'subscription');
    if (!unsubscribe(String(subscription.id)))
      throw invalid('subscription is none that subscribe has given.');
    return null;
  },
  publish: (given, { operations }) => {
    const channelName = channel(given);
    return nothing(operations.desk.publish(channelName, object(given, 'message')));
  },
};

/** Does a call; rejects with CtiFailure. */
export async function callLightning(
  method: string,
  args: readonly unknown[],
  context: CallContext,
): Promise<unknown> {
  const call = Object.hasOwn(CALLS, method) ? CALLS[method] : undefined;
  if (!call) throw invalid(`sforce.opencti has no ${method}.`);
  return await call(oneObject(args, method), context);
}

/** Names of all calls, for the tests. */
export const LIGHTNING_CALLS = Object.keys(CALLS);

function nothing(done: void): null {
  return (done as undefined) ?? null;
}

function listening(_: Given, { functions }: CallContext): null {
  if (!functions.includes('listener')) throw invalid('listener must be a function.');
  return null;
}

function channel(given: Given): string {
  const name = text(given, 'channelName');
  if (!/^(\w+__)?\w+__c$/.test(name))
    throw invalid(`channelName must be one such as Calls__c, not ${name.slice(0, 80)}.`);
  return name;
}

async function search(given: Given, { operations }: CallContext): Promise<unknown> {
  const { searchParams, deferred } = given;
  const kind = callType(given.callType);
  if (
    searchParams !== undefined &&
    searchParams !== null &&
    !['string', 'number'].includes(typeof searchParams)
  )
    throw invalid('searchParams must be a text.');
  const defaults = optionalObject(given, 'defaultFieldValues') ?? {};
  const found = await operations.search(String(searchParams ?? ''), kind);
  const filled = withFlow(withDefaults(found.pop, defaults), optionalObject(given, 'params'));
  const pop = withQuery(filled, given.queryParams);
  if (deferred === true) return { ...found.records, SCREEN_POP_DATA: pop };
  await operations.pop(pop);
  return found.records;
}

/** What the adapter fills into a new record goes before what the number fills in. */
function withDefaults(pop: ScreenPop, defaults: Given): ScreenPop {
  if (pop.type !== 'new_record_modal') return pop;
  const ours = (pop.params.defaultFieldValues ?? {}) as Given;
  return { ...pop, params: { ...pop.params, defaultFieldValues: { ...ours, ...defaults } } };
}

/** `params: {FLOW: {flowArgs}}` reach a flow only. */
function withFlow(pop: ScreenPop, params: Given | undefined): ScreenPop {
  const flow = params?.FLOW;
  if (pop.type !== 'flow' || typeof flow !== 'object' || flow === null) return pop;
  return { ...pop, params: { ...pop.params, flowArgs: (flow as Given).flowArgs } };
}

/** queryParams reach a page only. */
export function withQuery(pop: ScreenPop, query: unknown): ScreenPop {
  if (pop.type !== 'url' || typeof query !== 'string' || query === '') return pop;
  const url = String(pop.params.url);
  return {
    type: 'url',
    params: { url: `${url}${url.includes('?') ? '&' : '?'}${query.replace(/^[?&]/, '')}` },
  };
}
