/**
 * The calls of `sforce.console` that adapters use beside Open CTI. What they keep lives as long as the adapter's page. The desktop
 * tells an adapter of one tab only, the one that is looked at: its path is its id.
 */
import { pixels } from './arguments.ts';
import { pageInfo } from './classic-calls.ts';
import { generic, invalid } from './failure.ts';
import type { Operations } from './operations.ts';
import { lightningPath } from './urls.ts';

export interface ConsoleContext {
  operations: Operations;
  /** Our own, for addresses that adapters get. */
  origin: string;
  functions: readonly string[];
  /** Tells every listener of the event. */
  tell(event: string, payload: Record<string, unknown>): void;
  memory: ConsoleMemory;
}

/** What is attached to a call. */
interface Attached {
  data: unknown;
  callType: string | undefined;
}

/** Attached data by call, and the calls that are going on. */
export class ConsoleMemory {
  readonly attached = new Map<string, Attached>();
  calls: string[] = [];
}

type Call = (args: readonly unknown[], context: ConsoleContext) => unknown;

const CALLS: Record<string, Call> = {
  'cti.fireOnCallBegin': ([callObjectId, callType, callLabel], { tell, memory }) => {
    const id = callId(callObjectId);
    memory.calls = [...memory.calls.filter((one) => one !== id), id];
    return tell('onCallBegin', { id, callObjectId: id, callType, callLabel });
  },
  'cti.fireOnCallEnd': ([callObjectId, duration, disposition], { tell, memory }) => {
    const id = callId(callObjectId);
    memory.calls = memory.calls.filter((one) => one !== id);
    return tell('onCallEnd', { id, callObjectId: id, duration, disposition });
  },
  'cti.fireOnCallLogSaved': ([logId], { tell }) => tell('onCallLogSaved', { id: callId(logId) }),
  'cti.onCallBegin': listening,
  'cti.onCallEnd': listening,
  'cti.onCallLogSaved': listening,
  'cti.onSendCTIMessage': listening,
  'cti.getCallAttachedData': ([callObjectId, options], { memory }) => {
    const attached = memory.attached.get(callId(callObjectId));
    const typed =
      options === true || (options as { getCallType?: unknown } | undefined)?.getCallType === true;
    const type = attached?.callType?.toUpperCase();
    return { data: attached?.data ?? null, ...(typed && type ? { type } : {}) };
  },
  'cti.setCallAttachedData': ([callObjectId, data, callType], { memory }) => {
    const type = typeof callType === 'string' ? callType : undefined;
    memory.attached.set(callId(callObjectId), { data: data ?? null, callType: type });
  },
  'cti.getCallObjectIds': (_, { memory }) => ({ ids: memory.calls }),
  'cti.setCallObjectIds': ([ids], { memory }) => {
    if (!Array.isArray(ids)) throw invalid('setCallObjectIds takes a list of ids.');
    memory.calls = ids.map(String);
  },
  'cti.sendCTIMessage': ([message], { tell }) => {
    if (typeof message !== 'string') throw invalid('sendCTIMessage takes a text.');
    return tell('onSendCTIMessage', { message });
  },

  openPrimaryTab: ([, url], context) => openTab(url, context),
  openSubtab: ([, url], context) => openTab(url, context),
  openSubtabByPrimaryTabName: ([, url], context) => openTab(url, context),
  getFocusedPrimaryTabId: focusedTab,
  getFocusedSubtabId: focusedTab,
  getEnclosingTabId: focusedTab,
  getEnclosingPrimaryTabId: focusedTab,
  getFocusedPrimaryTabObjectId: focusedRecord,
  getFocusedSubtabObjectId: focusedRecord,
  getEnclosingTabObjectId: focusedRecord,
  getEnclosingPrimaryTabObjectId: focusedRecord,
  getPrimaryTabIds: (_, { operations }) => ({ ids: [operations.desk.view().path] }),
  getSubtabIds: () => ({ ids: [] }),
  getPageInfo: async ([tabId], { operations, origin }) => {
    const view = await operations.viewOf(typeof tabId === 'string' ? tabId : undefined);
    return { pageInfo: JSON.stringify(pageInfo(view, operations, origin)) };
  },
  generateConsoleUrl: ([urls], { operations, origin }) => {
    const [url] = Array.isArray(urls) ? (urls as unknown[]) : [];
    return { consoleUrl: origin + operations.urlPath(url) };
  },
  getTabLink: (_, { operations, origin }) => ({
    tabLink: origin + lightningPath(operations.desk.view().path),
  }),
  focusPrimaryTabById: ([tabId], context) => openTab(tabId, context),
  focusSubtabById: ([tabId], context) => openTab(tabId, context),
  refreshPrimaryTabById: refresh,
  refreshPrimaryTabByName: refresh,
  refreshSubtabById: refresh,
  refreshSubtabByNameAndPrimaryTabId: refresh,
  refreshSubtabByNameAndPrimaryTabName: refresh,
  onFocusedPrimaryTab: listening,
  onFocusedSubtab: listening,

  isCustomConsoleComponentHidden: hidden,
  isCustomConsoleComponentWindowHidden: hidden,
  setCustomConsoleComponentVisible: setVisible,
  setCustomConsoleComponentWindowVisible: setVisible,
  setCustomConsoleComponentButtonText: ([text], { operations }) => {
    if (typeof text !== 'string') throw invalid('The text of the button is missing.');
    operations.desk.setPanel({ itemLabel: text.slice(0, 80) });
  },
  setCustomConsoleComponentHeight: ([height], { operations }) =>
    operations.desk.setPanel({ height: pixels({ height }, 'height', 1, 2_560) }),
  setCustomConsoleComponentWidth: ([width], { operations }) =>
    operations.desk.setPanel({ width: pixels({ width }, 'width', 1, 1_920) }),

  addEventListener: ([type], { functions }) => {
    if (typeof type !== 'string' || type === '') throw invalid('The type of the event is missing.');
    if (functions.length === 0) throw invalid('A function is needed.');
  },
  fireEvent: ([type, message], { tell }) => {
    if (typeof type !== 'string' || type === '') throw invalid('The type of the event is missing.');
    return tell(`event ${type}`, { message: message === undefined ? '' : message });
  },
};

/** Does a call; rejects with CtiFailure. */
export async function callConsole(
  method: string,
  args: readonly unknown[],
  context: ConsoleContext,
): Promise<unknown> {
  const call = Object.hasOwn(CALLS, method) ? CALLS[method] : undefined;
  if (!call) throw generic(`sforce.console.${method} is not available here.`);
  return (await call(args, context)) ?? {};
}

/** Names of all calls, for the tests. */
export const CONSOLE_CALLS = Object.keys(CALLS);

function callId(value: unknown): string {
  if ((typeof value !== 'string' && typeof value !== 'number') || value === '')
    throw invalid('callObjectId is missing: the id of the call is needed.');
  return String(value);
}

function listening(_: readonly unknown[], { functions }: ConsoleContext): void {
  if (functions.length === 0) throw invalid('A function is needed.');
}

function refresh(_: readonly unknown[], { operations }: ConsoleContext): void {
  operations.desk.refresh();
}

function hidden(_: readonly unknown[], { operations }: ConsoleContext): object {
  return { hidden: !operations.desk.panel().visible };
}

function setVisible([visible]: readonly unknown[], { operations }: ConsoleContext): void {
  if (typeof visible !== 'boolean') throw invalid('true or false is needed.');
  operations.desk.setPanel({ visible });
}

function openTab(url: unknown, { operations }: ConsoleContext): object {
  const path = operations.urlPath(url);
  operations.desk.show(path);
  return { id: path };
}

function focusedTab(_: readonly unknown[], { operations }: ConsoleContext): object {
  return { id: operations.desk.view().path };
}

async function focusedRecord(_: readonly unknown[], { operations }: ConsoleContext): Promise<object> {
  return { id: (await operations.view()).record?.id ?? '' };
}
