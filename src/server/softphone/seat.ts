import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import type { ErrorBody } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Line, Notice, SoftphoneState } from '../../protocol/softphone.ts';
import { CommandResults } from './command-results.ts';
import { advance, copyOf } from './patch.ts';
import { Pops } from './pops.ts';
import type { TabConnection } from './ports.ts';
import type { AudioSeat, Tab } from './tabs.ts';

/** One open page of a user. */
export interface Page {
  readonly tab: Tab;
  readonly connection: TabConnection;
  /** What it shows. */
  record?: RecordRef;
  /** It has its snapshot: patches follow. */
  told: boolean;
}

/** What became of a command. */
export type Outcome = { ok: true } | { ok: false; error: ErrorBody };

type Previous = SoftphoneState['previous'][number];

const MAX_NOTICES = 10;
const MAX_PREVIOUS = 10;

/** One user's place: his pages, and what the model and routing do not hold of his state. */
export class Seat {
  readonly userId: string;
  readonly pages = new Map<string, Page>();
  readonly pops: Pops;
  readonly results: CommandResults<Outcome>;
  audio: AudioSeat = {};
  notices: Notice[] = [];
  previous: Previous[] = [];
  readonly #pending = new Map<string, Line['pending']>();
  #order = 0;
  #published: SoftphoneState | undefined;

  constructor(userId: string, clock: Clock) {
    this.userId = userId;
    this.pops = new Pops(userId);
    this.results = new CommandResults(clock);
  }

  get tabs(): Tab[] {
    return [...this.pages.values()].map((page) => page.tab);
  }

  get audioPage(): Page | undefined {
    return this.audio.tabId === undefined ? undefined : this.pages.get(this.audio.tabId);
  }

  /** The record in the page that was looked at last. */
  get openRecord(): RecordRef | undefined {
    return [...this.pages.values()]
      .filter((page) => page.record)
      .sort((a, b) => b.tab.focused - a.tab.focused)[0]?.record;
  }

  /** A page said hello; one of the same tab is taken over from: a reload. */
  add(connection: TabConnection): Page {
    const { tabId, canAudio, canPop } = connection;
    const focused = this.pages.get(tabId)?.tab.focused ?? 0;
    const page: Page = {
      tab: { tabId, canAudio, canPop, opened: ++this.#order, focused },
      connection,
      told: false,
    };
    this.pages.set(tabId, page);
    return page;
  }

  focus(page: Page, focused: boolean, record: RecordRef | null | undefined): void {
    if (focused) page.tab.focused = ++this.#order;
    if (record === null) delete page.record;
    else if (record) page.record = record;
  }

  pendingOf(lineId: string): Line['pending'] {
    return this.#pending.get(lineId) ?? [];
  }

  addPending(lineId: string, commandId: string, verb: string): void {
    this.#pending.set(lineId, [...this.pendingOf(lineId), { commandId, verb }]);
  }

  endPending(lineId: string, commandId: string): void {
    const rest = this.pendingOf(lineId).filter((p) => p.commandId !== commandId);
    if (rest.length > 0) this.#pending.set(lineId, rest);
    else this.#pending.delete(lineId);
  }

  notice(level: Notice['level'], error: ErrorBody, at: number): void {
    this.notices = [
      ...this.notices,
      { id: newId('notice'), level, code: error.code, text: error.message, at },
    ].slice(-MAX_NOTICES);
  }

  dismiss(noticeId: string): void {
    this.notices = this.notices.filter((notice) => notice.id !== noticeId);
  }

  /** Puts a call's log into the list of the last ones, or changes what is said of it there. */
  remember(entry: Previous): void {
    this.previous = [entry, ...this.previous.filter((p) => p.conversationId !== entry.conversationId)]
      .sort((a, b) => b.at - a.at)
      .slice(0, MAX_PREVIOUS);
  }

  get published(): SoftphoneState | undefined {
    return this.#published;
  }

  /** Tells the pages what is different now: one patch with the next revision, or nothing. Pages without a snapshot get it. */
  publish(state: SoftphoneState): void {
    const { serverNow } = state;
    const before = (this.#published ??= copyOf({ ...state, rev: 1 }));
    const { ops, document } = advance(before, { ...state, rev: before.rev, serverNow: before.serverNow });
    if (ops.length > 0) this.#published = { ...document, rev: before.rev + 1 };
    const { rev } = this.#published;
    for (const page of this.pages.values()) {
      if (!page.told) {
        page.told = true;
        page.connection.send({ type: 'snapshot', state: { ...this.#published, serverNow } });
      } else if (ops.length > 0) {
        page.connection.send({ type: 'patch', rev, serverNow, ops });
      }
    }
  }
}
