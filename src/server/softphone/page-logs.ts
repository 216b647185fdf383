/**
 * Call logs that only the CRM's own page can write: our server has no connection to that CRM. Who writes a log is decided once,
 * when it is closed; the outbox asks until the page has answered.
 *
 *     outbox ─► page of that CRM: the one with the audio, else the one looked at last ── log.write ──► log.written ─► done
 *                  └── none is open, no answer, a problem ──► tried again; at once when such a page opens
 */
import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { JoinedHost } from '../../protocol/crm-hosts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Upstream } from '../../protocol/socket.ts';
import type { Crm } from '../crm/ports.ts';
import type { Page, Seat } from './seat.ts';

/** How long a page may take, in milliseconds: less than the outbox gives a write. */
const PAGE_MS = 20_000;

export interface PageLogsOptions {
  clock: Clock;
  crm: Pick<Crm, 'writeCallLog'>;
  seatOf(userId: string): Seat | undefined;
  /** The CRM whose page has this origin. */
  hostAt(origin: string | undefined): JoinedHost | undefined;
}

interface Waiting {
  resolve(ref: RecordRef): void;
  reject(error: Error): void;
}

export class PageLogs {
  readonly #o: PageLogsOptions;
  /** The CRM that each user worked in last: a page that is just being reloaded counts. */
  readonly #last = new Map<string, string>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: PageLogsOptions) {
    this.#o = options;
  }

  /** A page said hello. Returns the CRM that it is in. */
  opened(userId: string, origin: string | undefined): JoinedHost | undefined {
    const host = this.#o.hostAt(origin);
    if (host && !host.connected) this.#last.set(userId, host.id);
    return host;
  }

  /** The CRM whose page writes this user's logs, or undefined when our server does. */
  writerOf(userId: string): string | undefined {
    const pages = [...(this.#o.seatOf(userId)?.pages.values() ?? [])];
    const open = pages.map((page) => this.#hostOf(page)).find((host) => host && !host.connected);
    if (open) return open.id;
    // He works without any CRM around his page now, or everything of his is closed.
    return pages.length === 0 ? this.#last.get(userId) : undefined;
  }

  /** Writes by the page or by our own connection, as it was decided. @throws `log-needs-page` while no such page is open. */
  async write(key: string, entry: CallLogEntry): Promise<RecordRef> {
    const { hostId, userId } = entry;
    if (hostId === undefined) return this.#o.crm.writeCallLog(key, entry);
    const page = this.#pageIn(hostId, userId);
    if (!page) throw new CodedError('log-needs-page');
    const answer = new Promise<RecordRef>((resolve, reject) => {
      this.#waiting.set(keyOf(userId, key), { resolve, reject });
    });
    page.connection.send({ type: 'log.write', key, entry });
    try {
      return await withDeadline(this.#o.clock, PAGE_MS, 'The page in the CRM', answer);
    } finally {
      this.#waiting.delete(keyOf(userId, key));
    }
  }

  /** A page says what became of a log. */
  written(userId: string, { key, ref, problem }: Extract<Upstream, { type: 'log.written' }>): void {
    const waiting = this.#waiting.get(keyOf(userId, key));
    if (ref) waiting?.resolve(ref);
    else waiting?.reject(new CodedError('log-refused', { detail: problem ?? 'no reason was given' }));
  }

  #pageIn(hostId: string, userId: string): Page | undefined {
    const seat = this.#o.seatOf(userId);
    const pages = [...(seat?.pages.values() ?? [])].filter((page) => this.#hostOf(page)?.id === hostId);
    return (
      pages.find((page) => page === seat?.audioPage) ?? pages.sort((a, b) => b.tab.focused - a.tab.focused)[0]
    );
  }

  #hostOf(page: Page): JoinedHost | undefined {
    return this.#o.hostAt(page.connection.hostOrigin);
  }
}

function keyOf(userId: string, key: string): string {
  return `${userId} ${key}`;
}
