import { z } from 'zod';
import { RecordRef } from './facts.ts';
import { PopPlace } from './layouts.ts';
import { PopKind } from './softphone.ts';

/**
 * What the softphone and the page it lives in (the host: our desktop, later Salesforce and others) say to each other
 * by postMessage. Both ends check the origin and the shape; every message carries `crosspoint: 1`.
 */
export const ToHost = z.discriminatedUnion('type', [
  z.object({ crosspoint: z.literal(1), type: z.literal('ready') }),
  /** Show this: the host answers `popped`. It never replaces a form with unsaved changes: then it opens beside it. */
  z.object({
    crosspoint: z.literal(1),
    type: z.literal('pop'),
    popId: z.string(),
    decision: PopKind,
    record: RecordRef.optional(),
    number: z.string(),
    object: z.string().optional(),
    prefill: z.record(z.string(), z.string()).optional(),
    url: z.string().optional(),
    open: PopPlace.default('tab'),
  }),
  /** Something about this record was written (a call log): refresh what shows it. */
  z.object({ crosspoint: z.literal(1), type: z.literal('changed'), recordIds: z.array(z.string()) }),
  /** Click-to-dial may be shown as enabled or not, and why not. */
  z.object({
    crosspoint: z.literal(1),
    type: z.literal('dial-state'),
    enabled: z.boolean(),
    text: z.string(),
  }),
  /** A call rings (show the softphone if it is hidden), or none does any more. */
  z.object({ crosspoint: z.literal(1), type: z.literal('ringing'), on: z.boolean() }),
  /** The agent asked to see this record. */
  z.object({ crosspoint: z.literal(1), type: z.literal('open'), record: RecordRef }),
  z.object({ crosspoint: z.literal(1), type: z.literal('signed-out') }),
  /** Nobody is signed in: a page of another site answers `sign-in` if it can. */
  z.object({ crosspoint: z.literal(1), type: z.literal('sign-in-wanted') }),
]);
export type ToHost = z.infer<typeof ToHost>;

export const FromHost = z.discriminatedUnion('type', [
  z.object({ crosspoint: z.literal(1), type: z.literal('host'), canPop: z.boolean() }),
  z.object({
    crosspoint: z.literal(1),
    type: z.literal('dial'),
    number: z.string(),
    record: RecordRef.optional(),
  }),
  z.object({
    crosspoint: z.literal(1),
    type: z.literal('focus'),
    focused: z.boolean(),
    record: RecordRef.nullable(),
  }),
  z.object({ crosspoint: z.literal(1), type: z.literal('popped'), popId: z.string() }),
  /** Of another site: a signed context that says who the user is (docs/hosts.md). */
  z.object({ crosspoint: z.literal(1), type: z.literal('sign-in'), context: z.string().max(8_000) }),
]);
export type FromHost = z.infer<typeof FromHost>;
