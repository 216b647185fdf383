import { z } from 'zod';
import type { CallLogEntry } from './crm.ts';
import type { JoinedHost } from './crm-hosts.ts';
import type { ErrorBody } from './errors.ts';
import { RecordRef } from './facts.ts';
import { Command, type SoftphoneState } from './softphone.ts';

/** What each version of the wire brought, the first first: one line for every change of a schema (see wire.test.ts). */
export const PROTOCOL_HISTORY = ['The softphone, its host, the built-in CRM, the journal.'] as const;

/**
 * One WebSocket per page at `/api/socket`, text frames of JSON (`?format=xml` for state as XML).
 *
 *     page ── hello ──► server ── welcome, snapshot, phone ──► page;  then commands up, patches down, ping and pong both ways
 */
export const PROTOCOL_VERSION = PROTOCOL_HISTORY.length;

/** Subprotocol of the WebSocket, needed only beside `bearer.<token>`: a page without cookies has no other way to show its token. */
export const SOCKET_PROTOCOL = 'crosspoint';

/** The page must answer `ping` within this many milliseconds, or its tab counts as gone. */
export const HEARTBEAT_MS = 5_000;
export const HEARTBEAT_TIMEOUT_MS = 12_000;

export const Upstream = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number(),
    /** Chosen once per tab and kept over a reload (sessionStorage). */
    tabId: z.string().min(8).max(64),
    /** The page can carry audio: it is a secure context with WebRTC and a softphone on it. */
    canAudio: z.boolean(),
    /** The page shows records and can pop. */
    canPop: z.boolean(),
    /** Legs whose SIP session lives on in this page: none after a reload, all after a mere reconnection. */
    legs: z.array(z.string().max(80)).max(20).default([]),
    /** The page is in a frame of a page of this origin: of a CRM's. */
    hostOrigin: z.string().max(200).optional(),
  }),
  z.object({ type: z.literal('command'), command: Command }),
  z.object({ type: z.literal('pong') }),
  /** What the agent has in front of him: the server pops in the tab that was focused last and links logs to open records. */
  z.object({ type: z.literal('focus'), focused: z.boolean(), record: RecordRef.nullable().optional() }),
  /** How this tab's browser phone is. */
  z.object({ type: z.literal('phone'), registered: z.boolean(), problem: z.string().max(200).optional() }),
  /** What became of a `log.write`: the record in the CRM, or why there is none. */
  z.object({
    type: z.literal('log.written'),
    key: z.string().max(200),
    ref: RecordRef.optional(),
    problem: z.string().max(500).optional(),
  }),
]);
export type Upstream = z.infer<typeof Upstream>;

/** What the elected audio tab needs to register: credentials made for this sign-in only. */
export interface PhoneCredentials {
  /** Path of the SIP WebSocket on this origin. */
  path: string;
  username: string;
  password: string;
  domain: string;
  iceServers: { urls: string[]; username?: string; credential?: string }[];
}

export type Downstream =
  /** `host`: the CRM around the page, where an administrator has registered it. */
  | { type: 'welcome'; protocol: number; epoch: string; tabId: string; host?: JoinedHost }
  | { type: 'snapshot'; state: SoftphoneState }
  | { type: 'patch'; rev: number; serverNow: number; ops: PatchOperation[] }
  | { type: 'result'; commandId: string; ok: true }
  | { type: 'result'; commandId: string; ok: false; error: ErrorBody }
  /** This tab has the audio (credentials) or has it no more (null). */
  | { type: 'phone'; credentials: PhoneCredentials | null }
  /** Answer the SIP session whose X-Crosspoint-Leg is this. */
  | { type: 'phone.answer'; legId: string }
  /** Save this log in the CRM around the page: our server cannot. Idempotent by `key`; `log.written` answers. */
  | { type: 'log.write'; key: string; entry: CallLogEntry }
  | { type: 'ping' }
  | { type: 'bye'; error: ErrorBody };

/** An RFC 6902 operation. */
export interface PatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}
