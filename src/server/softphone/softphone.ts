/**
 * The CTI connector: one state per user, assembled from what the model, routing and the call center hold, sent to all of
 * the user's pages as a snapshot, then as patches; and the door through which their commands come.
 *
 *     model, routing, phones, CRM ── something changed ──► the user's state is due ── within some milliseconds ──► patch
 */
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { JoinedHost } from '../../protocol/crm-hosts.ts';
import { CodedError, type ErrorBody } from '../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import { PROTOCOL_VERSION, type Upstream } from '../../protocol/socket.ts';
import type {
  Command,
  Notice,
  PersonalSettings,
  SoftphoneState,
  TransferTargets,
} from '../../protocol/softphone.ts';
import type { Crm } from '../crm/ports.ts';
import { markLogWritten, previousCalls } from '../history/previous-calls.ts';
import type { AgentStates } from '../routing/ports.ts';
import type { Database } from '../store/database.ts';
import type { OutboxHandler } from '../store/outbox.ts';
import { isStorable } from '../store/storable.ts';
import type { UserCalls } from '../telephony/call-controls.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Conversation, isLive } from '../telephony/model.ts';
import type { AgentDevice, LinkState, PersonalCallSettings, SwitchFact } from '../telephony/ports.ts';
import { followSwitches } from '../telephony/switches.ts';
import { peerName } from './assemble-line.ts';
import { Audio } from './audio.ts';
import { BrowserPhones } from './browser-phones.ts';
import { CallLayouts, type LayoutSource } from './call-layouts.ts';
import { Commands } from './commands.ts';
import { callLogHandler, type LogOutcome, Logs } from './logs.ts';
import { Matching } from './matching.ts';
import { PageLogs } from './page-logs.ts';
import { Parked } from './parked.ts';
import { Participants } from './participants.ts';
import { PersonalSettingsStore } from './personal-settings.ts';
import type {
  CallerIdOf,
  CallRecordings,
  ServingCrms,
  SiteCountryOf,
  SoftphoneDoor,
  SoftphonePlatforms,
  SoftphoneSettings,
  TabConnection,
  TabHandle,
} from './ports.ts';
import { ScriptedCalls } from './script-calls.ts';
import type { Outcome, Page, Seat } from './seat.ts';
import { Seats } from './seats.ts';
import { StandingLines } from './standing-lines.ts';
import { popTab } from './tabs.ts';
import { type DirectorySearch, TargetSearch } from './targets.ts';
import { hasLiveLeg, peerOf } from './user-calls.ts';

export interface SoftphoneOptions {
  acd: AgentStates;
  callerIdOf: CallerIdOf;
  clock: Clock;
  conversations: Conversations;
  crm: Crm;
  crms: ServingCrms;
  /** For its own tables and for the list of previous calls. */
  db: Database;
  engine: UserCalls;
  /** Undefined where calls are not recorded. */
  recordings: CallRecordings | undefined;
  platforms: SoftphonePlatforms;
  settings: SoftphoneSettings;
  layouts: LayoutSource;
  directories: DirectorySearch;
  siteCountryOf: SiteCountryOf;
  /** The CRM whose page has this origin. */
  hostAt(origin: string | undefined): JoinedHost | undefined;
  /** A log was closed and its write is in the outbox: wake it. */
  onLogClosed(): void;
  /** A page that writes logs is open: those that waited for one are due. */
  onLogWriter(): void;
  onError: (what: string, error: unknown, ids: { conversationId?: string; userId?: string }) => void;
}

/** How long a user without any page still counts as there, so that a reload is no absence, in milliseconds. */
const PRESENCE_GRACE_MS = 3_000;

export class Softphone implements SoftphoneDoor {
  /** One per process: pages that see a new one take a new snapshot. */
  readonly epoch = newId('epoch');
  readonly #o: SoftphoneOptions;
  readonly #life: Lifecycle;
  readonly #seats: Seats;
  readonly #leaving = new Map<string, () => void>();
  readonly #participants = new Participants();
  readonly #phones: BrowserPhones;
  readonly #audio: Audio;
  readonly #matching: Matching;
  readonly #layouts: CallLayouts;
  readonly #logs: Logs;
  readonly #pageLogs: PageLogs;
  readonly #commands: Commands;
  readonly #personal: PersonalSettingsStore;
  readonly #targets: TargetSearch;
  readonly #parked: Parked;
  readonly #standing: StandingLines;
  /** Users' calls, for agent scripts. */
  readonly scripted: ScriptedCalls;

  constructor(options: SoftphoneOptions) {
    this.#o = options;
    const { clock, conversations, crm, settings, platforms, onError } = options;
    const life = new Lifecycle(clock);
    this.#personal = new PersonalSettingsStore(options.db, settings);
    this.#parked = new Parked(settings);
    this.#life = life;
    this.#seats = new Seats({
      ...options,
      epoch: this.epoch,
      conversationsOf: (userId) => this.#conversationsOf(userId),
      previousCalls: (userId) => previousCalls(options.db, userId, 10),
      parts: () => ({
        audio: this.#audio,
        phones: this.#phones,
        logs: this.#logs,
        personal: this.#personal,
        parked: this.#parked,
        layouts: this.#layouts,
      }),
    });
    life.add(this.#seats);
    this.#phones = new BrowserPhones({
      ...options,
      platformOf: (userId) => settings.chosenDevice(userId).platformId,
      callerIdOf: (userId) => ({
        number: settings.user(userId)?.extension ?? '',
        name: settings.user(userId)?.name ?? '',
      }),
      onChanged: (userId) => this.#phoneChanged(userId),
      onError: (what, error) => onError(what, error, {}),
    });
    life.add(this.#phones);
    this.#audio = new Audio({
      ...options,
      phones: this.#phones,
      life,
      conversationsOf: (userId) => this.#conversationsOf(userId),
      onChanged: (userId) => this.refresh(userId),
    });
    this.#layouts = new CallLayouts({ ...options, onChanged: (userId) => this.refresh(userId) });
    this.#matching = new Matching({ crm, crms: options.crms, settings, conversations, clock, onError });
    this.#pageLogs = new PageLogs({ ...options, seatOf: (userId) => this.#seats.known(userId) });
    this.#logs = new Logs({
      ...options,
      life,
      writerOf: (userId) => this.#pageLogs.writerOf(userId),
      matchOf: (conversation, userId) => this.#layouts.matchOf(conversation, userId),
      openRecord: (userId) => this.#seats.known(userId)?.openRecord,
      onClosed: (conversation, userId) => this.#logClosed(conversation, userId),
    });
    this.scripted = new ScriptedCalls({ ...options, layouts: this.#layouts, logs: this.#logs });
    this.#commands = new Commands({
      ...options,
      life,
      audio: this.#audio,
      logs: this.#logs,
      matching: this.#matching,
      layouts: this.#layouts,
      personal: this.#personal,
      settingsChanged: (userId) => this.#standing.review(userId),
      assemble: (userId) => this.#seats.assemble(this.#seats.of(userId)),
    });
    if (options.recordings)
      life.add(options.recordings.events.on('changed', (id) => this.#recordingChanged(id)));
    this.#standing = new StandingLines({
      ...options,
      conversationsOf: (userId) => this.#conversationsOf(userId),
      device: (userId) => this.device(userId),
      wanted: (userId) => this.#personal.of(userId).nailedUp,
    });
    this.#targets = new TargetSearch({
      ...options,
      reachable: (userId) => this.device(userId) !== undefined,
      personal: (userId) => this.#personal.of(userId),
    });
    life.add(conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event)));
    life.add(options.acd.events.on('agent', (view) => this.#agentChanged(view.userId)));
    life.add(
      followSwitches(platforms.switches, {
        fact: (platformId, fact) => this.#onFact(platformId, fact),
        link: (platformId, link) => this.#onLink(platformId, link),
      }),
    );
    life.add(platforms.switches.events.on('removed', ({ id }) => this.#phones.platformGone(id)));
  }

  /** Takes up what was going on. Call after Conversations.restore and routing's, before the switch is started. */
  async restore(): Promise<void> {
    await this.#personal.load();
    await this.#phones.restore();
    await this.#layouts.restore(this.#o.conversations.all());
    for (const conversation of this.#o.conversations.all()) {
      for (const userId of this.#participants.note(conversation)) this.#restoreSeat(conversation, userId);
    }
    for (const userId of this.#phones.userIds()) this.#seats.of(userId);
    for (const seat of this.#seats.all()) this.#audio.restore(seat);
    this.#parked.restore(this.#o.conversations.all());
    this.#matching.restore();
    this.#logs.restore();
  }

  open(connection: TabConnection): TabHandle {
    const { userId, tabId } = connection;
    if (!this.#o.settings.user(userId)) {
      connection.send({ type: 'bye', error: new CodedError('not-signed-in').toBody() });
      return { receive: () => undefined, close: () => undefined };
    }
    const seat = this.#seats.of(userId);
    this.#leaving.get(userId)?.();
    this.#leaving.delete(userId);
    const page = seat.add(connection);
    const host = this.#pageLogs.opened(userId, connection.hostOrigin);
    const about = host ? { host: { id: host.id, kind: host.kind, connected: host.connected } } : {};
    connection.send({ type: 'welcome', protocol: PROTOCOL_VERSION, epoch: this.epoch, tabId, ...about });
    if (host && !host.connected) this.#o.onLogWriter();
    this.#givePops(seat);
    seat.publish(this.#seats.assemble(seat));
    this.#o.acd.setOnline(userId, true);
    this.#audio.opened(seat, page);
    return {
      receive: (message) =>
        this.#try(`receive ${message.type}`, userId, () => this.#receive(seat, page, message)),
      close: () => this.#try('close a page', userId, () => this.#left(seat, page)),
    };
  }

  state(userId: string): SoftphoneState | undefined {
    return this.#seats.state(userId);
  }

  /** The device that rings for this user now, or undefined: what routing's AgentDirectory and the engine's resolver ask. */
  device(userId: string): AgentDevice | undefined {
    return this.#audio.device(userId);
  }

  /** Whom the user can transfer a call to or ask about it, for what he typed. */
  transferTargets(userId: string, text: string): Promise<TransferTargets> {
    return this.#targets.search(userId, text);
  }

  /** What the user, or an administrator, has set about his calls. */
  readonly personalSettings = {
    of: (userId: string): PersonalSettings => this.#personal.of(userId),
    change: (userId: string, change: Partial<PersonalSettings>): Promise<void> =>
      this.#commands.changePersonalSettings(userId, change).then(() => this.refresh(userId)),
  };

  /** How the user wants to be called: what call control and routing ask. */
  callSettings(userId: string): PersonalCallSettings {
    return this.#personal.forCalls(userId);
  }

  /** Something that the state shows has changed elsewhere (settings): it is made anew, for this user or for all. */
  refresh(userId?: string): void {
    this.#seats.refresh(userId);
  }

  /** Shows a notice on every page of the user, also of one who opens it later. */
  notify(userId: string, error: ErrorBody, level: Notice['level'] = 'warn'): void {
    this.#seats.of(userId).notice(level, error, this.#o.clock.now());
    this.refresh(userId);
  }

  /** Users' devices were added, changed or removed: who lost the one that rang has his browser's again. */
  devicesChanged(): void {
    for (const seat of this.#seats.all()) {
      if (seat.pages.size === 0) continue;
      this.#audio.review(seat);
      this.#o.acd.deviceChanged(seat.userId);
    }
  }

  /** A sign-in has ended: the phones that were made for it end, too. The API closes its sockets. */
  endSession(sessionId: string): void {
    this.#phones.withdrawSession(sessionId);
  }

  /** Carries out `crm.call-log` of the outbox, and shows in the user's list of calls what became of it. */
  callLogHandler(): OutboxHandler {
    const { db, clock } = this.#o;
    const crm = { writeCallLog: this.#pageLogs.write.bind(this.#pageLogs) };
    return callLogHandler(db, crm, (entry, outcome) => {
      this.#showWritten(entry, outcome);
      const { conversationId, userId } = entry;
      const ref = 'ref' in outcome ? { ref: outcome.ref } : {};
      return (sql) => markLogWritten(sql, { conversationId, userId, at: clock.now(), ...ref });
    });
  }

  /** Idempotent. Pages are the API's to close. */
  close(): Promise<void> {
    return this.#life.close();
  }

  // ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #receive(seat: Seat, page: Page, message: Upstream): void {
    if (seat.pages.get(page.tab.tabId) !== page) return;
    if (!isStorable(message)) return this.#refuseText(page, message);
    switch (message.type) {
      case 'command':
        return this.#guard('carry out a command', this.#command(seat, page, message.command));
      case 'focus':
        seat.focus(page, message.focused, message.record);
        if (message.record)
          for (const conversation of this.#conversationsOf(seat.userId))
            this.#logs.opened(conversation, seat.userId, message.record);
        return this.#givePops(seat);
      case 'phone':
        return this.#phones.report(seat.userId, page.tab.tabId, message.registered, message.problem);
      case 'log.written':
        return this.#pageLogs.written(seat.userId, message);
      case 'hello':
      case 'pong':
        return;
    }
  }

  #refuseText(page: Page, message: Upstream): void {
    const error = new CodedError('bad-input', {
      detail: 'the text holds characters that cannot be stored',
    }).toBody();
    if (message.type === 'command')
      page.connection.send({ type: 'result', commandId: message.command.commandId, ok: false, error });
  }

  #left(seat: Seat, page: Page): void {
    if (seat.pages.get(page.tab.tabId) !== page) return;
    seat.pages.delete(page.tab.tabId);
    this.#audio.review(seat);
    this.#givePops(seat);
    if (seat.pages.size > 0 || this.#leaving.has(seat.userId)) return;
    const cancel = this.#life.after(PRESENCE_GRACE_MS, () => {
      this.#leaving.delete(seat.userId);
      this.#o.acd.setOnline(seat.userId, false);
    });
    this.#leaving.set(seat.userId, cancel);
  }

  async #command(seat: Seat, page: Page, command: Command): Promise<void> {
    const outcome = await seat.results.once(command.commandId, () => this.#carryOut(seat, page, command));
    page.connection.send({ type: 'result', commandId: command.commandId, ...outcome });
  }

  async #carryOut(seat: Seat, page: Page, command: Command): Promise<Outcome> {
    const lineId = 'lineId' in command ? command.lineId : undefined;
    if (lineId !== undefined) seat.addPending(lineId, command.commandId, command.verb);
    this.refresh(seat.userId);
    try {
      await this.#commands.execute(seat, page, command);
      return { ok: true };
    } catch (error) {
      return { ok: false, error: this.#toCoded(error, command, seat.userId).toBody() };
    } finally {
      if (lineId !== undefined) seat.endPending(lineId, command.commandId);
      this.refresh(seat.userId);
    }
  }

  #toCoded(error: unknown, command: Command, userId: string): CodedError {
    if (error instanceof CodedError) return error;
    const id = newId('err');
    this.#o.onError(`command ${command.verb} (${id})`, error, { userId });
    return new CodedError('internal', { id });
  }

  // ── What happens elsewhere ────────────────────────────────────────────────────────────────────────────────────────

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    this.#layouts.note(conversation);
    for (const userId of this.#participants.note(conversation)) {
      const seat = this.#seats.of(userId);
      if (hasLiveLeg(conversation, userId)) seat.pops.follow(conversation, this.#layouts, popTab(seat.tabs));
      this.#layouts.readFields(conversation, userId);
      this.refresh(userId);
    }
    if (this.#parked.onEvent(conversation, event)) this.refresh();
    if (event.type === 'leg.connected') this.#commands.legSettled(event.legId, true);
    if (event.type === 'leg.cleared') this.#legCleared(conversation, event.legId);
    if (event.type === 'conversation.ended') this.#ended(conversation);
    // What they write of their own must come after this event for every listener.
    this.#guard(
      'follow a conversation',
      Promise.resolve().then(() => {
        this.#matching.onEvent(conversation, event);
        this.#logs.onEvent(conversation, event);
      }),
    );
  }

  #recordingChanged(conversationId: string): void {
    const conversation = this.#o.conversations.get(conversationId);
    if (conversation) for (const userId of this.#participants.note(conversation)) this.refresh(userId);
  }

  #legCleared(conversation: Conversation, legId: string): void {
    this.#commands.legSettled(legId, false);
    const leg = conversation.legs.get(legId);
    if (leg?.replaces && leg.userId && !leg.joined) this.#audio.reattachSoon(leg.userId);
    if (leg?.lost && leg.userId) this.#standing.review(leg.userId);
  }

  #ended(conversation: Conversation): void {
    for (const userId of this.#participants.note(conversation))
      this.#seats.known(userId)?.pops.forget(conversation.id);
    this.#participants.forget(conversation);
  }

  #onFact(platformId: string, fact: SwitchFact): void {
    if (fact.type !== 'device.registration') return;
    this.#phones.registration(platformId, fact.name, fact.registered);
    const owner = this.#o.settings.deviceNamed(fact.name)?.userId;
    if (owner) this.#phoneChanged(owner);
  }

  /** A phone that its own telephone system rules over can be rung now, or cannot. */
  platformPhone(platformId: string, name: string, userId: string, reachable: boolean): void {
    if (this.#phones.isOnSwitch(name) === reachable) return;
    this.#phones.registration(platformId, name, reachable);
    this.#phoneChanged(userId);
  }

  #onLink(platformId: string, link: LinkState): void {
    this.refresh();
    if (link !== 'up') return;
    this.#guard(
      'bring the phones to the switch',
      this.#phones.linkUp(platformId).then(() => {
        for (const seat of this.#seats.all()) this.#phoneChanged(seat.userId);
      }),
    );
  }

  #agentChanged(userId: string): void {
    this.refresh(userId);
    this.#standing.review(userId);
  }

  #phoneChanged(userId: string): void {
    this.refresh(userId);
    this.#standing.review(userId);
    this.#audio.reattach(userId);
    this.#o.acd.deviceChanged(userId);
  }

  #logClosed(conversation: Conversation, userId: string): void {
    const call = conversation.calls.get(conversation.logs.get(userId)?.callId ?? '');
    if (!call) return;
    const match = this.#layouts.matchOf(conversation, userId);
    const name = peerName(conversation, call, userId, this.#o.settings, match);
    const { direction, startedAt: at } = call;
    this.#seats.of(userId).remember({
      conversationId: conversation.id,
      peer: peerOf(call, userId),
      ...(name ? { peerName: name } : {}),
      direction,
      at,
      save: 'queued',
    });
    this.refresh(userId);
    this.#o.onLogClosed();
  }

  #showWritten({ conversationId, userId }: CallLogEntry, outcome: LogOutcome): void {
    const seat = this.#seats.known(userId);
    const known = seat?.previous.find((p) => p.conversationId === conversationId);
    if (!seat || !known) return;
    const { crmRef: _old, ...rest } = known;
    if ('ref' in outcome) seat.remember({ ...rest, save: 'saved', crmRef: outcome.ref });
    else {
      if (known.save !== 'failed') seat.notice('warn', bodyOf(outcome.error), this.#o.clock.now());
      seat.remember({ ...rest, save: 'failed' });
    }
    this.refresh(userId);
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #restoreSeat(conversation: Conversation, userId: string): void {
    const legs = [...conversation.legs.values()].filter((leg) => leg.userId === userId && isLive(leg));
    if (legs.length === 0) return;
    const seat = this.#seats.of(userId);
    if (legs.some((leg) => leg.connectedAt !== undefined)) seat.pops.assumeDone(conversation, this.#layouts);
  }

  #conversationsOf(userId: string): Conversation[] {
    return this.#participants.conversationIds(userId).flatMap((id) => this.#o.conversations.get(id) ?? []);
  }

  #givePops(seat: Seat): void {
    seat.pops.giveTo(popTab(seat.tabs), (tab) => seat.pages.has(tab));
    this.refresh(seat.userId);
  }

  /** What fails for one user, fails for him alone. */
  #try(what: string, userId: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#o.onError(what, error, { userId });
    }
  }

  #guard(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#o.onError(what, error, {}));
  }
}

function bodyOf(error: unknown): ErrorBody {
  return (error instanceof CodedError ? error : new CodedError('log-not-saved')).toBody();
}
