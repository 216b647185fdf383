/** What both surfaces can do, in our own words. Lightning and Classic put their arguments and answers around it. */
import type { RecordRef } from '../../../protocol/facts.ts';
import type { CallType } from '../../../protocol/layouts.ts';
import type {
  AdapterSearchAnswer,
  MyAdapter,
  RunActionAnswer,
  SaveLogAnswer,
} from '../../../protocol/opencti.ts';
import type { ScriptRunStart } from '../../../protocol/scripts.ts';
import { CtiFailure, generic, invalid } from './failure.ts';
import { flowStart } from './flow.ts';
import { desktopPath, type KnownObject, recordPath } from './urls.ts';

/** What the person has in front of him: a path of the desktop, and the record when it is one's page. */
export interface View {
  path: string;
  record: RecordRef | null;
}

export interface Panel {
  visible: boolean;
  /** Pixels. */
  height: number;
  width: number;
  label: string;
  /** Names of SLDS's utility icons. */
  icon: string;
  itemLabel: string;
  itemIcon: string;
}

/** Our server, as the user who is signed in. Rejects with CtiFailure. */
export interface CtiServer {
  layout(): Promise<unknown>;
  saveLog(request: { object?: string; id?: string; fields: Record<string, unknown> }): Promise<SaveLogAnswer>;
  search(request: { text: string; callType: CallType }): Promise<AdapterSearchAnswer>;
  runAction(request: { className: string; methodName: string; params: string }): Promise<RunActionAnswer>;
  /** Begins an agent script of the user's. */
  startScript(start: Partial<ScriptRunStart>): Promise<unknown>;
  /** The record, or undefined when there is none. */
  record(object: string, id: string): Promise<RecordRef | undefined>;
  /** There is a list view with this id that the user may see. */
  hasListView(id: string): Promise<boolean>;
  directoryNumbers(query: {
    global: boolean;
    callCenter: string | undefined;
    page: number;
    pageSize: number;
  }): Promise<{ numbers: object[]; hasNext: boolean }>;
}

/** The desktop around the adapter. */
export interface Desk {
  objects: readonly KnownObject[];
  view(): View;
  /** Shows a page, never over unsaved changes. */
  show(path: string, record?: RecordRef): void;
  /** Reads anew what is on the screen. */
  refresh(): void;
  /** Loads the adapter's page anew. */
  reload(): void;
  panel(): Panel;
  setPanel(change: Partial<Panel>): void;
  clickToDial(on: boolean): void;
  initialised(): void;
  /** Tells every subscriber of the channel, in all tabs. */
  publish(channelName: string, message: unknown): void;
}

/** Arguments of screenPop. */
export interface ScreenPop {
  type: string;
  params: Record<string, unknown>;
}

export const NO_POP: ScreenPop = { type: 'none', params: {} };

export class Operations {
  constructor(
    readonly adapter: MyAdapter,
    readonly desk: Desk,
    readonly server: CtiServer,
  ) {}

  /** What is looked at. */
  view(): Promise<View> {
    return this.#withRecord(this.desk.view());
  }

  /** The page of a path of the desktop; undefined: what is looked at. */
  viewOf(path: string | undefined): Promise<View> {
    if (path === undefined || path === this.desk.view().path) return this.view();
    return this.#withRecord({ path: this.urlPath(path), record: null });
  }

  /** With its record read, where the page itself has not read it yet. */
  async #withRecord(view: View): Promise<View> {
    const [, object = '', id = ''] = (view.path.split('?')[0] ?? '').split('/');
    const meta = this.desk.objects.find((one) => one.name === object);
    if (view.record || !meta || !id.startsWith(meta.prefix)) return view;
    return { ...view, record: (await this.server.record(object, id)) ?? null };
  }

  async saveLog(
    object: string | undefined,
    id: string | undefined,
    fields: Record<string, unknown>,
  ): Promise<string> {
    const answer = await this.server.saveLog({ object, id, fields });
    if (!answer.ok) throw new CtiFailure(answer.error);
    return answer.recordId;
  }

  async runApex(className: string, methodName: string, params: string): Promise<unknown> {
    const answer = await this.server.runAction({ className, methodName, params });
    if (!answer.ok) throw new CtiFailure(answer.error);
    return answer.value;
  }

  /** What is found, and what the layout has pop. */
  async search(
    text: string,
    callType: CallType,
  ): Promise<{ records: AdapterSearchAnswer['records']; pop: ScreenPop }> {
    const { records, pop } = await this.server.search({ text, callType });
    return { records, pop: pop ?? NO_POP };
  }

  /** The desktop's path for arguments of screenPop; null for nothing. */
  async popPath({ type, params }: ScreenPop): Promise<{ path: string; record?: RecordRef } | null> {
    switch (type.toLowerCase().replace(/[^a-z]/g, '')) {
      case 'none':
      // A script runs beside the page, and has none of its own.
      case 'flow':
        return null;
      case 'sobject':
        return this.#recordPath(params.recordId);
      case 'url':
        return { path: this.urlPath(params.url) };
      case 'objecthome':
        return { path: `/${this.#object(params.scope, 'scope').name}` };
      case 'list':
        return { path: await this.#listPath(params) };
      case 'search':
        return { path: searchPath(params.searchString) };
      case 'newrecord':
      case 'newrecordmodal':
        return { path: this.#newPath(params) };
      default:
        throw invalid(`type must be one of SCREENPOP_TYPE, not ${JSON.stringify(type).slice(0, 80)}.`);
    }
  }

  async pop(pop: ScreenPop): Promise<void> {
    if (pop.type.toLowerCase() === 'flow') {
      await this.server.startScript(flowStart(pop.params));
      return this.desk.refresh();
    }
    const target = await this.popPath(pop);
    if (target) this.desk.show(target.path, target.record);
  }

  /** The desktop's path for a relative address. */
  urlPath(url: unknown): string {
    if (typeof url !== 'string' || url === '') throw invalid('url is missing: a relative address is needed.');
    const path = desktopPath(url, this.desk.objects);
    if (path !== undefined) return path;
    if (!url.startsWith('/') || url.startsWith('//'))
      throw invalid(`url must be relative, such as /003…, not ${url.slice(0, 80)}.`);
    throw invalid(`There is no page ${url.slice(0, 80)} here.`);
  }

  async #recordPath(id: unknown): Promise<{ path: string; record?: RecordRef }> {
    const path = typeof id === 'string' ? recordPath(id, this.desk.objects) : undefined;
    if (path === undefined)
      throw invalid(`recordId must be the id of a record, not ${JSON.stringify(id) ?? 'nothing'}.`);
    const [, object = '', short = ''] = path.split('/');
    const record = await this.server.record(object, short);
    if (!record) throw generic(`There is no record ${short}.`);
    return { path, record };
  }

  /** A list view of ours; an id of anybody else's leads to the object's own list, as in Salesforce. */
  async #listPath({ scope, listViewId }: Record<string, unknown>): Promise<string> {
    const path = `/${this.#object(scope, 'scope').name}`;
    const known = typeof listViewId === 'string' && (await this.server.hasListView(listViewId));
    return known ? `${path}?list=${encodeURIComponent(listViewId)}` : path;
  }

  #newPath(params: Record<string, unknown>): string {
    const meta = this.#object(params.entityName, 'entityName');
    const values = Object.entries((params.defaultFieldValues ?? {}) as Record<string, unknown>);
    const given = values.filter(
      ([, value]) => value !== null && value !== undefined && typeof value !== 'object',
    );
    const query = new URLSearchParams(
      given.map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    return `/${meta.name}/new${query && `?${query}`}`;
  }

  #object(name: unknown, argument: string): KnownObject {
    const meta = this.desk.objects.find((one) => one.name.toLowerCase() === String(name ?? '').toLowerCase());
    if (!meta)
      throw invalid(`${argument} must be the name of an object, not ${JSON.stringify(name) ?? 'nothing'}.`);
    return meta;
  }
}

function searchPath(text: unknown): string {
  if (typeof text !== 'string' || text.trim().length < 3)
    throw invalid('searchString must have three characters at least.');
  return `/search?q=${encodeURIComponent(text.trim())}`;
}
