import { z } from 'zod';
import { FieldValue } from './crm.ts';
import { RecordRef } from './facts.ts';

/**
 * Agent scripts: what an agent is led through beside the record while he talks. A script is a list of steps, the first one
 * begins; its runs keep the version that they began with. Bodies of `/api/scripts` and `/api/script-runs`; Setup's form checks
 * by the same schemas, and by `scriptProblems` (script-check.ts).
 */

const text = (max: number) => z.string().max(max, `at most ${max} characters`);
const label = text(120).trim().min(1, 'this is needed');
const stepId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'small letters, digits and -, at most 40');
/** Name of an answer or a record inside a script, by which texts and conditions speak of it. */
const variable = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'letters, digits and _, at most 40, a letter first');
const apiName = z.string().regex(/^\w{1,80}$/, 'the API name of an object or field');

/** Where it goes on; null ends the script. */
const Next = stepId.nullable();

/**
 * A text with placeholders: `{ANI}` and the other values of a call (layouts.ts), `{data:key}` of the call data, `{answer:name}`,
 * `{record:name.Field}`. What is not there is empty.
 */
export const ScriptText = text(4_000);

export const SCRIPT_FIELD_TYPES = [
  'text',
  'textarea',
  'number',
  'date',
  'phone',
  'email',
  'checkbox',
  'choice',
  'choices',
] as const;

export const ScriptField = z.object({
  name: variable,
  label,
  type: z.enum(SCRIPT_FIELD_TYPES),
  help: text(400).default(''),
  required: z.boolean().default(false),
  /** Of `choice` and `choices`. */
  options: z.array(text(120).trim().min(1, 'this is needed')).max(50, 'at most 50').default([]),
  /** What stands there at first, a text with placeholders. */
  initial: text(400).default(''),
  /** Neither in the call data nor shown afterwards: it is forgotten when the script ends. */
  sensitive: z.boolean().default(false),
});
export type ScriptField = z.infer<typeof ScriptField>;

/** Compared as numbers where both sides are numbers, else as texts without regard to case. */
export const ScriptCondition = z.object({
  /** A text with placeholders, such as `{answer:reason}`. */
  left: text(400).min(1, 'this is needed'),
  is: z.enum(['equal', 'not-equal', 'contains', 'greater', 'less', 'empty', 'filled']),
  right: text(400).default(''),
});
export type ScriptCondition = z.infer<typeof ScriptCondition>;

const FieldTexts = z
  .record(apiName, text(1_000))
  .refine((fields) => Object.keys(fields).length > 0, 'at least one field')
  .refine((fields) => Object.keys(fields).length <= 40, 'at most 40');

const step = { id: stepId, title: label };

export const ScriptStep = z.discriminatedUnion('kind', [
  /** What the agent says and asks. */
  z.object({
    ...step,
    kind: z.literal('screen'),
    text: ScriptText.default(''),
    fields: z.array(ScriptField).max(30, 'at most 30').default([]),
    next: Next,
  }),
  /** The first rule whose conditions all hold leads on. */
  z.object({
    ...step,
    kind: z.literal('branch'),
    rules: z
      .array(z.object({ all: z.array(ScriptCondition).min(1, 'at least one').max(10), next: Next }))
      .min(1, 'at least one')
      .max(20, 'at most 20'),
    otherwise: Next,
  }),
  /** Finds the record whose field has this value, and keeps it under a name. */
  z.object({
    ...step,
    kind: z.literal('lookup'),
    object: apiName,
    field: apiName,
    value: text(400).min(1, 'this is needed'),
    into: variable,
    found: Next,
    missing: Next,
  }),
  /** Changes a record that the script has, as the agent may. */
  z.object({
    ...step,
    kind: z.literal('update'),
    record: variable,
    fields: FieldTexts,
    next: Next,
    /** Where it goes when the CRM refuses: the agent is told why. */
    failed: Next,
  }),
  /** A new record, as the agent may; it is kept under a name. */
  z.object({
    ...step,
    kind: z.literal('create'),
    object: apiName,
    fields: FieldTexts,
    into: variable,
    next: Next,
    failed: Next,
  }),
  /** The end: what the agent says last, the wrap-up code of the call. */
  z.object({
    ...step,
    kind: z.literal('end'),
    text: ScriptText.default(''),
    /** The label of a wrap-up code, set if the call's queue has one; null leaves it to the agent. */
    disposition: text(80).trim().min(1).nullable().default(null),
  }),
]);
export type ScriptStep = z.infer<typeof ScriptStep>;
export type ScriptStepKind = ScriptStep['kind'];

export const ScriptInput = z.object({
  label,
  /** By which an Open CTI adapter names it (`flowDevName`); unique. */
  name: variable,
  description: text(400).default(''),
  /** Only an active script pops and can be begun; it must be without problems. */
  active: z.boolean().default(false),
  steps: z.array(ScriptStep).min(1, 'at least one').max(200, 'at most 200'),
});
export type ScriptInput = z.infer<typeof ScriptInput>;

/** What keeps a script from being active; `step` is where. */
export const ScriptProblem = z.object({ step: z.string(), detail: z.string() });
export type ScriptProblem = z.infer<typeof ScriptProblem>;

export const Script = ScriptInput.extend({
  id: z.string(),
  version: z.number(),
  changedAt: z.number(),
  problems: z.array(ScriptProblem),
});
export type Script = z.infer<typeof Script>;

/** A checkbox answers true or false, `choices` what was chosen, everything else a text; null is no answer. */
export const ScriptAnswer = z.union([
  z.string().max(4_000),
  z.boolean(),
  z.array(z.string().max(120)).max(50),
  z.null(),
]);
export type ScriptAnswer = z.infer<typeof ScriptAnswer>;
export const ScriptAnswers = z
  .record(variable, ScriptAnswer)
  .refine((answers) => Object.keys(answers).length <= 30, 'at most 30');
export type ScriptAnswers = z.infer<typeof ScriptAnswers>;

/** A step as the agent sees it, its texts filled in. */
export const ScriptScreen = z.object({
  stepId: z.string(),
  kind: z.enum(['screen', 'end']),
  title: z.string(),
  text: z.string(),
  fields: z.array(ScriptField.extend({ answer: ScriptAnswer })),
  /** There is a screen before it. */
  canGoBack: z.boolean(),
  /** The CRM refused what the step before wanted. */
  notice: z.string().nullable(),
});
export type ScriptScreen = z.infer<typeof ScriptScreen>;

export const ScriptRun = z.object({
  id: z.string(),
  /** Changes with every step: one that names an old one is refused as a conflict. */
  rev: z.number(),
  scriptId: z.string(),
  version: z.number(),
  label: z.string(),
  conversationId: z.string().nullable(),
  userId: z.string(),
  state: z.enum(['running', 'finished', 'stopped']),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  /** Null when it is not running. */
  screen: ScriptScreen.nullable(),
  /** What was answered, in the order asked; sensitive ones are left out. */
  answers: z.array(z.object({ name: z.string(), label: z.string(), value: z.string() })),
  /** Records that the script found or made. */
  records: z.array(z.object({ name: z.string(), record: RecordRef })),
  /** The wrap-up code that it set, or why it could not: in words. */
  outcome: z.string().nullable(),
});
export type ScriptRun = z.infer<typeof ScriptRun>;

export const ScriptRunStart = z.object({
  scriptId: z.string().max(80).optional(),
  /** Instead of its id. */
  name: variable.optional(),
  /** The call that it is run for; without one it is a try, of which nothing is kept with a call. */
  conversationId: z.string().max(80).optional(),
  /** A record to begin with, known to the script as `caller`. Default: the one that matches the caller. */
  recordId: z.string().max(80).optional(),
  /** Answers given beforehand, such as a flow's arguments. */
  answers: z.record(z.string().max(40), FieldValue).default({}),
});
export type ScriptRunStart = z.infer<typeof ScriptRunStart>;

export const ScriptRunStep = z.object({
  rev: z.number(),
  /** `next` needs the screen's answers; `back` keeps them as they are. */
  to: z.enum(['next', 'back', 'stop']),
  answers: ScriptAnswers.default({}),
});
export type ScriptRunStep = z.infer<typeof ScriptRunStep>;
