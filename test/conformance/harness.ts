/**
 * What the conformance suite needs from whoever wants a connector checked: the connector, and hands on the far end of its
 * switch. The suite never sees a clock or a socket; time is the harness's, virtual or real.
 */
import type {
  Endpoint,
  ProvisionedDevice,
  Provisioning,
  Switch,
  SwitchAbility,
} from '../../src/server/telephony/ports.ts';

/**
 * What a harness or a switch may lack. Each one must be declared with its reason; the checks that need it are then listed as
 * not run, never silently left out.
 */
export type Feature =
  /** What the switch itself cannot do: `capabilities.missing`. */
  | SwitchAbility
  /** Calls carry sound: `capabilities.audio`. */
  | 'audio'
  /** Browser phones can register: `capabilities.browserPhone`. */
  | 'browser-phone'
  /** The harness can tell what a far party hears. Without it those checks see commands and facts only. */
  | 'hearing'
  /** The harness can tell the voice of another party from music and announcements. */
  | 'voice'
  /** The switch can speak text. */
  | 'text'
  /** The harness sees with which cause its call was refused. */
  | 'refusal-cause'
  /** The harness sees the number that a called phone shows. */
  | 'caller-id'
  /** The harness hears ringing before the answer (SIP 180). */
  | 'ringing'
  /** The harness can press keys. */
  | 'press-digits'
  /** The harness sees the digits that the switch sends. */
  | 'hear-digits'
  /** A far phone can put us on hold by itself. */
  | 'phone-hold'
  /** The harness sees the SIP headers of a call that reaches a phone. */
  | 'see-headers'
  /** The harness can cut the link between connector and switch and restore it. */
  | 'link-cut'
  /** The harness can restart the switch so that it loses everything. */
  | 'restart'
  /** The harness can let the switch fall silent while the connection stays open. */
  | 'stall'
  /** Phones register at the switch with a password: the Provisioning role. */
  | 'registration';

/** `voice`: another party of the same bridge. `sound`: anything else that is not silence. */
export type Heard = 'silence' | 'sound' | 'voice';

/** How a called phone behaves; all but `unanswered` do it by themselves soon after they ring. */
export type Behaviour =
  | 'answers'
  | 'busy'
  | 'rejects'
  | 'unanswered'
  /** It says something before the answer, which never comes (SIP 183 with SDP). */
  | 'early-media'
  /** It rings, and answers when it is told to (`Event: talk`); needs `talk-event`. */
  | 'told';

/** One far party's end of one call. Reads are of this moment; the suite asks again until its deadline. */
export interface FarCall {
  /** Whoever called: the call has been answered. */
  answered(): boolean;
  /** It rings: at the called phone, or as ringing tone for a caller (needs `ringing`). */
  ringing(): boolean;
  ended(): boolean;
  /** Why the switch refused this caller; needs `refusal-cause`. */
  refusal(): 'busy' | 'rejected' | 'not-found' | 'congestion' | undefined;
  /** The number this called phone shows; needs `caller-id`. */
  callerNumber(): string | undefined;
  /** What it hears now, over the last 200 ms or so; needs `hearing`. Every answered party talks all the time. */
  hears(): Promise<Heard>;
  /** Whether it hears that party now; needs `hearing` and `voice`. */
  hearsFrom(other: FarCall): Promise<boolean>;
  /** Digits that arrived here; needs `hear-digits`. */
  digits(): string;
  /** Presses these keys one after the other; needs `press-digits`. */
  press(digits: string): Promise<void>;
  /** The phone's own hold button; needs `phone-hold`. */
  hold(on: boolean): Promise<void>;
  /** A header of the call that reached this phone; needs `see-headers`. */
  header(name: string): string | undefined;
  /**
   * The phone's own transfer button: to a number, or with `replaces` by joining a second call of the same phone (attended).
   * Needs `transfer-request`.
   */
  transfer(to: string, replaces?: FarCall): Promise<void>;
  /** What the phone knows of the transfer that it asked for. */
  transferProgress(): 'trying' | 'done' | 'failed' | undefined;
  hangup(): Promise<void>;
}

/** Somebody who can be called. */
export interface Callee {
  endpoint: Endpoint;
  /** The latest call that reached it. */
  call(): FarCall | undefined;
}

/** A phone that registers; needs `registration` (and `browser-phone` when its kind is `browser`). */
export interface FarDevice extends Callee {
  /** False when the switch refused the password. */
  register(password: string): Promise<boolean>;
  unregister(): Promise<void>;
}

export interface Connector {
  switch: Switch;
  /** Without it the driver declares that `registration` is lacking. */
  provisioning?: Provisioning;
}

/** Milliseconds of the harness's time. */
export interface Pace {
  /** How long anything that must happen may take. */
  deadlineMs: number;
  /** How long the suite looks that something does not happen. */
  quietMs: number;
  /** Ring time-out used in checks; longer than `answers` takes. */
  ringMs: number;
  /** Fallback used in checks. */
  fallbackMs: number;
  /** How long the apology may last. */
  apologyMs: number;
  /** How often the suite looks. */
  stepMs: number;
}

export const DEFAULT_PACE: Pace = {
  deadlineMs: 15_000,
  quietMs: 300,
  ringMs: 1_000,
  fallbackMs: 1_500,
  apologyMs: 15_000,
  stepMs: 5,
};

/** Made anew for each check. A real switch may be shared by all harnesses: legs of other checks are not looked at. */
export interface SwitchHarness {
  /** A connector that is not started, to the same switch each time: a process that was started anew has a new one. */
  connect(): Connector | Promise<Connector>;
  time: { now(): number; wait(ms: number): Promise<void> };
  /** What `Arrival.entry` says for calls made by `call()`. */
  entry: string;
  /** Somebody calls in. Resolves when the call was sent. */
  call(options: { ani: string; dnis: string; callerName: string }): Promise<FarCall>;
  /** Somebody outside, ready to be called. */
  callee(behaviour: Behaviour): Promise<Callee>;
  /** A phone that could register under this name; it answers when it is called. */
  device(device: Pick<ProvisionedDevice, 'name' | 'kind'>): Promise<FarDevice>;
  /** A WAV file of about one second that the switch can play. */
  soundFile(): Promise<string>;
  /** The name of a short sound that the switch ships. */
  soundName: string;
  cutLink(): Promise<void>;
  restoreLink(): Promise<void>;
  restartSwitch(): Promise<void>;
  /** The switch falls silent, or goes on, while the connection stays open; needs `stall`. */
  stall(on: boolean): Promise<void>;
  /** Ends every far party and removes what was made for this check. The suite has closed the connectors. */
  dispose(): Promise<void>;
}

/** What a conformance suite is pointed at. */
export interface ConformanceDriver {
  /** Heads the list of checks. */
  name: string;
  /** Called once for each check; a rejection fails the check. */
  harness(): Promise<SwitchHarness>;
  /** What is lacking, and why. */
  lacks?: Partial<Record<Feature, string>>;
  pace?: Partial<Pace>;
  /** Checks that may run at the same time, when each harness has a telephone system of its own; default 1. */
  parallel?: number;
}
