/**
 * What an administrator sets: users, queues, numbers, skills, reason codes, dispositions, devices. All of it is held in memory and
 * answered synchronously; a write goes to the database first, then to memory, one write at a time, and is then told.
 *
 *     write ──► database ──► memory ──► `changed`      (a refused write changes neither)
 */
import { Emitter } from '../../lib/emitter.ts';
import { newId, randomToken } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import { type Address, parseAddress } from '../../protocol/address.ts';
import type { PhoneControl } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import { DEFAULT_AGENT_RULES, type ReasonKind } from '../../protocol/agent-rules.ts';
import type { Skill } from '../../protocol/skills.ts';
import { isUniqueViolation, type Sql, type Transactional } from '../store/database.ts';
import {
  browserDevice,
  type Device,
  type Disposition,
  type Entry,
  type EntryInput,
  PRIVATE_PLATFORM,
  profileOfRoles,
  type Queue,
  type QueueInput,
  type Reason,
  type User,
  type UserInput,
  type UserPatch,
} from './model.ts';
import {
  checkAgentRules,
  insertReason,
  type ReasonInput,
  type ReasonPatch,
  reasonChoices,
  updateReason,
} from './agent-codes.ts';
import { checkRule, mustNotBeInRules } from './queue-rule-check.ts';
import { differing, isForeignKeyViolation, type Kind, readTables, type Tables } from './read-tables.ts';
import { refuse } from './refuse.ts';
import { retireDispositions, writeEntry, writeQueue, writeUserSkills } from './write-tables.ts';

export type CallCenterEvents = {
  /** Something was added, changed or removed; read it anew. */
  changed: [kind: Kind, id: string];
};

export interface CallCenterOptions {
  db: Transactional;
  /** ISO 3166 code: how a number without a prefix is read. */
  country: string;
  onListenerError: (error: unknown, event: string) => void;
}

export class CallCenter {
  readonly events: Emitter<CallCenterEvents>;
  readonly #db: Transactional;
  readonly #country: string;
  readonly #writes = new Serial();
  readonly #guards: ((kind: Kind, id: string) => string | undefined)[] = [];
  #tables: Tables;

  private constructor(options: CallCenterOptions, tables: Tables) {
    this.#db = options.db;
    this.#country = options.country;
    this.#tables = tables;
    this.events = new Emitter(options.onListenerError);
  }

  /** Has `inUse` asked before something is removed: what else needs it, in a sentence; undefined: nothing. */
  guardRemoval(inUse: (kind: Kind, id: string) => string | undefined): void {
    this.#guards.push(inUse);
  }

  #mustBeUnused(kind: Kind, id: string): void {
    const detail = this.#guards.map((guard) => guard(kind, id)).find((one) => one !== undefined);
    if (detail) throw new CodedError('in-use', { detail });
  }

  /** Reads everything. The tables must be there (`callcenterMigrations`). */
  static async load(options: CallCenterOptions): Promise<CallCenter> {
    return new CallCenter(options, await readTables(options.db));
  }

  /** Reads everything anew, and tells of what is different. */
  async reload(): Promise<void> {
    const before = this.#tables;
    await this.#writes.run('write', async () => {
      this.#tables = await readTables(this.#db);
    });
    for (const [kind, id] of differing(before, this.#tables)) this.events.emit('changed', kind, id);
  }

  user(id: string): User | undefined {
    return this.#tables.users.get(id);
  }

  /** By the name to sign in with, in whatever case. */
  userByName(username: string): User | undefined {
    const name = username.trim().toLowerCase();
    return this.users().find((u) => u.username.toLowerCase() === name);
  }

  userByExtension(extension: string): User | undefined {
    return this.users().find((u) => u.extension === extension);
  }

  /** He is there to take and make calls: an administrator alone sets up, and does not talk. */
  takesCalls(userId: string): boolean {
    const user = this.user(userId);
    return user !== undefined && !user.disabled && user.roles.some((role) => role !== 'administrator');
  }

  users(): User[] {
    return [...this.#tables.users.values()];
  }

  queue(id: string): Queue | undefined {
    return this.#tables.queues.get(id);
  }

  queues(): Queue[] {
    return [...this.#tables.queues.values()];
  }

  entry(id: string): Entry | undefined {
    return this.#tables.entries.get(id);
  }

  entries(): Entry[] {
    return [...this.#tables.entries.values()];
  }

  /**
   * The number of ours that was dialled, in whatever way the trunk writes it, or undefined when it is not ours. Where several
   * platforms have the number it is that platform's, and any other's where the platform itself has none.
   */
  entryFor(dnis: Address | string, platformId = PRIVATE_PLATFORM): Entry | undefined {
    const address = typeof dnis === 'string' ? parseAddress(dnis, this.#country) : dnis;
    const digits = address.raw.replace(/\D/g, '');
    const all = this.entries().sort(
      (a, b) => Number(b.platformId === platformId) - Number(a.platformId === platformId),
    );
    return (
      all.find((e) => e.dnis === address.value) ??
      all.find((e) => e.dnis.startsWith('+') && e.dnis.slice(1) === digits)
    );
  }

  /** By name. */
  skills(): Skill[] {
    return [...this.#tables.skills.values()];
  }

  skill(id: string): Skill | undefined {
    return this.#tables.skills.get(id);
  }

  /** His queues in the order in which he serves them; those that are not in it come last. */
  queueOrder(userId: string): readonly string[] {
    return this.user(userId)?.queueOrder ?? [];
  }

  /** How good a user is at a skill: 1 to 10; 0 for who does not have it. */
  skillLevel(userId: string, skillId: string): number {
    return this.user(userId)?.skills.find((one) => one.skillId === skillId)?.level ?? 0;
  }

  /** Those that the user is a member of. */
  queuesOf(userId: string): readonly Queue[] {
    return this.#tables.queuesOf.get(userId) ?? [];
  }

  /** The reasons that a user chooses among, and whether he must give one: as his queues say. */
  reasonChoices(userId: string, kind: ReasonKind): ReturnType<typeof reasonChoices> {
    return reasonChoices(this.queuesOf(userId), this.reasons(), kind);
  }

  /** In the order to show them: the system's own, and those that cannot be chosen any more, among them. */
  reasons(): Reason[] {
    return [...this.#tables.reasons.values()];
  }

  reason(id: string): Reason | undefined {
    return this.#tables.reasons.get(id);
  }

  /** Some queue has a wrap-up code with this label that can be chosen. */
  hasDisposition(label: string): boolean {
    const wanted = label.toLowerCase();
    return this.queues().some(({ id }) =>
      this.dispositions(id).some((code) => code.active && code.label.toLowerCase() === wanted),
    );
  }

  /** The wrap-up codes of a queue, also of one that is gone: those that can be chosen first, in the order to show them. */
  dispositions(queueId: string): Disposition[] {
    return this.#tables.dispositions.get(queueId) ?? [];
  }

  /** A user's devices: the browser phone first, then his SIP phones. */
  devicesOf(userId: string): Device[] {
    const phones = [...this.#tables.devices.values()].filter((d) => d.userId === userId);
    return [this.#browser(userId), ...phones];
  }

  device(id: string): Device | undefined {
    const userId = /^(?:browser|pbx):(.*)$/.exec(id)?.[1];
    return userId && this.user(userId) ? this.#browser(userId) : this.#tables.devices.get(id);
  }

  /** The SIP phone with this user name (its name on the switch). */
  deviceNamed(username: string): Device | undefined {
    return this.sipDevices().find((d) => d.username === username);
  }

  /** Every SIP phone of every user. */
  sipDevices(): Device[] {
    return [...this.#tables.devices.values()];
  }

  /** The device that rings for this user: the one he chose, else the browser phone. */
  chosenDevice(userId: string): Device {
    const chosen = this.user(userId)?.deviceId;
    const device = chosen ? this.#tables.devices.get(chosen) : undefined;
    return device?.userId === userId ? device : this.#browser(userId);
  }

  /** Whether there is a published flow with this id. */
  knowsFlow: (id: string) => boolean = () => false;

  /** The phone that a user's own telephone system gave him, in place of a browser phone; undefined: he has none such. */
  platformDevice: (user: User) => Device | undefined = () => undefined;

  #browser(userId: string): Device {
    const user = this.user(userId);
    const given = user && this.platformDevice(user);
    if (given) return given;
    return browserDevice({ id: userId, platformId: this.user(userId)?.platformId ?? PRIVATE_PLATFORM });
  }

  /** The stored hash of a user's password. A secret: for verifyPassword only. */
  async passwordHash(userId: string): Promise<string | undefined> {
    const rows = await this.#db.query<{ password_hash: string }>(
      'SELECT password_hash FROM "user" WHERE id = $1',
      [userId],
    );
    return rows[0]?.password_hash;
  }

  /** A SIP phone's password, which SIP needs in the clear. A secret: for the switch only. */
  async devicePassword(deviceId: string): Promise<string | undefined> {
    const rows = await this.#db.query<{ secret: string }>('SELECT secret FROM device WHERE id = $1', [
      deviceId,
    ]);
    return rows[0]?.secret;
  }

  /** @throws `already-exists` for a username or an extension that is taken. */
  async addUser(
    input: UserInput,
    passwordHash: string,
    options: { demoPassword?: boolean; id?: string } = {},
  ): Promise<User> {
    const id = options.id ?? newId('user');
    const sql = `INSERT INTO "user" (id, username, name, roles, locale, zone, country, extension, platform_id, email,
        queue_order, profile_id, password_hash, demo_password)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
    const values = [
      id,
      input.username.trim(),
      input.name,
      input.roles,
      input.locale,
      input.zone,
      input.country,
      input.extension,
      input.platformId ?? PRIVATE_PLATFORM,
      input.email ?? null,
      input.queueOrder ?? [],
    ];
    await this.#write('user', id, async (tx) => {
      const profileId = await profileOf(tx, input);
      this.#mustKnowQueues(input.queueOrder);
      await tx.query(sql, [...values, profileId, passwordHash, options.demoPassword ?? false]);
      await this.#writeSkillsOf(tx, id, input);
    });
    return this.#must(this.user(id), 'user');
  }

  /** @throws `not-found`, `already-exists`. */
  async changeUser(id: string, patch: UserPatch): Promise<User> {
    await this.#write('user', id, async (tx) => {
      const user = { ...this.#must(this.user(id), 'user'), ...patch };
      this.#mustKnowQueues(patch.queueOrder);
      const values = [
        id,
        user.username.trim(),
        user.name,
        user.roles,
        user.locale,
        user.zone,
        user.country,
        user.extension,
        user.disabled,
        user.platformId,
        user.email,
        await profileOf(tx, user),
        user.queueOrder,
      ];
      await tx.query(
        `UPDATE "user" SET username = $2, name = $3, roles = $4, locale = $5, zone = $6, country = $7, extension = $8, disabled = $9,
          platform_id = $10, email = $11, profile_id = $12, queue_order = $13
          WHERE id = $1`,
        values,
      );
      await this.#writeSkillsOf(tx, id, patch);
    });
    return this.#must(this.user(id), 'user');
  }

  async setPassword(userId: string, passwordHash: string): Promise<void> {
    await this.#write('user', userId, (tx) =>
      tx.query('UPDATE "user" SET password_hash = $2, demo_password = false WHERE id = $1', [
        userId,
        passwordHash,
      ]),
    );
  }

  /** @throws `already-exists` for a label that is taken, `bad-input` for a member who does not exist. */
  addQueue(input: QueueInput, id = newId('queue')): Promise<Queue> {
    return this.#saveQueue(id, () => input);
  }

  changeQueue(id: string, patch: Partial<QueueInput>): Promise<Queue> {
    return this.#saveQueue(id, () => {
      const current = this.#must(this.queue(id), 'queue');
      const codes = this.dispositions(id).filter(({ active }) => active);
      return { ...current, dispositions: codes.map(({ label }) => label), ...patch };
    });
  }

  /** Its wrap-up codes stay, for what happened. @throws `in-use` while a number leads to it. */
  async removeQueue(id: string): Promise<void> {
    this.#must(this.queue(id), 'queue');
    mustNotBeInRules('queue', id, this.queues());
    this.#mustBeUnused('queue', id);
    await this.#write(
      'queue',
      id,
      async (tx) => {
        await retireDispositions(tx, id);
        await tx.query('DELETE FROM queue WHERE id = $1', [id]);
        await tx.query('UPDATE "user" SET queue_order = array_remove(queue_order, $1)', [id]);
      },
      'numbers lead to this queue',
    );
  }

  /** @throws `already-exists`, `bad-input` for what is no number or an emergency one. */
  addEntry(input: EntryInput, id = newId('number')): Promise<Entry> {
    return this.#saveEntry(id, () => input);
  }

  changeEntry(id: string, patch: Partial<EntryInput>): Promise<Entry> {
    // one that is told to lead somewhere else does not lead any more to where it did
    const elsewhere =
      patch.userId || patch.queueId || patch.flowId ? { queueId: null, userId: null, flowId: null } : {};
    return this.#saveEntry(id, () => ({ ...this.#must(this.entry(id), 'number'), ...elsewhere, ...patch }));
  }

  async removeEntry(id: string): Promise<void> {
    this.#must(this.entry(id), 'number');
    this.#mustBeUnused('number', id);
    await this.#write('number', id, (tx) => tx.query('DELETE FROM owned_number WHERE id = $1', [id]));
  }

  /** @throws `already-exists` for a label that is taken. */
  addSkill(input: Omit<Skill, 'id'>, id = newId('skill')): Promise<Skill> {
    return this.#saveSkill(id, () => input);
  }

  changeSkill(id: string, patch: Partial<Omit<Skill, 'id'>>): Promise<Skill> {
    return this.#saveSkill(id, () => ({ ...this.#must(this.skill(id), 'skill'), ...patch }));
  }

  /** Those who have it have it no longer. @throws `in-use` while a queue requires it. */
  async removeSkill(id: string): Promise<void> {
    this.#must(this.skill(id), 'skill');
    mustNotBeInRules('skill', id, this.queues());
    this.#mustBeUnused('skill', id);
    await this.#write(
      'skill',
      id,
      (tx) => tx.query('DELETE FROM skill WHERE id = $1', [id]),
      'queues require this skill',
    );
  }

  async #saveSkill(id: string, make: () => Omit<Skill, 'id'>): Promise<Skill> {
    await this.#write('skill', id, (tx) => {
      const { label, description } = make();
      return tx.query(
        `INSERT INTO skill (id, label, description) VALUES ($1, $2, $3)
          ON CONFLICT (id) DO UPDATE SET label = $2, description = $3`,
        [id, label, description],
      );
    });
    return this.#must(this.skill(id), 'skill');
  }

  /** Where nothing is said they stay. */
  async #writeSkillsOf(tx: Sql, userId: string, { skills }: Pick<UserPatch, 'skills'>): Promise<void> {
    if (!skills) return;
    this.#mustKnowSkills(skills, 'skills');
    await writeUserSkills(tx, userId, skills);
  }

  #mustKnowSkills(all: readonly { skillId: string }[], field: string): void {
    const unknown = all.find(({ skillId }) => !this.skill(skillId));
    if (unknown) refuse(field, `there is no skill ${unknown.skillId}`);
  }

  #mustKnowQueues(ids: readonly string[] = []): void {
    if (ids.some((id) => !this.queue(id))) refuse('queueOrder', 'there is no such queue');
  }

  /** @param id of one that the program sets: fixed. @throws `already-exists` for a label that is taken, also by one that is not active. */
  async addReason(input: ReasonInput, id = newId('reason')): Promise<Reason> {
    await this.#write('reason', id, (tx) => insertReason(tx, id, input));
    return this.#must(this.reason(id), 'reason');
  }

  /** Renames a reason, moves it, or lets it be chosen or not. @throws `not-found`, `already-exists`, `bad-input`. */
  async changeReason(id: string, patch: ReasonPatch): Promise<Reason> {
    await this.#write('reason', id, (tx) =>
      updateReason(tx, this.reasons(), this.#must(this.reason(id), 'reason'), patch),
    );
    return this.#must(this.reason(id), 'reason');
  }

  /** A SIP phone with a new name and password. The password is shown this once. */
  async addSipDevice(
    userId: string,
    label: string,
    platformId = PRIVATE_PLATFORM,
    control: PhoneControl = 'none',
  ): Promise<{ device: Device; password: string }> {
    const user = this.#must(this.user(userId), 'user');
    const id = newId('device');
    const password = randomToken(26);
    const username = `${user.username
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 20)}-${randomToken(5)}`;
    await this.#write('device', id, (tx) =>
      tx.query(
        `INSERT INTO device (id, user_id, kind, label, username, secret, platform_id, control)
          VALUES ($1, $2, 'sip', $3, $4, $5, $6, $7)`,
        [id, userId, label, username, password, platformId, control],
      ),
    );
    return { device: this.#must(this.device(id), 'device'), password };
  }

  /** What is left out stays. @throws `not-found` also for the browser phone, which every user has. */
  async changeSipDevice(id: string, change: { label?: string; control?: PhoneControl }): Promise<Device> {
    await this.#write('device', id, async (tx) => {
      const { label, control } = { ...this.#must(this.#tables.devices.get(id), 'device'), ...change };
      await tx.query('UPDATE device SET label = $2, control = $3 WHERE id = $1', [id, label, control]);
    });
    return this.#must(this.device(id), 'device');
  }

  /** @throws `not-found` also for the browser phone, which every user has. */
  async removeDevice(id: string): Promise<Device> {
    const device = this.#must(this.#tables.devices.get(id), 'device');
    await this.#write('device', id, (tx) => tx.query('DELETE FROM device WHERE id = $1', [id]));
    return device;
  }

  /** Makes this one of the user's devices the one that rings. @throws `not-found` when it is not his. */
  async chooseDevice(userId: string, deviceId: string): Promise<void> {
    const device = this.device(deviceId);
    if (device?.userId !== userId) throw new CodedError('not-found', { what: 'device' });
    const stored = device.kind === 'browser' ? null : deviceId;
    await this.#write('user', userId, (tx) =>
      tx.query('UPDATE "user" SET device_id = $2 WHERE id = $1', [userId, stored]),
    );
  }

  /** `make` is asked once earlier writes are done, so that a change is made to what they left. */
  async #saveQueue(id: string, make: () => QueueInput): Promise<Queue> {
    await this.#write('queue', id, async (tx) => {
      const input = make();
      const stranger = input.memberIds.find((m) => !this.user(m));
      if (stranger) refuse('memberIds', `there is no user ${stranger}`);
      this.#mustKnowSkills(input.requirements ?? [], 'requirements');
      checkAgentRules(input.agentRules ?? DEFAULT_AGENT_RULES, (reasonId) => this.reason(reasonId));
      if (input.rule) checkRule(input.rule, this, this.#country);
      await writeQueue(tx, id, input, this.dispositions(id));
    });
    return this.#must(this.queue(id), 'queue');
  }

  async #saveEntry(id: string, make: () => EntryInput): Promise<Entry> {
    await this.#write('number', id, async (tx) => {
      const input = make();
      checkLeads(input, this);
      const { kind, value } = parseAddress(input.dnis, this.#country);
      if (kind !== 'e164' && kind !== 'extension') refuse('dnis', 'this is no number that can be owned');
      await writeEntry(tx, id, { ...input, dnis: value });
    });
    return this.#must(this.entry(id), 'number');
  }

  async #write(
    kind: Kind,
    id: string,
    work: (tx: Sql) => Promise<unknown>,
    inUse = 'something else needs it',
  ): Promise<void> {
    await this.#writes.run('write', async () => {
      try {
        await this.#db.tx(work);
      } catch (error) {
        if (isUniqueViolation(error))
          throw new CodedError('already-exists', { what: kind, field: fieldOf(error) });
        if (isForeignKeyViolation(error)) throw new CodedError('in-use', { detail: inUse });
        throw error;
      }
      this.#tables = await readTables(this.#db);
    });
    this.events.emit('changed', kind, id);
  }

  #must<T>(thing: T | undefined, what: string): T {
    if (thing === undefined) throw new CodedError('not-found', { what });
    return thing;
  }
}

/** The profile that was asked for, else the one that the most powerful role has from the beginning, if it is still there. */
async function profileOf(
  tx: Sql,
  { profileId, roles }: Pick<UserInput, 'profileId' | 'roles'>,
): Promise<string | null> {
  if (profileId === null) return null;
  const id = profileId ?? profileOfRoles(roles);
  const [found] = await tx.query<{ id: string }>('SELECT id FROM profile WHERE id = $1', [id]);
  if (!found && profileId) refuse('profileId', 'there is no such profile');
  return found?.id ?? null;
}

/** A number leads to one place that exists. @throws `bad-input`. */
function checkLeads(
  { queueId, userId, flowId }: EntryInput,
  known: Pick<CallCenter, 'queue' | 'user' | 'knowsFlow'>,
): void {
  const places = [queueId, userId, flowId].filter(Boolean).length;
  if (places > 1) refuse(flowId ? 'flowId' : 'userId', 'a number leads to a queue, to a user or to a flow');
  if (places === 0) refuse('queueId', 'a number leads to a queue, to a user or to a flow');
  if (queueId && !known.queue(queueId)) refuse('queueId', 'there is no such queue');
  if (userId && !known.user(userId)) refuse('userId', 'there is no such user');
  if (flowId && !known.knowsFlow(flowId)) refuse('flowId', 'there is no such flow, or it is not published');
}

const FIELDS: Record<string, string> = {
  user_username: 'username',
  user_extension_key: 'extension',
  user_email: 'email',
  queue_label_key: 'label',
  owned_number_dnis_key: 'number',
  skill_label_key: 'label',
  reason_code_label_key: 'label',
};

function fieldOf(error: unknown): string {
  const constraint = (error as { constraint?: string }).constraint ?? '';
  return FIELDS[constraint] ?? 'name';
}
