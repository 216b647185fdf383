/**
 * Whom a call can be given to, or who can be asked about it: agents with their state, queues with who waits in them, records of
 * the CRM that have a number, and any number as it was typed. Only the CRM is asked over time, and it has little of it: what
 * it does not say by then is left out, for the agent is waiting and so is his caller.
 */
import type { Clock } from '../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../lib/deadline.ts';
import { type Address, formatAddress, parseAddress } from '../../protocol/address.ts';
import type { DirectoryEntry, DirectorySource } from '../../protocol/directories.ts';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Action, PersonalSettings, TransferTarget, TransferTargets } from '../../protocol/softphone.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import type { Acd, AgentView } from '../routing/ports.ts';
import { disabled, ENABLED } from './actions.ts';
import type { CallerIdOf, ColleagueOrQueue, SoftphonePlatforms, SoftphoneSettings } from './ports.ts';

/** The CRM's share of the 100 ms in which an answer is there. */
const CRM_DEADLINE_MS = 80;
const MAX_AGENTS = 8;
const MAX_QUEUES = 6;
const MAX_LISTED = 6;
const MAX_RECORDS = 5;
/** Records asked for: some have no number. */
const MAX_FOUND = 20;
/** Shorter texts would find half of the CRM. */
const MIN_TEXT = 2;

/** The directories of numbers, as a user sees them. */
export interface DirectorySearch {
  find(
    userId: string,
    text: string,
    limit: number,
  ): Pick<DirectoryEntry, 'name' | 'description' | 'numbers'>[];
  /** Which phone fields of the CRM are found. */
  source(): DirectorySource;
}

export interface TargetSearchOptions {
  acd: Pick<Acd, 'agent' | 'agents' | 'waiting'>;
  callerIdOf: CallerIdOf;
  clock: Clock;
  crm: Pick<Crm, 'objects' | 'read' | 'search'>;
  settings: SoftphoneSettings;
  directories: DirectorySearch;
  /** A phone of his can be rung now. */
  reachable(userId: string): boolean;
  personal(userId: string): PersonalSettings;
  platforms: Pick<SoftphonePlatforms, 'targetQueues' | 'unreachable'>;
  onError: (what: string, error: unknown, ids: { userId?: string }) => void;
}

export class TargetSearch {
  readonly #o: TargetSearchOptions;

  constructor(options: TargetSearchOptions) {
    this.#o = options;
  }

  /** For what the user typed; without text those who are free, and the queues. */
  async search(userId: string, text: string): Promise<TransferTargets> {
    const words = fold(text.trim());
    const number = this.#number(userId, text);
    const records = words.length < MIN_TEXT ? [] : await this.#records(userId, text.trim());
    const listed = words.length < MIN_TEXT ? [] : this.#listed(userId, text.trim());
    return {
      targets: [
        ...this.#agents(userId, words),
        ...this.#queues(userId, words),
        ...listed,
        ...records,
        ...number,
      ],
    };
  }

  #agents(userId: string, words: string): TransferTarget[] {
    return this.#o.settings
      .users()
      .filter((user) => user.id !== userId && !user.disabled && user.roles.some((r) => r !== 'administrator'))
      .filter((user) => fits(words, user.name, user.extension ?? ''))
      .map((user) => ({ user, view: this.#o.acd.agent(user.id) }))
      .sort((a, b) => rank(a.view) - rank(b.view) || a.user.name.localeCompare(b.user.name))
      .slice(0, MAX_AGENTS)
      .map(({ user, view }) => {
        const target = { kind: 'user' as const, userId: user.id };
        const action = this.#unreachable(userId, target) ?? this.#toAgent(user.id, user.name, view);
        return {
          target,
          label: user.name,
          ...(user.extension ? { detail: user.extension } : {}),
          source: 'agent' as const,
          shown: view.shown,
          consult: action,
          transfer: action,
        };
      });
  }

  #toAgent(userId: string, name: string, view: AgentView): Action {
    const { doNotDisturb, callWaiting, forwardAlways, forwardBusy } = this.#o.personal(userId);
    const unavailable = (detail: string) => disabled('agent-unavailable', { name, detail });
    if (forwardAlways) return ENABLED;
    if (doNotDisturb) return unavailable('Do not disturb is on.');
    if (!this.#o.reachable(userId)) return disabled('colleague-away', { name });
    const busy = view.shown === 'talking' || view.shown === 'offered';
    if (view.shown === 'offered' || (busy && !callWaiting && !forwardBusy))
      return unavailable(view.shown === 'offered' ? 'A call rings there.' : 'On a call.');
    return ENABLED;
  }

  /** Ours, and those of telephone systems that route by themselves; those that can be reached first. */
  #queues(userId: string, words: string): TransferTarget[] {
    const { settings, acd, platforms } = this.#o;
    const ours = settings.queues().map(({ id, label, memberIds }) => ({
      queueId: id,
      label,
      waiting: acd.waiting(id),
      ready: memberIds.filter((memberId) => acd.agent(memberId).shown === 'ready').length,
    }));
    return [...ours, ...(platforms.targetQueues?.() ?? [])]
      .filter(({ label }) => fits(words, label))
      .map(({ queueId, label, waiting, ready }): TransferTarget => {
        const target = { kind: 'queue' as const, queueId };
        const action = this.#unreachable(userId, target) ?? ENABLED;
        return {
          target,
          label,
          source: 'queue',
          queue: { waiting, ready },
          consult: action,
          transfer: action,
        };
      })
      .sort((a, b) => Number(b.transfer.enabled) - Number(a.transfer.enabled))
      .slice(0, MAX_QUEUES);
  }

  #unreachable(userId: string, target: ColleagueOrQueue): Action | undefined {
    const error = this.#o.platforms.unreachable?.(userId, target);
    return error && disabled(error.code, {}, error.message);
  }

  /** Numbers of the directories that are there for him. */
  #listed(userId: string, text: string): TransferTarget[] {
    const country = this.#o.settings.user(userId)?.country ?? '';
    return this.#o.directories.find(userId, text, MAX_LISTED).flatMap(({ name, description, numbers }) =>
      numbers.flatMap(({ label, phone }) => {
        const address = parseAddress(phone, country);
        if (!isDiallable(address)) return [];
        return this.#toNumber(userId, address, {
          target: { kind: 'number', number: phone },
          label: name,
          detail: [label, formatAddress(address, country), description].filter(Boolean).join(' · '),
          source: 'directory',
        });
      }),
    );
  }

  /** What was typed, when it can be dialled. */
  #number(userId: string, text: string): TransferTarget[] {
    const country = this.#o.settings.user(userId)?.country ?? '';
    const address = parseAddress(text, country);
    if (!isDiallable(address)) return [];
    return [
      this.#toNumber(userId, address, {
        target: { kind: 'number', number: text.trim() },
        label: formatAddress(address, country),
        source: 'number',
      }),
    ];
  }

  #toNumber(
    userId: string,
    address: Address,
    target: Omit<TransferTarget, 'consult' | 'transfer'>,
  ): TransferTarget {
    const action = this.#mayCall(userId, address);
    return { ...target, consult: action, transfer: action };
  }

  #mayCall(userId: string, address: Address): Action {
    try {
      this.#o.callerIdOf(userId, address);
      return ENABLED;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return disabled(error.code, {}, error.message);
    }
  }

  // ── Records ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async #records(userId: string, text: string): Promise<TransferTarget[]> {
    const { clock, crm, settings, onError } = this.#o;
    const actor: Actor = { userId, roles: settings.user(userId)?.roles ?? [] };
    try {
      const found = crm
        .search(actor, text, { limit: MAX_FOUND, deadlineMs: CRM_DEADLINE_MS })
        .then(({ records }) => this.#withNumbers(actor, records));
      return (await withDeadline(clock, CRM_DEADLINE_MS, 'The CRM', found)).flat();
    } catch (error) {
      if (!(error instanceof CodedError) && !(error instanceof DeadlineError))
        onError('search the CRM for a transfer', error, { userId });
      return [];
    }
  }

  /** Those of objects that have no number that is found take no place from the others. */
  async #withNumbers(actor: Actor, records: readonly RecordRef[]): Promise<TransferTarget[][]> {
    const fields = await this.#fields();
    const found = records.filter(({ object }) => fields.has(object)).slice(0, MAX_RECORDS);
    return Promise.all(
      found.map((record) => this.#numbersOf(actor, record, fields.get(record.object) ?? [])),
    );
  }

  async #numbersOf(
    actor: Actor,
    { id, name, detail }: RecordRef,
    fields: readonly string[],
  ): Promise<TransferTarget[]> {
    const country = this.#o.settings.user(actor.userId)?.country ?? '';
    const record = await this.#o.crm.read(actor, id);
    const numbers = fields
      .flatMap((field) => record.fields[field] ?? [])
      .filter((v) => typeof v === 'string');
    return [...new Set(numbers)].flatMap((number) => {
      const address = parseAddress(number, country);
      if (!isDiallable(address)) return [];
      const shown = formatAddress(address, country);
      return this.#toNumber(actor.userId, address, {
        target: { kind: 'number', number },
        label: name,
        detail: detail ? `${shown} · ${detail}` : shown,
        source: 'record',
      });
    });
  }

  /** The fields that hold telephone numbers, by object. An administrator may add some at any time. */
  async #fields(): Promise<Map<string, string[]>> {
    return phoneFields(await this.#o.crm.objects(), this.#o.directories.source());
  }
}

/** What was chosen, as far as it is still there; all where nothing was. */
function phoneFields(
  objects: readonly ObjectMeta[],
  { fields: chosen }: DirectorySource,
): Map<string, string[]> {
  const isFound = (path: string) => chosen.length === 0 || chosen.includes(path);
  const named = objects.map(({ name, fields }): [string, string[]] => [
    name,
    fields
      .filter((field) => field.type === 'phone' && isFound(`${name}.${field.name}`))
      .map((field) => field.name),
  ]);
  return new Map(named.filter(([, fields]) => fields.length > 0));
}

/** Free ones first, those who are away last. */
function rank({ shown }: AgentView): number {
  return ['ready', 'not-ready', 'wrap-up', 'talking', 'offered', 'lost', 'logged-out'].indexOf(shown);
}

/** Each word typed is the beginning of one of the name's words, or the extension begins so. */
function fits(words: string, name: string, extension = ''): boolean {
  if (words === '') return true;
  if (extension !== '' && extension.startsWith(words)) return true;
  const parts = fold(name).split(/[^\p{L}\p{N}]+/u);
  return words.split(/\s+/).every((word) => parts.some((part) => part.startsWith(word)));
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function isDiallable({ kind }: Address): boolean {
  return kind === 'e164' || kind === 'extension' || kind === 'service';
}
