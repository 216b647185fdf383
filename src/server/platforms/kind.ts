/** What a kind of telephone system is: its settings, how a platform is made from them, and how they are checked. */
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { CodedError } from '../../protocol/errors.ts';
import type { PlatformReport } from '../../protocol/platforms.ts';
import type { Conversations } from '../telephony/conversations.ts';
import type {
  CallControl,
  LinkState,
  PlatformAcd,
  Provisioning,
  Switch,
  TransferTarget,
} from '../telephony/ports.ts';
import type { VoiceFor } from '../telephony/speech/speech.ts';

export interface PlatformContext {
  /** The platform's id, which its switch has too. */
  id: string;
  label: string;
  clock: Clock;
  log: Logger;
  /** Something that may be kept in, for this platform alone; made on first use by whoever needs it. */
  folder: string;
  /** The voice that speaks a language; see Speech. */
  voiceFor?: VoiceFor;
  /** For a PBX that routes by itself: where its calls are shown. Called when it is started, not before. */
  mirrorHost(): MirrorHost;
}

/** Where a PBX that routes by itself shows its calls, and learns whose phones are whose. */
export interface MirrorHost {
  conversations: Conversations;
  /** Users whose telephone system it is. */
  users(platformId: string): PlatformUser[];
  /** ISO 3166 code of the platform's numbers. */
  country(platformId: string): string;
  /** Its agents and calls are at hand from now on. Returns what takes them away again. */
  enter(platformId: string, pbx: MirroredPbx): () => void;
}

export interface PlatformUser {
  userId: string;
  /** Our id of his phone there. */
  deviceId: string;
  name: string;
  extension: string | null;
}

/** What a PBX that routes by itself brings. */
export interface MirroredPbx {
  acd: PlatformAcd;
  control: CallControl;
  /** Why a call cannot be given to this user or queue of its; undefined when it can. */
  refusal(target: TransferTarget): CodedError | undefined;
  link(): LinkState;
  /** Told of every change of the connection. */
  onLink(listener: (link: LinkState) => void): () => void;
  /** The name of the phone that has this extension, such as `PJSIP/201`. */
  deviceOf(extension: string): string;
  /** Queues for an agent who logs in and is in none. */
  loginQueues: readonly string[];
  /** Users came, went, or have other extensions. */
  usersChanged(): void;
}

/**
 * A telephone system that was made from its settings. Each role is optional: a switch's calls are controlled by our engine,
 * a PBX with call control of its own enters the mirror host with it.
 */
export interface Platform {
  /** Legs and bridges. Its id is the context's. */
  switch?: Switch;
  /** Users' devices; where there is none nothing can be put on it at run time. */
  provisioning?: Provisioning;
  /** The connection now. */
  link(): LinkState;
  /** Told of every change of the connection. Returns what stops it. */
  onLink(listener: (link: LinkState) => void): () => void;
  /** Connects and keeps connecting; rejects when it is not up in time, and goes on trying. */
  start(deadlineMs: number): Promise<void>;
  /** Why it is down, in its own settings' words. */
  problem?(): string | undefined;
  /** Where browser phones of this platform reach SIP, with the certificate that is trusted beside the usual ones. */
  sip?(): SipUpstream | undefined;
  /** Where plain SIP phones register: shown to their owners. */
  registrar?(): { domain: string; port: number };
  /** Ends our end only: calls go on. */
  close(): Promise<void>;
}

export interface SipUpstream {
  /** `ws:` or `wss:`. */
  url: string;
  /** PEM; trusted beside the usual ones. */
  ca?: string;
}

export interface PlatformKind<S extends z.ZodObject = z.ZodObject> {
  kind: string;
  label: string;
  help: string;
  /**
   * Each field with `.meta({ title, description, placeholder?, secret?, long? })`. A `secret` one is stored, and never shown
   * nor logged. Unknown fields are refused.
   */
  settings: S;
  /** Its calls are shown and controlled here, and routed there: neither flows nor our ACD touch them. */
  routesItself?: true;
  create(settings: z.output<S>, context: PlatformContext): Platform | Promise<Platform>;
  /** Says in plain words what is wrong with these settings; connects on its own and disturbs no call. */
  check?(settings: z.output<S>, context: Omit<PlatformContext, 'id' | 'mirrorHost'>): Promise<PlatformReport>;
}

/** A kind with its settings' type put aside, as the registry holds them. */
export type AnyPlatformKind = PlatformKind<z.ZodObject>;

/** Makes a kind; the settings that `create` and `check` get have been validated by its schema. */
export function platformKind<S extends z.ZodObject>(kind: PlatformKind<S>): AnyPlatformKind {
  return kind as unknown as AnyPlatformKind;
}

/** The platform's connection is its switch's. */
export function ofSwitch(node: Switch): Pick<Platform, 'switch' | 'link' | 'onLink' | 'start'> {
  return {
    switch: node,
    link: () => node.link,
    onLink: (listener) => node.events.on('link', listener),
    start: (deadlineMs) => node.start({ deadlineMs }),
  };
}
