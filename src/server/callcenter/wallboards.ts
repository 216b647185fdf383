/** Wallboards: floors for a big screen, each opened by a link with a token of its own, of which only the hash is kept. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { newId } from '../../lib/ids.ts';
import { type Wallboard, WallboardInput } from '../../protocol/floor.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';
import { DocumentTable } from './document-table.ts';
import { refuse } from './refuse.ts';

export interface WallboardsOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'queue'>;
  /** A wallboard was changed or removed, or has another link: who shows it is cut off. */
  onChanged: (id: string) => void;
}

export class Wallboards {
  readonly #o: WallboardsOptions;
  readonly #table: DocumentTable<WallboardInput>;

  private constructor(options: WallboardsOptions) {
    this.#o = options;
    this.#table = new DocumentTable({
      db: options.db,
      table: 'wallboard',
      what: 'wallboard',
      schema: WallboardInput,
      onChanged: options.onChanged,
    });
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: WallboardsOptions): Promise<Wallboards> {
    const wallboards = new Wallboards(options);
    await wallboards.#table.load();
    return wallboards;
  }

  all(): Wallboard[] {
    return this.#table.all();
  }

  get(id: string): Wallboard | undefined {
    return this.#table.get(id);
  }

  /** Resolves with the token, which is told once. @throws `already-exists`, `bad-input`. */
  async add(input: WallboardInput): Promise<{ wallboard: Wallboard; token: string }> {
    const token = newToken();
    const wallboard = await this.#table.save(newId('board'), () => this.#checked(input), hashOf(token));
    return { wallboard, token };
  }

  /** @throws as `add`, and `not-found`. */
  change(id: string, input: WallboardInput): Promise<Wallboard> {
    return this.#table.save(id, () => {
      this.#table.must(id);
      return this.#checked(input);
    });
  }

  /** Another link: the old one opens nothing any more. @throws `not-found`. */
  async renew(id: string): Promise<{ wallboard: Wallboard; token: string }> {
    const { id: _id, ...kept } = this.#table.must(id);
    const token = newToken();
    return { wallboard: await this.#table.save(id, () => kept, hashOf(token)), token };
  }

  /** @throws `not-found`. */
  remove(id: string): Promise<void> {
    return this.#table.remove(id);
  }

  /** The wallboard that this token opens. */
  async opened(id: string, token: string): Promise<Wallboard | undefined> {
    const wallboard = this.get(id);
    const kept = wallboard && (await this.#table.secret(id));
    if (!kept) return undefined;
    return timingSafeEqual(Buffer.from(kept), Buffer.from(hashOf(token))) ? wallboard : undefined;
  }

  #checked(input: WallboardInput): WallboardInput {
    const queue = input.queueIds.find((id) => !this.#o.callCenter.queue(id));
    if (queue !== undefined) refuse('queueIds', `there is no queue ${queue}`);
    return input;
  }
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
