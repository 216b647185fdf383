/**
 * What a kind of node is: one file each in `nodes/`, with the schema of its settings, its exits, its help text and what it does
 * with the caller. It does it through a `Talk`, which is the same on a telephone, in a test and where a flow is tried out.
 */
import type { z } from 'zod';
import type { Address } from '../../protocol/address.ts';
import type { FlowNodeKind } from '../../protocol/flow-nodes.ts';
import type { FlowPrompt } from '../../protocol/flows.ts';
import type { HoursState } from '../../protocol/hours.ts';
import type { Requirement } from '../../protocol/skills.ts';
import type { VoicemailBox } from '../../protocol/waiting.ts';
import type { FoundRecord } from '../crm/find-record.ts';
import type { Expectation } from '../speech/ports.ts';
import { fieldsOf } from './fields.ts';

/** How a node ends: by an exit, or with the caller being somebody else's business now (a queue's, a user's, or gone). */
export type Outcome =
  | {
      exit: string;
      /** The exit in its place when it leads nowhere. */
      otherwise?: string;
    }
  | { handedOver: true };

export const HANDED_OVER: Outcome = { handedOver: true };

export interface KeyReading {
  /** Keys at most. */
  max: number;
  /** The key that ends it and does not count; none without. */
  terminator?: string;
  /** Milliseconds until the first key. */
  firstMs: number;
  /** Milliseconds between two keys. */
  betweenMs: number;
}

/** What a caller is to say. */
export interface SpokenQuestion {
  expected: Expectation;
  /** How long he may be silent after the prompt; milliseconds. */
  silenceMs: number;
  /** Silence of this length ends what he says. */
  endMs: number;
}

export type SpokenAnswer =
  /** The digits, `yes` or `no`, the name of the choice. */
  | { kind: 'understood'; value: string }
  /** Two things fit; nothing fits; he said nothing. */
  | { kind: 'ambiguous' | 'not-understood' | 'silence' }
  /** He pressed a key, which is to be read. */
  | { kind: 'keyed' }
  /** There is no engine for his language, or it fails. */
  | { kind: 'unheard' };

export interface WebRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  timeoutMs: number;
}

export interface WebAnswer {
  status: number;
  body: string;
}

/** Where a call waits, and how it is ranked there. */
export interface QueuePlace {
  queueId: string;
  priority: number;
  /** Whom the queue's rule may let him wait for. */
  preferredUserId?: string;
  /** What is asked for him beside what the queue asks. */
  requirements?: readonly Requirement[];
}

/** A conversation with one caller, as a node has it. Everything rejects with GoneError once he is gone or talks to somebody. */
export interface Talk {
  readonly conversationId: string;
  readonly callId: string;
  readonly ani: Address;
  readonly dnis: Address;
  /** When the call came, and what time it is: UTC milliseconds. */
  readonly startedAt: number;
  now(): number;
  /** When the caller came to this node. */
  readonly enteredAt: number;
  /** The language of the dialogue now: a tag such as `en`. */
  language(): string;
  /** Says it; `keyed` when the caller pressed a key meanwhile, which ends it unless `through`. */
  say(prompt: FlowPrompt, options?: { through?: boolean }): Promise<'done' | 'keyed'>;
  /**
   * Says it, and listens while it is said and after it: what he says over it ends it, and so does a key. Where nobody can hear him
   * it is said to its end.
   */
  ask(prompt: FlowPrompt, question: SpokenQuestion): Promise<SpokenAnswer>;
  /** Keys that the caller has pressed and nobody has read, then those that he presses now. */
  readKeys(reading: KeyReading): Promise<{ keys: string; ended: 'full' | 'terminator' | 'timeout' }>;
  /** Keys that nobody has read are forgotten. */
  clearKeys(): void;
  /** Resolves after so many milliseconds, or rejects when he is gone. */
  pause(ms: number): Promise<void>;
  /** The value of call data; a sensitive one is known in this dialogue only. */
  get(key: string): string | undefined;
  /** Sensitive: neither journalled nor logged, and gone when the server is restarted. */
  set(values: Readonly<Record<string, string>>, options?: { sensitive?: boolean }): void;
  /** The text with its placeholders filled in. */
  fill(template: string): string;
  /** Somebody was rung since the caller came to this node, and did not take the call. */
  rungInVain(): boolean;
  readonly services: FlowServices;
}

/** What nodes ask of the rest of the program. */
export interface FlowServices {
  /** Undefined: there are no such hours. */
  hoursAt(hoursId: string, at: number): HoursState | undefined;
  /** The record whose field has the value. @throws CodedError for a CRM that cannot say. */
  findRecord(object: string, field: string, value: string): Promise<FoundRecord | undefined>;
  /** What the caller is matched with from now on: it goes before his number. */
  match(talk: Talk, record: FoundRecord, by: { object: string; field: string; value: string }): void;
  /** @throws for an address that may not be asked, and for what does not answer in time. */
  request(request: WebRequest): Promise<WebAnswer>;
  /** Undefined: there is no secret of this name. */
  secret(name: string): Promise<string | undefined>;
  knowsQueue(queueId: string): boolean;
  /** The caller waits there, with music; whoever is to take him is found by routing. */
  enqueue(talk: Talk, place: QueuePlace): Promise<void>;
  /** How many wait in the queue now, and how long one more would wait, in milliseconds; undefined: nobody can say honestly. */
  waitingIn(queueId: string): { waiting: number; waitMs: number | undefined };
  /** Rings him or the number. @throws CodedError when nobody can be rung. */
  ringUser(talk: Talk, userId: string, ringMs: number): Promise<void>;
  ringNumber(talk: Talk, number: Address, ringMs: number): Promise<void>;
  /** A number as somebody would dial it in the country of the call center. */
  readNumber(text: string): Address;
  /** Begins, or ends, recording what the caller says and hears. @throws CodedError when a rule forbids it, or nothing can record. */
  record(talk: Talk, on: boolean): Promise<void>;
  hangUp(talk: Talk): Promise<void>;
  /** He is asked for a number and called there later. False: he did not confirm one. */
  callback(talk: Talk, place: Pick<QueuePlace, 'queueId' | 'priority'>): Promise<boolean>;
  /** He leaves a message, and is hung up. */
  voicemail(talk: Talk, box: VoicemailBox): Promise<void>;
}

/** The caller is gone, or talks to somebody: the node ends, and so does the dialogue. */
export class GoneError extends Error {
  constructor() {
    super('the caller is gone');
    this.name = 'GoneError';
  }
}

export interface NodeDefinition<S extends z.ZodObject = z.ZodObject> {
  readonly info: FlowNodeKind;
  readonly settings: S;
  run(settings: z.infer<S>, talk: Talk): Promise<Outcome>;
}

export type NodeInput<S extends z.ZodObject> = Omit<FlowNodeKind, 'fields'> & {
  settings: S;
  run(settings: z.infer<S>, talk: Talk): Promise<Outcome>;
};

/** A kind of node; the fields of its form are read off its schema. */
export function defineNode<S extends z.ZodObject>({
  settings,
  run,
  ...info
}: NodeInput<S>): NodeDefinition<S> {
  return { info: { ...info, fields: fieldsOf(settings) }, settings, run };
}
