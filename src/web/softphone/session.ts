import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { CommandInput } from '../client/pending-commands.ts';
import type { ClientView, SoftphoneClient } from '../client/softphone-client.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { Host, HostStatus } from '../hosts/host.ts';
import type { BrowserPhone, PhoneView } from '../phone/browser-phone.ts';
import type { Ring } from '../phone/ringer.ts';
import { alertingLines, mutedLegs, ringOf } from './lines.ts';
import { type DraftStorage, NotesDraft } from './notes-draft.ts';
import { isSimulated } from './phone-health.ts';
import { PopRunner } from './pop-runner.ts';
import { SavedLogs } from './saved-logs.ts';

/** What the page renders beside the server's state. A new object whenever something changed. */
export interface SessionView {
  client: ClientView;
  phone: PhoneView;
  signedOut: boolean;
  /** This tab has the audio of the user's calls. */
  audioHere: boolean;
  /** Commands on their way: `<line id> <verb>`, or only the verb. */
  pending: ReadonlySet<string>;
  host: HostStatus;
}

export interface SessionOptions {
  client: SoftphoneClient;
  phone: BrowserPhone;
  host: Host;
  ringer: { start(ring: Ring): void; stop(): void };
  notifier: { show(lines: SoftphoneState['lines']): void };
  /** The page around us says who its user is. */
  onContext(context: string): void;
  /** Asks the server who is signed in; rejects with `not-signed-in` when nobody is. */
  whoAmI(): Promise<unknown>;
  /** A command that nobody waits for failed: tell the agent. */
  onProblem(error: unknown): void;
  clock: Clock;
  /** Where typed notes are kept until the server has them. */
  storage: DraftStorage;
  /** This page cannot have a microphone at all: not https. */
  insecure: boolean;
}

type SessionEvents = { change: [] };

/**
 * One page's softphone: joins the server's state, the browser phone and the host, so that the components only render.
 *
 *     checking ── snapshot ──► signed in ── 401, bye not-signed-in ──► signed out ── signedIn() ──► checking
 */
export class SoftphoneSession {
  readonly #options: SessionOptions;
  readonly #emitter: Emitter<SessionEvents>;
  readonly #pops: PopRunner;
  readonly #logs = new SavedLogs();
  readonly #pending = new Map<string, number>();
  readonly #notes = new Map<string, NotesDraft>();
  #audioHere = false;
  #signedOut = false;
  #ringing = '';
  #view: SessionView;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#emitter = new Emitter((error) => options.onProblem(error));
    this.#pops = new PopRunner(options.client.tabId, (request) => options.host.pop(request));
    this.#view = this.#build();
  }

  getView = (): SessionView => this.#view;

  subscribe = (listener: () => void): (() => void) => this.#emitter.on('change', listener);

  serverNow = (): number => this.#options.client.serverClock.now();

  start(): void {
    const { client, phone, host } = this.#options;
    client.on('change', () => this.#stateChanged());
    client.on('phone', (credentials) =>
      this.#audio(credentials !== null, () => phone.start(this.#isSilent() ? null : credentials)),
    );
    client.on('phone.answer', (legId) => phone.answer(legId));
    client.on('unreachable', () => this.#check());
    phone.on('change', () => this.#phoneChanged());
    phone.on('dropped', () => client.connect());
    host.start({
      dial: (number, record) => this.run({ verb: 'dial', number, record }),
      focus: (focused, record) => client.reportFocus(focused, record),
      popped: (popId) => this.#popped(popId),
      changed: () => this.#show(),
      context: (context) => this.#options.onContext(context),
    });
    client.on('host', (registered) => host.registered?.(registered));
    client.on('log.write', (key, entry) => this.#writeLog(key, entry));
    if (this.#options.insecure) client.reportPhone(false, 'phone-insecure-page');
    client.connect();
  }

  /** Sends a command; rejects with its CodedError. The button that is `pending` meanwhile is named by line and verb. */
  async send(input: CommandInput): Promise<void> {
    const key = 'lineId' in input ? `${input.lineId} ${input.verb}` : input.verb;
    this.#count(key, 1);
    try {
      if (input.verb === 'mute') this.#mute(input.lineId);
      await this.#options.client.command(input);
    } finally {
      this.#count(key, -1);
    }
  }

  /** Sends a command whose failure is told to the agent. */
  run(input: CommandInput): void {
    this.send(input).catch((error: unknown) => this.#options.onProblem(error));
  }

  /** The notes of a line while they are typed: one draft per line, however often its form is shown. */
  notes(lineId: string, comments: string): NotesDraft {
    const { clock, storage } = this.#options;
    const save = (text: string) => this.send({ verb: 'log.edit', lineId, comments: text });
    const draft = this.#notes.get(lineId) ?? new NotesDraft(comments, { lineId, clock, storage, save });
    this.#notes.set(lineId, draft);
    return draft;
  }

  /** Ends the wrap-up once the last words are on the server. */
  async finishWrapUp(lineId: string): Promise<void> {
    try {
      await this.#notes.get(lineId)?.flush();
      await this.send({ verb: 'wrap.finish', lineId });
    } catch (error) {
      this.#options.onProblem(error);
    }
  }

  /** The page is left: what is typed goes out now. Calls are not touched. */
  leave(): void {
    for (const draft of this.#notes.values()) draft.flush().catch(() => {});
  }

  open(record: RecordRef): void {
    this.#options.host.open(record);
  }

  signedIn(): void {
    this.#signedOut = false;
    this.#options.client.connect();
    this.#show();
  }

  /** The sign-in is over: nothing of the user stays on the page. */
  signOut(): void {
    this.#signedOut = true;
    this.#options.phone.start(null);
    this.#options.client.disconnect();
    this.#audioHere = false;
    this.#options.host.signedOut();
    this.#show();
  }

  get #state(): SoftphoneState | undefined {
    return this.#options.client.view.state;
  }

  #stateChanged(): void {
    const { client, phone, host } = this.#options;
    if (client.view.refusal?.code === 'not-signed-in') return this.signOut();
    const state = this.#state;
    let popped = false;
    if (state) {
      phone.keepWarm(state.agent.shown !== 'logged-out');
      for (const [legId, muted] of mutedLegs(state.lines, new Set(this.#pending.keys())))
        phone.setMuted(legId, muted);
      host.signedIn?.();
      host.calls?.(state.lines);
      host.dialState(state.dial.enabled, state.dial.enabled ? '' : state.dial.text);
      this.#followNotes(state);
      popped = this.#pops.follow(state.lines);
      const changed = this.#logs.follow(state);
      if (changed.length > 0) host.changed(changed);
    }
    this.#ring(state);
    // The page around us runs on our thread: it shows the record first, then we draw ourselves.
    if (popped) this.#options.clock.after(0, () => this.#show());
    else this.#show();
  }

  #followNotes(state: SoftphoneState): void {
    for (const [lineId, draft] of this.#notes) {
      const log = state.lines.find((line) => line.id === lineId)?.log;
      if (log) draft.serverSays(log.comments);
      else {
        draft.close();
        this.#notes.delete(lineId);
      }
    }
  }

  #ring(state: SoftphoneState | undefined): void {
    const { ringer, notifier, host, client } = this.#options;
    const lines = alertingLines(state);
    const ring = ringOf(state, client.tabId);
    if (ring) ringer.start(ring);
    else ringer.stop();
    const ids = lines.map((line) => line.id).join(' ');
    if (ids === this.#ringing) return;
    this.#ringing = ids;
    notifier.show(lines);
    host.ringing(lines.length > 0);
  }

  #phoneChanged(): void {
    const { status, problem } = this.#options.phone.view;
    if (this.#audioHere) this.#options.client.reportPhone(status === 'ready', problem);
    this.#show();
  }

  #audio(here: boolean, apply: () => void): void {
    this.#audioHere = here;
    apply();
    this.#phoneChanged();
  }

  /** A simulated telephone system has nothing that a phone could register at. */
  #isSilent(): boolean {
    return isSimulated(this.#state?.platforms ?? []);
  }

  /** Silence at once; the server mutes as well, and its state then holds. */
  #mute(lineId: string): void {
    const legId = this.#state?.lines.find((line) => line.id === lineId)?.legId;
    if (legId) this.#options.phone.setMuted(legId, true);
  }

  #popped(popId: string): void {
    const line = this.#state?.lines.find((one) => one.pop?.id === popId);
    if (line) this.run({ verb: 'pop.done', lineId: line.id, popId });
  }

  /** Our server has no connection to the CRM around us: this page writes the log, and says what became of it. */
  #writeLog(key: string, entry: CallLogEntry): void {
    const { client, host } = this.#options;
    const written = host.saveLog?.(key, entry) ?? Promise.reject(new Error('this page can write no logs'));
    written.then(
      (ref) => client.reportLog(key, { ref }),
      (error: unknown) =>
        client.reportLog(key, {
          problem: (error instanceof Error ? error.message : String(error)).slice(0, 500),
        }),
    );
  }

  #check(): void {
    this.#options.whoAmI().catch((error: unknown) => {
      if (error instanceof CodedError && error.code === 'not-signed-in') this.signOut();
    });
  }

  #count(key: string, by: 1 | -1): void {
    const count = (this.#pending.get(key) ?? 0) + by;
    if (count > 0) this.#pending.set(key, count);
    else this.#pending.delete(key);
    this.#show();
  }

  #build(): SessionView {
    const { client, phone } = this.#options;
    return {
      client: client.view,
      phone: phone.view,
      signedOut: this.#signedOut,
      audioHere: this.#audioHere,
      pending: new Set(this.#pending.keys()),
      host: this.#options.host.status,
    };
  }

  #show(): void {
    this.#view = this.#build();
    this.#emitter.emit('change');
  }
}
