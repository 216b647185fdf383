/**
 * Runs of agent scripts, kept by the server: a reload, a second tab and another device show the same screen. A step names the
 * revision that it was made on, so that of two tabs only the first one counts.
 *
 *     begin ─► running ── next, back ─► running ── next on the end, or nowhere to go ─► finished
 *                └── stop ─► stopped
 */
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import { CALLER } from '../../protocol/script-check.ts';
import type {
  ScriptField,
  ScriptInput,
  ScriptRun,
  ScriptRunStart,
  ScriptRunStep,
} from '../../protocol/scripts.ts';
import type { Actor } from '../crm/ports.ts';
import type { Database } from '../store/database.ts';
import { crmSteps, type CrmStepsOptions, readKnown } from './crm-steps.ts';
import type { ScriptCall, ScriptCalls } from './ports.ts';
import { answerText, checkAnswers, goOn, type RunState, screenOf } from './run.ts';
import type { Scripts } from './scripts.ts';

export interface ScriptRunsOptions extends CrmStepsOptions {
  db: Database;
  clock: Clock;
  scripts: Scripts;
  calls: ScriptCalls;
}

interface Row {
  id: string;
  rev: number;
  script_id: string;
  version: number;
  label: string;
  conversation_id: string | null;
  user_id: string;
  status: ScriptRun['state'];
  started_at: number;
  ended_at: number | null;
  state: RunState;
}

/** Keys and values of call data: protocol/facts.ts. */
const MAX_DATA_VALUE = 1_024;

export class ScriptRuns {
  readonly #o: ScriptRunsOptions;
  readonly #crm: ReturnType<typeof crmSteps>;
  /** One step at a time per run, and one beginning at a time per user. */
  readonly #steps = new Serial();

  constructor(options: ScriptRunsOptions) {
    this.#o = options;
    this.#crm = crmSteps(options);
  }

  /**
   * Begins a script, or goes on with it where the user has it for this call already.
   * @param trial the script may be inactive: an administrator tries it, without a call.
   * @throws `not-found` for the script or a call that is not his, `script-inactive`.
   */
  begin(actor: Actor, start: ScriptRunStart, { trial = false } = {}): Promise<ScriptRun> {
    return this.#steps.run(actor.userId, async () => {
      const { scripts, calls } = this.#o;
      const script = start.scriptId ? scripts.get(start.scriptId) : scripts.named(start.name ?? '');
      if (!script) throw new CodedError('not-found', { what: 'script' });
      if (!script.active && !trial) throw new CodedError('script-inactive', { name: script.label });
      const conversationId = trial ? undefined : start.conversationId;
      const before = conversationId && (await this.#ofCall(conversationId, actor.userId, script.id));
      if (before) return this.#show(before);
      const call = conversationId ? calls.scriptCall(actor.userId, conversationId) : undefined;
      if (conversationId && !call) throw new CodedError('not-found', { what: 'call of yours' });
      const state = await this.#firstState(actor, script, start, call);
      return this.#show(await this.#insert(actor, script, conversationId ?? null, state));
    });
  }

  /** @throws `not-found` for a run that is not his, `conflict` for an old revision, `bad-input` for a wrong answer, `script-over`. */
  step(actor: Actor, id: string, step: ScriptRunStep): Promise<ScriptRun> {
    return this.#steps.run(id, async () => {
      const row = await this.#mustBeHis(actor, id);
      if (row.status !== 'running') throw new CodedError('script-over');
      if (row.rev !== step.rev) throw new CodedError('conflict');
      const script = await this.#o.scripts.version(row.script_id, row.version);
      if (step.to === 'stop') return this.#show(await this.#end(row, script, row.state, 'stopped'));
      if (step.to === 'back') return this.#show(await this.#save(row, backFrom(row.state)));
      return this.#show(await this.#next(actor, row, script, step));
    });
  }

  /** @throws `not-found`. */
  async get(actor: Actor, id: string): Promise<ScriptRun> {
    return this.#show(await this.#mustBeHis(actor, id));
  }

  /** What the user has not ended yet, the newest first. */
  async running(userId: string): Promise<ScriptRun[]> {
    const rows = await this.#query(`user_id = $1 AND status = 'running' ORDER BY started_at DESC LIMIT 20`, [
      userId,
    ]);
    return Promise.all(rows.map((row) => this.#show(row)));
  }

  /** What was answered during a call, the first run first: by this user, or by anybody. */
  async ofConversation(conversationId: string, userId?: string): Promise<ScriptRun[]> {
    const rows = await this.#query(
      'conversation_id = $1 AND ($2::text IS NULL OR user_id = $2) ORDER BY started_at LIMIT 50',
      [conversationId, userId ?? null],
    );
    return Promise.all(rows.map((row) => this.#show(row)));
  }

  async #firstState(
    actor: Actor,
    script: ScriptInput,
    start: ScriptRunStart,
    call: ScriptCall | undefined,
  ): Promise<RunState> {
    const recordId = start.recordId ?? call?.match?.id;
    const caller = recordId === undefined ? undefined : await readKnown(this.#o.crm, actor, recordId);
    const names = new Set(fieldsOf(script).map(({ name }) => name));
    const given = Object.entries(start.answers).filter(([name, value]) => names.has(name) && value !== null);
    const state: RunState = {
      at: null,
      path: [],
      answers: Object.fromEntries(
        given.map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
      ),
      records: caller ? { [CALLER]: caller } : {},
      notice: null,
      outcome: null,
    };
    return goOn(script, state, script.steps[0]?.id ?? null, { ...withCall(call), crm: this.#crm(actor) });
  }

  async #next(actor: Actor, row: Row, script: ScriptInput, { answers }: ScriptRunStep): Promise<Row> {
    const { state } = row;
    const step = script.steps.find(({ id }) => id === state.at);
    if (step?.kind === 'end') return this.#finish(row, script, state, step.disposition);
    if (step?.kind !== 'screen' || state.at === null) return this.#finish(row, script, state, null);
    const checked = checkAnswers(step.fields, answers);
    const answered: RunState = {
      ...state,
      answers: { ...state.answers, ...checked },
      path: [...state.path, state.at],
    };
    const next = await goOn(script, answered, step.next, {
      ...withCall(this.#callOf(row)),
      crm: this.#crm(actor),
    });
    this.#tellCall(row, step.fields, next);
    return next.at === null ? this.#finish(row, script, next, null) : this.#save(row, next);
  }

  /** Answers go into the call data, but for sensitive ones. */
  #tellCall({ conversation_id }: Row, fields: readonly ScriptField[], { answers }: RunState): void {
    if (conversation_id === null) return;
    const data = fields
      .filter(({ sensitive }) => !sensitive)
      .map(({ name }) => [name, answerText(answers[name] ?? null).slice(0, MAX_DATA_VALUE)] as const)
      .filter(([, value]) => value !== '');
    if (data.length > 0) this.#o.calls.setCallData(conversation_id, Object.fromEntries(data));
  }

  #finish(row: Row, script: ScriptInput, state: RunState, disposition: string | null): Promise<Row> {
    const outcome = disposition === null ? null : this.#dispose(row, disposition);
    return this.#end(row, script, { ...state, outcome }, 'finished');
  }

  #dispose({ conversation_id, user_id }: Row, label: string): string {
    if (conversation_id === null) return `Wrap-up code: ${label}`;
    switch (this.#o.calls.setDisposition(user_id, conversation_id, label)) {
      case 'set':
        return `Wrap-up code: ${label}`;
      case 'unknown':
        return `The queue of this call has no wrap-up code ${label}.`;
      case 'no-log':
        return `The wrap-up code ${label} was not set: the call has no open log.`;
    }
  }

  #callOf({ conversation_id, user_id }: Row): ScriptCall | undefined {
    return conversation_id === null ? undefined : this.#o.calls.scriptCall(user_id, conversation_id);
  }

  async #show(row: Row): Promise<ScriptRun> {
    const script = await this.#o.scripts.version(row.script_id, row.version);
    const running = row.status === 'running';
    return {
      id: row.id,
      rev: row.rev,
      scriptId: row.script_id,
      version: row.version,
      label: row.label,
      conversationId: row.conversation_id,
      userId: row.user_id,
      state: row.status,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      screen: (running && screenOf(script, row.state, this.#callOf(row))) || null,
      answers: answersOf(script, row.state),
      records: Object.entries(row.state.records).map(([name, { ref }]) => ({ name, record: ref })),
      outcome: row.state.outcome,
    };
  }

  async #mustBeHis(actor: Actor, id: string): Promise<Row> {
    const [row] = await this.#query('id = $1 AND user_id = $2', [id, actor.userId]);
    if (!row) throw new CodedError('not-found', { what: 'script run' });
    return row;
  }

  async #ofCall(conversationId: string, userId: string, scriptId: string): Promise<Row | undefined> {
    const [row] = await this.#query('conversation_id = $1 AND user_id = $2 AND script_id = $3', [
      conversationId,
      userId,
      scriptId,
    ]);
    return row;
  }

  #query(where: string, params: unknown[]): Promise<Row[]> {
    return this.#o.db.query<Row>(
      `SELECT id, rev, script_id, version, label, conversation_id, user_id, status, started_at, ended_at, state
        FROM script_run WHERE ${where}`,
      params,
    );
  }

  async #insert(
    { userId }: Actor,
    script: ScriptInput & { id: string; version: number },
    conversationId: string | null,
    state: RunState,
  ): Promise<Row> {
    const row: Row = {
      id: newId('run'),
      rev: 1,
      script_id: script.id,
      version: script.version,
      label: script.label,
      conversation_id: conversationId,
      user_id: userId,
      status: 'running',
      started_at: this.#o.clock.now(),
      ended_at: null,
      state,
    };
    await this.#o.db.query(
      `INSERT INTO script_run (id, rev, script_id, version, label, conversation_id, user_id, status, started_at, state)
        VALUES ($1, 1, $2, $3, $4, $5, $6, 'running', $7, $8)`,
      [
        row.id,
        script.id,
        script.version,
        script.label,
        conversationId,
        userId,
        row.started_at,
        JSON.stringify(state),
      ],
    );
    return state.at === null ? this.#finish(row, script, state, null) : row;
  }

  #save(row: Row, state: RunState): Promise<Row> {
    return this.#write({ ...row, state });
  }

  /** Sensitive answers are forgotten here. */
  #end(row: Row, script: ScriptInput, state: RunState, status: 'finished' | 'stopped'): Promise<Row> {
    const secret = new Set(fieldsOf(script).flatMap(({ name, sensitive }) => (sensitive ? [name] : [])));
    const answers = Object.fromEntries(Object.entries(state.answers).filter(([name]) => !secret.has(name)));
    const ended_at = this.#o.clock.now();
    return this.#write({ ...row, state: { ...state, answers, at: null }, status, ended_at });
  }

  async #write(row: Row): Promise<Row> {
    const next = { ...row, rev: row.rev + 1 };
    const changed = await this.#o.db.query<{ id: string }>(
      `UPDATE script_run SET rev = $3, status = $4, ended_at = $5, state = $6 WHERE id = $1 AND rev = $2 RETURNING id`,
      [row.id, row.rev, next.rev, next.status, next.ended_at, JSON.stringify(next.state)],
    );
    if (changed.length === 0) throw new CodedError('conflict');
    return next;
  }
}

function withCall(call: ScriptCall | undefined): { call?: ScriptCall } {
  return call ? { call } : {};
}

function backFrom(state: RunState): RunState {
  const before = state.path.at(-1);
  return before === undefined ? state : { ...state, at: before, path: state.path.slice(0, -1), notice: null };
}

function fieldsOf(script: ScriptInput): ScriptField[] {
  return script.steps.flatMap((step) => (step.kind === 'screen' ? step.fields : []));
}

/** In the order of the script, each name once. */
function answersOf(script: ScriptInput, { answers }: RunState): ScriptRun['answers'] {
  const asked = new Map(
    fieldsOf(script)
      .filter(({ sensitive }) => !sensitive)
      .map(({ name, label }) => [name, label]),
  );
  return [...asked].flatMap(([name, label]) => {
    const value = answerText(answers[name] ?? null);
    return value === '' ? [] : [{ name, label, value }];
  });
}
