/**
 * How a run goes from screen to screen: pure but for the CRM steps, which the caller carries out.
 *
 *     start ─► (branch | lookup | update | create)* ─► screen ── next, with answers ─► (…)* ─► screen ─► … ─► end ── next ─► finished
 *                                                        ▲ └── back: the screen before, its answers kept
 *                                                        └──── an answer is missing or wrong: it stays, nothing changes
 *     any ── stop ─► stopped
 */
import { CodedError } from '../../protocol/errors.ts';
import type { FoundRecord } from '../crm/find-record.ts';
import { fillText, type Mention } from '../../protocol/script-text.ts';
import type {
  ScriptAnswer,
  ScriptAnswers,
  ScriptCondition,
  ScriptField,
  ScriptInput,
  ScriptScreen,
  ScriptStep,
} from '../../protocol/scripts.ts';

/** A record that the script has, with its fields as they were when it was read. */
export type KnownRecord = FoundRecord;

export interface RunState {
  /** The screen in front of the agent; null when it is over. */
  at: string | null;
  /** The screens before it, the first one first. */
  path: string[];
  answers: Record<string, ScriptAnswer>;
  records: Record<string, KnownRecord>;
  notice: string | null;
  outcome: string | null;
}

/** The call, as texts may name it. */
export interface RunCall {
  values: Readonly<Record<string, string>>;
  data(key: string): string | undefined;
}

export type CrmStep = Extract<ScriptStep, { kind: 'lookup' | 'update' | 'create' }>;

/** Carries out one step in the CRM as the agent: the record, undefined for none found, or the reason of a refusal. */
export type CrmWork = (
  step: CrmStep,
  fill: (template: string) => string,
  state: RunState,
) => Promise<{ record: KnownRecord | undefined } | { refused: string }>;

const NOWHERE: RunCall = { values: {}, data: () => undefined };
/** More silent steps than any checked script has between two screens. */
const MAX_SILENT_STEPS = 500;

/** A text of the script, filled in. */
export function filler(
  state: Pick<RunState, 'answers' | 'records'>,
  call = NOWHERE,
): (template: string) => string {
  return (template) => fillText(template, (mention) => valueOf(mention, state, call));
}

function valueOf(
  mention: Mention,
  { answers, records }: Pick<RunState, 'answers' | 'records'>,
  call: RunCall,
): string {
  switch (mention.of) {
    case 'call':
      return call.values[mention.name] ?? '';
    case 'data':
      return call.data(mention.key) ?? '';
    case 'answer':
      return answerText(answers[mention.name] ?? null);
    case 'record':
      return records[mention.name]?.fields[mention.field] ?? '';
  }
}

export function answerText(answer: ScriptAnswer): string {
  if (answer === null) return '';
  if (typeof answer === 'boolean') return answer ? 'Yes' : 'No';
  return Array.isArray(answer) ? answer.join(', ') : answer;
}

/** Goes on from a target over everything that is no screen. */
export async function goOn(
  script: ScriptInput,
  state: RunState,
  from: string | null,
  { call = NOWHERE, crm }: { call?: RunCall; crm: CrmWork },
): Promise<RunState> {
  let now: RunState = { ...state, notice: null };
  let target = from;
  for (let count = 0; count < MAX_SILENT_STEPS; count++) {
    const step = script.steps.find(({ id }) => id === target);
    if (!step) return { ...now, at: null };
    if (step.kind === 'screen' || step.kind === 'end') return { ...now, at: step.id };
    if (step.kind === 'branch') {
      target = branchTarget(step, filler(now, call));
      continue;
    }
    const outcome = await crm(step, filler(now, call), now);
    ({ target, state: now } = afterCrm(step, now, outcome));
  }
  throw new Error(`the script ${script.name} goes in circles`);
}

function afterCrm(
  step: CrmStep,
  state: RunState,
  outcome: Awaited<ReturnType<CrmWork>>,
): { target: string | null; state: RunState } {
  if ('refused' in outcome)
    return {
      target: step.kind === 'lookup' ? step.missing : step.failed,
      state: { ...state, notice: `${step.title}: ${outcome.refused}` },
    };
  const { record } = outcome;
  if (step.kind === 'lookup' && !record) return { target: step.missing, state };
  const name = step.kind === 'update' ? step.record : step.into;
  return {
    target: step.kind === 'lookup' ? step.found : step.next,
    state: record ? { ...state, records: { ...state.records, [name]: record } } : state,
  };
}

function branchTarget(
  step: Extract<ScriptStep, { kind: 'branch' }>,
  fill: (template: string) => string,
): string | null {
  const rule = step.rules.find(({ all }) => all.every((condition) => holds(condition, fill)));
  return rule ? rule.next : step.otherwise;
}

/** Numbers as numbers, everything else as text without regard to case. */
export function holds({ left, is, right }: ScriptCondition, fill: (template: string) => string): boolean {
  const a = fill(left).trim();
  const b = fill(right).trim();
  const numbers = a !== '' && b !== '' && Number.isFinite(Number(a)) && Number.isFinite(Number(b));
  const order = numbers ? Number(a) - Number(b) : a.localeCompare(b, 'en', { sensitivity: 'base' });
  switch (is) {
    case 'equal':
      return order === 0;
    case 'not-equal':
      return order !== 0;
    case 'contains':
      return a.toLowerCase().includes(b.toLowerCase());
    case 'greater':
      return order > 0;
    case 'less':
      return order < 0;
    case 'empty':
      return a === '';
    case 'filled':
      return a !== '';
  }
}

/** What the agent sees now; undefined when the run is over. */
export function screenOf(script: ScriptInput, state: RunState, call = NOWHERE): ScriptScreen | undefined {
  const step = script.steps.find(({ id }) => id === state.at);
  if (step?.kind !== 'screen' && step?.kind !== 'end') return undefined;
  const fill = filler(state, call);
  const fields = step.kind === 'screen' ? step.fields : [];
  return {
    stepId: step.id,
    kind: step.kind,
    title: step.title,
    text: fill(step.text),
    fields: fields.map((field) => ({ ...field, answer: firstAnswer(field, state, fill) })),
    canGoBack: state.path.length > 0,
    notice: state.notice,
  };
}

function firstAnswer(field: ScriptField, state: RunState, fill: (template: string) => string): ScriptAnswer {
  const given = state.answers[field.name];
  if (given !== undefined) return given;
  const initial = fill(field.initial);
  if (field.type === 'checkbox') return /^(yes|true|1)$/i.test(initial);
  if (field.type === 'choices') return field.options.filter((option) => option === initial);
  if (field.type === 'choice') return field.options.find((option) => option === initial) ?? null;
  return initial === '' ? null : initial;
}

/** @throws `bad-input` with `data.field` for an answer that is missing or that its field refuses. */
export function checkAnswers(fields: readonly ScriptField[], given: ScriptAnswers): ScriptAnswers {
  return Object.fromEntries(
    fields.map((field) => [field.name, checkAnswer(field, given[field.name] ?? null)]),
  );
}

function checkAnswer(field: ScriptField, given: ScriptAnswer): ScriptAnswer {
  const refuse = (detail: string): never => {
    throw new CodedError('bad-input', { field: field.name, detail: `${field.label}: ${detail}` });
  };
  const answer = typeof given === 'string' ? given.trim() : given;
  const empty = answer === null || answer === '' || (Array.isArray(answer) && answer.length === 0);
  if (empty || answer === false) {
    if (field.required) refuse(field.type === 'checkbox' ? 'this must be confirmed' : 'an answer is needed');
    return empty ? null : answer;
  }
  const problem = problemOf(field, answer);
  return problem === undefined ? answer : refuse(problem);
}

function problemOf({ type, options }: ScriptField, answer: ScriptAnswer): string | undefined {
  if (type === 'checkbox') return answer === true ? undefined : 'yes or no';
  if (type === 'choices')
    return Array.isArray(answer) && answer.every((one) => options.includes(one))
      ? undefined
      : 'choose of the options';
  if (typeof answer !== 'string') return 'a text is needed';
  if (type === 'choice') return options.includes(answer) ? undefined : 'choose one of the options';
  if (type === 'number') return Number.isFinite(Number(answer)) ? undefined : 'a number is needed';
  if (type === 'date') return isDate(answer) ? undefined : 'a date such as 2026-04-30 is needed';
  if (type === 'email')
    return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(answer) ? undefined : 'an e-mail address is needed';
  if (type === 'phone')
    return /\d{3}/.test(answer.replace(/\D/g, '')) ? undefined : 'a telephone number is needed';
  return undefined;
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
}
