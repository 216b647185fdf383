/** The calls of `sforce.interaction`: arguments by position, answers as texts (mostly JSON) and truth values. */
import { callType, pixels } from './arguments.ts';
import { invalid } from './failure.ts';
import { type CallContext, withQuery } from './lightning-calls.ts';
import type { Operations, ScreenPop, View } from './operations.ts';
import { lightningPath } from './urls.ts';

type Args = readonly unknown[];
type Call = (args: Args, context: CallContext) => unknown;

/** What getPageInfo answers and onFocus tells. */
export function pageInfo(
  { path, record }: View,
  { desk }: Operations,
  origin: string,
): Record<string, string> {
  return {
    url: origin + lightningPath(path),
    objectId: record?.id ?? '',
    objectName: record?.name ?? '',
    object: record?.object ?? '',
    displayName: desk.objects.find((one) => one.name === record?.object)?.label ?? '',
  };
}

const CALLS: Record<string, Call> = {
  getPageInfo: async (_, { operations, origin }) =>
    JSON.stringify(pageInfo(await operations.view(), operations, origin)),
  onFocus: listening,
  'cti.onClickToDial': listening,
  isInConsole: () => true,
  isVisible: (_, { operations }) => operations.desk.panel().visible,
  setVisible: ([visible], { operations }) => {
    if (typeof visible !== 'boolean') throw invalid('setVisible takes true or false.');
    return yes(operations.desk.setPanel({ visible }));
  },
  notifyInitializationComplete: (_, { operations }) => yes(operations.desk.initialised()),
  'cti.notifyInitializationComplete': (_, { operations }) => yes(operations.desk.initialised()),
  refreshPage: (_, { operations }) => yes(operations.desk.refresh()),
  refreshRelatedList: ([list], { operations }) => {
    argument(list, 'The name of the related list');
    return yes(operations.desk.refresh());
  },
  reloadFrame: (_, { operations }) => yes(operations.desk.reload()),
  runApex: async ([className, method, params], { operations }) => {
    const value = await operations.runApex(
      argument(className, 'The class'),
      argument(method, 'The method'),
      typeof params === 'string' ? params : '',
    );
    return typeof value === 'string' ? value : JSON.stringify(value);
  },
  saveLog: ([object, values], { operations }) => {
    const { id, ...fields } = parsePairs(argument(values, 'What to save'));
    return operations.saveLog(argument(object, 'The object'), id, fields);
  },
  screenPop: async ([url], { operations }) => yes(operations.desk.show(operations.urlPath(url))),
  searchAndScreenPop: async (args, { operations }) => {
    const { records, pop } = await search(args, operations);
    await operations.pop(pop);
    return JSON.stringify(describeRecords(records, operations));
  },
  searchAndGetScreenPopUrl: async (args, { operations }) => {
    const { records, pop } = await search(args, operations);
    const screenPopUrl = await popUrl(pop, operations);
    return JSON.stringify({
      ...describeRecords(records, operations),
      ...(screenPopUrl ? { screenPopUrl } : {}),
    });
  },
  'cti.enableClickToDial': (_, { operations }) => yes(operations.desk.clickToDial(true)),
  'cti.disableClickToDial': (_, { operations }) => yes(operations.desk.clickToDial(false)),
  'cti.getCallCenterSettings': (_, { operations }) => JSON.stringify(operations.adapter.settings),
  'cti.getSoftphoneLayout': async (_, { operations }) => JSON.stringify(await operations.server.layout()),
  'cti.setSoftphoneHeight': ([height], { operations }) =>
    yes(operations.desk.setPanel({ height: pixels({ height }, 'height', 1, 2_560) })),
  'cti.setSoftphoneWidth': ([width], { operations }) =>
    yes(operations.desk.setPanel({ width: pixels({ width }, 'width', 1, 1_920) })),
  'cti.getDirectoryNumbers': async (args, { operations }) => {
    // Without a callback its place is empty.
    const [isGlobal, name, page, pageSize] = args.length > 4 ? [args[0], args[1], args[3], args[4]] : args;
    const { numbers, hasNext } = await operations.server.directoryNumbers({
      global: isGlobal === true,
      callCenter: typeof name === 'string' && name !== '' ? name : undefined,
      page: pixels({ page: page ?? 0 }, 'page', 0, 1_000_000),
      pageSize: pixels({ pageSize: pageSize ?? 5_000 }, 'pageSize', 1, 10_000),
    });
    return JSON.stringify({ directoryNumbers: numbers, hasNext });
  },
};

/** Does a call; rejects with CtiFailure. */
export async function callClassic(method: string, args: Args, context: CallContext): Promise<unknown> {
  const call = Object.hasOwn(CALLS, method) ? CALLS[method] : undefined;
  if (!call) throw invalid(`sforce.interaction has no ${method}.`);
  return await call(args, context);
}

/** Names of all calls, for the tests. */
export const CLASSIC_CALLS = Object.keys(CALLS);

function yes(done: void): true {
  return (done as undefined) ?? true;
}

function listening(_: Args, { functions }: CallContext): true {
  if (functions.length === 0) throw invalid('A function is needed.');
  return true;
}

function argument(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`${what} is missing: a text is needed.`);
  return value;
}

/**
 * `Subject=Call&WhoId=003…`: names in any case, values mostly not URL-encoded, so that an `&` separates only before a name, and a
 * plus is a space only in what is encoded.
 */
export function parsePairs(text: string): Record<string, string> {
  const pairs = text.split(/&(?=[A-Za-z]\w*=)/).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), decode(pair.slice(at + 1))];
  });
  return Object.fromEntries(
    pairs.filter(([name]) => name !== '').map(([name, value]) => [/^id$/i.test(name) ? 'id' : name, value]),
  );
}

function decode(value: string): string {
  if (!/%[0-9a-f]{2}/i.test(value)) return value;
  try {
    return decodeURIComponent(value.replace(/(?!^)\+/g, ' '));
  } catch {
    return value;
  }
}

async function search(
  [searchParams, queryParams, kind]: Args,
  operations: Operations,
): Promise<{ records: Record<string, Record<string, unknown>>; pop: ScreenPop }> {
  if (
    searchParams !== undefined &&
    searchParams !== null &&
    !['string', 'number'].includes(typeof searchParams)
  )
    throw invalid('searchParams must be a text.');
  const type = kind === undefined || kind === null ? 'inbound' : callType(kind);
  const found = await operations.search(String(searchParams ?? ''), type);
  return { records: found.records, pop: withQuery(found.pop, queryParams) };
}

function describeRecords(
  records: Record<string, Record<string, unknown>>,
  { desk }: Operations,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(records).map(([id, { RecordType, ...fields }]) => [
      id,
      {
        ...fields,
        object: RecordType,
        displayName: desk.objects.find((one) => one.name === RecordType)?.label ?? RecordType,
      },
    ]),
  );
}

/** What screenPop takes: a record by its id alone, as Classic has it. */
async function popUrl(pop: ScreenPop, operations: Operations): Promise<string | undefined> {
  const target = await operations.popPath(pop);
  if (!target) return undefined;
  return target.record ? `/${target.record.id}` : lightningPath(target.path);
}
