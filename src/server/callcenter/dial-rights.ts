/** Sites, classes of service, and what single users and queues have of them: who may dial what, and from where he does. */
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  ClassOfServiceInput,
  type DiallingDefaults,
  SiteInput,
  type UserDialling,
} from '../../protocol/trunks.ts';
import type { Transactional } from '../store/database.ts';
import { DocumentTable, type Kept } from './document-table.ts';
import { isForeignKeyViolation } from './read-tables.ts';
import { withoutId } from './trunks.ts';

export type Site = Kept<SiteInput>;
export type ClassOfService = Kept<ClassOfServiceInput>;

const NOTHING: UserDialling = { siteId: null, classId: null, callerId: null };

export interface DialRightsOptions {
  db: Transactional;
  /** Whether a number is one of ours. */
  owns(number: string): boolean;
  trunkExists(id: string): boolean;
}

export class DialRights {
  readonly #o: DialRightsOptions;
  readonly #sites: DocumentTable<SiteInput>;
  readonly #classes: DocumentTable<ClassOfServiceInput>;
  readonly #writes = new Serial();
  #profileClass: (userId: string) => string | undefined = () => undefined;
  #users = new Map<string, UserDialling>();
  #queues = new Map<string, string>();
  #defaults: DiallingDefaults = NOTHING;

  private constructor(options: DialRightsOptions) {
    const { db } = options;
    const onChanged = () => undefined;
    this.#o = options;
    this.#sites = new DocumentTable({ db, table: 'site', what: 'site', schema: SiteInput, onChanged });
    this.#classes = new DocumentTable({
      db,
      table: 'class_of_service',
      what: 'class of service',
      schema: ClassOfServiceInput,
      onChanged,
    });
  }

  /** Reads everything. The tables must be there (`trunkMigrations`). */
  static async load(options: DialRightsOptions): Promise<DialRights> {
    const rights = new DialRights(options);
    await rights.reload();
    return rights;
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    await Promise.all([this.#sites.load(), this.#classes.load(), this.#read()]);
  }

  sites(): Site[] {
    return this.#sites.all();
  }

  classes(): ClassOfService[] {
    return this.#classes.all();
  }

  /** @throws `already-exists`, `bad-input` for a trunk that does not exist. */
  addSite(input: SiteInput, id = newId('site')): Promise<Site> {
    return this.#sites.save(id, () => this.#checkedSite(input));
  }

  changeSite(id: string, patch: Partial<SiteInput>): Promise<Site> {
    return this.#sites.save(id, () => this.#checkedSite({ ...withoutId(this.#sites.must(id)), ...patch }));
  }

  /** @throws `in-use` while a user or the default names it. */
  removeSite(id: string): Promise<void> {
    return this.#sites.remove(id);
  }

  addClass(input: ClassOfServiceInput, id = newId('class')): Promise<ClassOfService> {
    return this.#classes.save(id, () => input);
  }

  changeClass(id: string, patch: Partial<ClassOfServiceInput>): Promise<ClassOfService> {
    return this.#classes.save(id, () => ({ ...withoutId(this.#classes.must(id)), ...patch }));
  }

  removeClass(id: string): Promise<void> {
    return this.#classes.remove(id);
  }

  /** What was set for this user alone. */
  ofUser(userId: string): UserDialling {
    return this.#users.get(userId) ?? NOTHING;
  }

  /** The site where he sits, his own or the call center's. */
  siteOf(userId: string): Site | undefined {
    return this.#sites.get(this.ofUser(userId).siteId ?? this.#defaults.siteId ?? '');
  }

  /** Has the class of a user's profile count where he has none of his own. */
  useProfiles(classIdOf: (userId: string) => string | undefined): void {
    this.#profileClass = classIdOf;
  }

  /** His class of service: his own, his profile's, or the call center's, which also is nobody's; undefined: none was set. */
  classOf(userId = ''): ClassOfService | undefined {
    const id = this.ofUser(userId).classId ?? this.#profileClass(userId) ?? this.#defaults.classId;
    return this.#classes.get(id ?? '');
  }

  /** The number that a queue's calls show, or undefined. */
  callerIdOfQueue(queueId: string): string | undefined {
    return this.#queues.get(queueId);
  }

  defaults(): DiallingDefaults {
    return this.#defaults;
  }

  /** @throws `bad-input` for a site, class or number that is not there. */
  async setUser(userId: string, value: UserDialling): Promise<UserDialling> {
    await this.#write(
      `INSERT INTO user_dialling (user_id, site_id, class_id, caller_id) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE SET site_id = $2, class_id = $3, caller_id = $4`,
      [userId, ...this.#checked(value)],
    );
    return this.ofUser(userId);
  }

  async setDefaults(value: DiallingDefaults): Promise<DiallingDefaults> {
    await this.#write(
      `INSERT INTO dialling_default (site_id, class_id, caller_id) VALUES ($1, $2, $3)
        ON CONFLICT (one) DO UPDATE SET site_id = $1, class_id = $2, caller_id = $3`,
      this.#checked(value),
    );
    return this.#defaults;
  }

  /** @param callerId one of our numbers; null: none of its own. */
  async setQueueCallerId(queueId: string, callerId: string | null): Promise<void> {
    this.#checkOwned(callerId);
    if (callerId === null) return this.#write('DELETE FROM queue_dialling WHERE queue_id = $1', [queueId]);
    await this.#write(
      `INSERT INTO queue_dialling (queue_id, caller_id) VALUES ($1, $2)
        ON CONFLICT (queue_id) DO UPDATE SET caller_id = $2`,
      [queueId, callerId],
    );
  }

  #checked({ siteId, classId, callerId }: UserDialling): (string | null)[] {
    if (siteId && !this.#sites.get(siteId))
      throw new CodedError('bad-input', { detail: 'siteId: there is no such site' });
    if (classId && !this.#classes.get(classId))
      throw new CodedError('bad-input', { detail: 'classId: there is no such class of service' });
    this.#checkOwned(callerId);
    return [siteId, classId, callerId];
  }

  #checkOwned(callerId: string | null): void {
    if (callerId && !this.#o.owns(callerId))
      throw new CodedError('bad-input', { detail: 'callerId: this is none of our numbers' });
  }

  #checkedSite(site: SiteInput): SiteInput {
    if (site.trunkId && !this.#o.trunkExists(site.trunkId))
      throw new CodedError('bad-input', { detail: 'trunkId: there is no such trunk' });
    return site;
  }

  async #write(sql: string, values: (string | null)[]): Promise<void> {
    await this.#writes.run('write', async () => {
      try {
        await this.#o.db.query(sql, values);
      } catch (error) {
        if (isForeignKeyViolation(error)) throw new CodedError('not-found', { what: 'user or queue' });
        throw error;
      }
      await this.#read();
    });
  }

  async #read(): Promise<void> {
    const { db } = this.#o;
    const columns = 'site_id AS "siteId", class_id AS "classId", caller_id AS "callerId"';
    const [users, queues, defaults] = await Promise.all([
      db.query<UserDialling & { userId: string }>(
        `SELECT user_id AS "userId", ${columns} FROM user_dialling`,
      ),
      db.query<{ queueId: string; callerId: string }>(
        'SELECT queue_id AS "queueId", caller_id AS "callerId" FROM queue_dialling',
      ),
      db.query<DiallingDefaults>(`SELECT ${columns} FROM dialling_default`),
    ]);
    this.#users = new Map(users.map(({ userId, ...rest }) => [userId, rest]));
    this.#queues = new Map(queues.map(({ queueId, callerId }) => [queueId, callerId]));
    this.#defaults = defaults[0] ?? NOTHING;
  }
}
