/** The calls of `sforce.console` that adapters use beside Open CTI. What they keep lives as long as the adapter's page. */
import { generic, invalid } from './failure.ts';
import type { Operations } from './operations.ts';

export interface ConsoleContext {
  operations: Operations;
  functions: readonly string[];
  /** Tells every listener of the event. */
  tell(event: string, payload: Record<string, unknown>): void;
  memory: ConsoleMemory;
}

/** Attached data by call, and the calls that are going on. */
export class ConsoleMemory {
  readonly attached = new Map<string, unknown>();
  calls: string[] = [];
}

type Call = (args: readonly unknown[], context: ConsoleContext) => unknown;

const CALLS: Record<string, Call> = {
  'cti.fireOnCallBegin': ([callObjectId, callType, callLabel], { tell, memory }) => {
    const id = callId(callObjectId);
    memory.calls = [...memory.calls.filter((one) => one !== id), id];
    return tell('onCallBegin', { callObjectId: id, callType, callLabel });
  },
  'cti.fireOnCallEnd': ([callObjectId, callDuration, callDisposition], { tell, memory }) => {
    const id = callId(callObjectId);
    memory.calls = memory.calls.filter((one) => one !== id);
    return tell('onCallEnd', { callObjectId: id, callDuration, callDisposition });
  },
  'cti.fireOnCallLogSaved': ([callObjectId], { tell }) =>
    tell('onCallLogSaved', { callObjectId: callId(callObjectId) }),
  'cti.onCallBegin': listening,
  'cti.onCallEnd': listening,
  'cti.onCallLogSaved': listening,
  'cti.onSendCTIMessage': listening,
  'cti.getCallAttachedData': ([callObjectId, filter], { memory }) => {
    const data = memory.attached.get(callId(callObjectId)) ?? null;
    const type = (filter as { callType?: unknown } | null | undefined)?.callType;
    const matches = type === undefined || (data as { callType?: unknown } | null)?.callType === type;
    return { data: matches ? data : null };
  },
  'cti.setCallAttachedData': ([callObjectId, data], { memory }) => {
    memory.attached.set(callId(callObjectId), data ?? null);
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
  getFocusedPrimaryTabId: focusedTab,
  getFocusedSubtabId: focusedTab,
  getFocusedPrimaryTabObjectId: focusedRecord,
  getFocusedSubtabObjectId: focusedRecord,
  refreshPrimaryTabById: (_, { operations }) => operations.desk.refresh(),
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
