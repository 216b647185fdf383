/**
 * A flow that is tried out: the draft, run by the interpreter itself, with somebody at the page in place of a caller. What he would
 * hear is text, time stands still until it is let pass, and nobody is rung, written to or recorded.
 */
import { z } from 'zod';
import { DataKey } from './flows.ts';

/** Who seems to call, and when. */
export const FlowTrialStart = z.object({
  ani: z.string().trim().max(40).default(''),
  dnis: z.string().trim().max(40).default(''),
  /** UTC milliseconds; now when absent. */
  at: z.number().int().min(0).max(8e15).optional(),
  /** What is known of the call before. */
  data: z.record(DataKey, z.string().max(1_024)).default({}),
});
export type FlowTrialStart = z.infer<typeof FlowTrialStart>;

export const FlowTrialAct = z.discriminatedUnion('act', [
  z.object({ act: z.literal('keys'), keys: z.string().regex(/^[0-9*#]{1,40}$/, 'digits, * and #') }),
  /** Spoken to a node that listens. */
  z.object({ act: z.literal('speak'), text: z.string().trim().min(1).max(400) }),
  /** Lets time pass until the flow goes on by itself. */
  z.object({ act: z.literal('wait') }),
  /** Who is rung does not answer. */
  z.object({ act: z.literal('no-answer') }),
  z.object({ act: z.literal('hang-up') }),
]);
export type FlowTrialAct = z.infer<typeof FlowTrialAct>;

export const FlowTrialEntry = z.object({
  /** Milliseconds since the call came, in the time of the trial. */
  ms: z.number(),
  /** Where it happened. */
  nodeId: z.string().nullable(),
  kind: z.enum([
    /** The caller hears this text, or recording. */
    'said',
    /** He presses keys, or speaks. */
    'keyed',
    'spoke',
    /** The node was left by `exit`. */
    'exit',
    /** Something else happens: data is kept, the call waits in a queue, it is over. */
    'event',
  ]),
  text: z.string(),
  /** Of what is said: the recording that is played instead. */
  recordingId: z.string().optional(),
  exit: z.string().optional(),
});
export type FlowTrialEntry = z.infer<typeof FlowTrialEntry>;

export const FlowTrial = z.object({
  id: z.string(),
  flowId: z.string(),
  /** The draft that is tried. */
  draftRev: z.number().int(),
  /** Where the caller is; null once it is over. */
  nodeId: z.string().nullable(),
  /** What the flow waits for. */
  waitsFor: z.enum(['keys', 'speech', 'time', 'answer', 'nothing']),
  /** Milliseconds until it goes on by itself; null: it does not. */
  nextMs: z.number().nullable(),
  over: z.boolean(),
  /** Milliseconds since the call came. */
  ms: z.number(),
  entries: z.array(FlowTrialEntry),
  data: z.array(z.object({ key: z.string(), value: z.string(), masked: z.boolean() })),
});
export type FlowTrial = z.infer<typeof FlowTrial>;
