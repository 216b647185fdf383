/**
 * A service-cloud-voice connector in the desktop: its line, its state, the screen pop of a call that begins, and the log of one that
 * ended. One tab of the user runs it, as with an adapter (host/leader.ts); the others hand it their clicks and get its pops.
 */
import type { Clock } from '../../../lib/clock.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import type { MyAdapter, Traffic } from '../../../protocol/opencti.ts';
import type { VoiceCall } from '../../../protocol/voice.ts';
import type { Channel } from '../host/adapter-desk.ts';
import type { Click } from '../host/host.ts';
import { Leader, type LeaderOptions, type Place } from '../host/leader.ts';
import type { Operations } from '../host/operations.ts';
import { CallLogs, type KeptCalls } from './call-logs.ts';
import { errorText } from './error-texts.ts';
import { callContact, numberContact, type VoiceCommand } from './voice-commands.ts';
import { VoiceLine, type VoiceLineOptions } from './voice-line.ts';
import {
  applyVoiceEvent,
  isInbound,
  isParticipant,
  NEW_VOICE,
  numberOf,
  type VoiceEvent,
  type VoiceState,
} from './voice-state.ts';

/** What the desktop shows of the connector. */
export interface VoiceView extends VoiceState {
  place: Place;
  /** Counts up with every load of the connector's page. */
  load: number;
  /** The records of the caller, by call. */
  matches: Record<string, RecordRef[]>;
}

/** What the tabs of a user tell each other. */
type Word =
  | { type: 'dial'; number: string }
  | { type: 'look'; tabId: string }
  | { type: 'show'; tabId: string; path: string; record?: RecordRef };

/** What a connector's calls need of the CRM. */
export type VoiceOperations = Pick<Operations, 'search' | 'pop' | 'saveLog'>;

export interface VoiceDeskOptions
  extends Pick<VoiceLineOptions, 'clock' | 'channel'>,
    Omit<LeaderOptions, 'onChange'> {
  adapter: MyAdapter;
  operations: (show: (path: string, record?: RecordRef) => void) => VoiceOperations;
  /** Of this user's tabs. */
  tabs: Channel;
  tabId: string;
  clock: Clock;
  /** Keeps what a reload must not lose. */
  kept: KeptCalls;
  /** A log was written: what is on the screen is read anew. */
  refresh: () => void;
  sendTraffic: (traffic: Traffic[]) => void;
}

const TRAFFIC_MS = 500;
/** What the connector has no business with: it identifies the organisation to the vendor's server. */
const SECRET = /certificate/i;

export class VoiceDesk {
  readonly #o: VoiceDeskOptions;
  readonly #line: VoiceLine;
  readonly #leader: Leader;
  readonly #operations: VoiceOperations;
  readonly #logs: CallLogs;
  readonly #listeners = new Set<() => void>();
  #view: VoiceView = { ...NEW_VOICE, place: 'other-tab', load: 0, matches: {} };
  #post: VoiceLineOptions['post'] = () => {};
  #showHere: (path: string, record?: RecordRef) => void = () => {};
  /** The tab that was looked at last. */
  #looked: string;
  #traffic: Traffic[] = [];
  #cancelTraffic: (() => void) | undefined;

  constructor(options: VoiceDeskOptions) {
    this.#o = options;
    const { adapter, clock, channel, tabs, kept, locks, lockName, election } = options;
    this.#looked = options.tabId;
    this.#operations = options.operations((path, record) => this.#show(path, record));
    this.#logs = new CallLogs(this.#operations, kept, clock);
    this.#line = new VoiceLine({
      clock,
      channel,
      config: configOf(adapter),
      post: (message, port) => this.#post(message, port),
      onReady: (payload) => this.#ready(payload),
      onEvent: (event) => this.#event(event),
      onSilence: () => this.#set({ phase: 'failed' }),
      onNoAnswer: () => this.#set({ error: { code: 'NO_ANSWER', text: errorText('NO_ANSWER') } }),
      onTraffic: (one) => this.#note(one),
    });
    this.#leader = new Leader({ locks, lockName, election, onChange: (place) => this.#lead(place) });
    tabs.addEventListener('message', ({ data }) => this.#hear(data as Word));
  }

  /**
   * @param post posts to the connector's page.
   * @param show shows a page in this tab, never over unsaved changes.
   */
  start(post: VoiceLineOptions['post'], show: (path: string, record?: RecordRef) => void): void {
    this.#post = post;
    this.#showHere = show;
    this.#leader.start();
  }

  getView = (): VoiceView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The connector's page has been loaded, for the first time or anew. */
  loaded(): void {
    this.#set({ ...NEW_VOICE });
    this.#line.open();
  }

  /** Loads the connector's page anew. */
  reload(): void {
    this.#set({ ...NEW_VOICE, load: this.#view.load + 1 });
  }

  send(command: VoiceCommand): void {
    this.#set({ error: undefined });
    this.#line.send(command);
    if (command.type === 'ACCEPT_CALL') this.#work(command.call, 'ACCEPTED');
    if (command.type === 'DECLINE_CALL') this.#work(command.call, 'DECLINED');
  }

  waitsFor(type: VoiceCommand['type']): boolean {
    return this.#line.waitsFor(type);
  }

  /** A number was clicked in this tab. */
  click({ number }: Click): void {
    if (this.#view.place === 'here') this.#dial(number);
    else this.#o.tabs.postMessage({ type: 'dial', number } satisfies Word);
  }

  /** The person looks at this tab. */
  look(): void {
    this.#looked = this.#o.tabId;
    this.#o.tabs.postMessage({ type: 'look', tabId: this.#o.tabId } satisfies Word);
  }

  take(): void {
    this.#leader.take();
  }

  /** The wrap-up is over: what the agent wrote goes into the log. */
  async wrapUp(notes: string): Promise<void> {
    const { wrapUp: call } = this.#view;
    if (!call) return;
    await this.#logs.note(call, notes);
    this.#o.refresh();
    this.#line.send({ type: 'WRAP_UP_CALL', call });
    this.#work(call, 'CLOSED');
    this.#line.send(statusCommand('Online'));
    this.#set({ wrapUp: undefined });
  }

  setStatus(status: string): void {
    this.send(statusCommand(status));
  }

  /** Idempotent. */
  close(): void {
    this.#line.close();
    this.#flush();
    this.#leader.close();
    this.#o.tabs.close();
  }

  #lead(place: Place): void {
    if (place === this.#view.place) return;
    if (place !== 'here') this.#line.close();
    this.#set({ ...NEW_VOICE, place, load: this.#view.load + 1, matches: {} });
  }

  #ready(payload: Parameters<VoiceLineOptions['onReady']>[0]): void {
    const { agentConfig, capabilities, callInProgress } = payload ?? {};
    const given = Object.entries(capabilities ?? {}).map(([name, value]): [string, boolean] => [
      name,
      value === true,
    ]);
    this.#set({
      phase: 'ready',
      capabilities: Object.fromEntries(given),
      phones: agentConfig?.PHONES ?? [],
      selectedPhone: agentConfig?.SELECTED_PHONE ?? undefined,
      error: undefined,
    });
    // What rang or was talked about before a reload: the library says it again.
    this.#line.send({ type: 'AGENT_AVAILABLE', isAvailable: true });
    this.#line.send({ type: 'GET_AGENT_STATUS' });
    if (!callInProgress) void this.#logs.closeAll().catch((error: unknown) => this.#failed(error));
  }

  #event(event: VoiceEvent): void {
    const before = this.#view.calls;
    this.#set(applyVoiceEvent(this.#view, event));
    const { calls } = this.#view;
    for (const call of calls)
      if (!before.some(({ callId }) => callId === call.callId)) this.#began(call, event);
    for (const call of calls) if (call.state === 'connected' && isOwn(call)) this.#logs.connected(call);
    for (const call of before) if (!calls.some(({ callId }) => callId === call.callId)) this.#ended(call);
    if (event.type === 'WRAP_UP_ENDED') this.#set({ wrapUp: undefined });
  }

  #began(call: VoiceCall, { type }: VoiceEvent): void {
    if (!isOwn(call) || type.startsWith('SUPERVISOR')) return;
    void this.#match(call).catch((error: unknown) => this.#failed(error));
  }

  /** Whose number it is; a call that comes in pops as the layout says, one that was there before a reload does not. */
  async #match(call: VoiceCall): Promise<void> {
    const number = numberOf(call);
    if (number === '') return;
    const found = await this.#operations.search(number, isInbound(call) ? 'inbound' : 'outbound');
    const matches = Object.entries(found.records).map(([id, { Name, RecordType }]) => ({
      id,
      name: String(Name ?? ''),
      object: String(RecordType ?? ''),
    }));
    this.#set({ matches: { ...this.#view.matches, [call.callId]: matches } });
    this.#logs.matched(call, matches);
    if (call.isReplayedCall !== true) await this.#operations.pop(found.pop);
  }

  #ended(call: VoiceCall): void {
    if (!isOwn(call)) return;
    this.#work(call, 'COMPLETED');
    void this.#logs
      .close(call)
      .then(this.#o.refresh)
      .catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.#set({
      error: { code: 'GENERIC_ERROR', text: error instanceof Error ? error.message : String(error) },
    });
  }

  #dial(number: string): void {
    if (this.#view.phase === 'ready') this.send(callContact(this.#view, numberContact(number), false));
  }

  #work({ callId }: VoiceCall, workEvent: string): void {
    this.#line.send({
      type: 'AGENT_WORK_EVENT',
      agentWork: { workItemId: callId, workId: callId, workEvent },
    });
  }

  #show(path: string, record?: RecordRef): void {
    if (this.#looked === this.#o.tabId) this.#showHere(path, record);
    else this.#o.tabs.postMessage({ type: 'show', tabId: this.#looked, path, record } satisfies Word);
  }

  #hear(word: Word): void {
    if (word.type === 'look') this.#looked = word.tabId;
    if (word.type === 'dial' && this.#view.place === 'here') this.#dial(word.number);
    if (word.type === 'show' && word.tabId === this.#o.tabId) this.#showHere(word.path, word.record);
  }

  #note(traffic: Traffic): void {
    this.#traffic.push(traffic);
    this.#cancelTraffic ??= this.#o.clock.after(TRAFFIC_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancelTraffic?.();
    this.#cancelTraffic = undefined;
    if (this.#traffic.length > 0) this.#o.sendTraffic(this.#traffic.splice(0));
  }

  #set(change: Partial<VoiceView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** A call of the agent's own: no further party of one, none that he only listens to. */
function isOwn(call: VoiceCall): boolean {
  return !isParticipant(call) && call.callAttributes?.participantType !== 'Supervisor';
}

function statusCommand(status: string): VoiceCommand {
  const statusInfo = { statusId: status, statusApiName: status, statusName: status };
  return { type: 'SET_AGENT_STATUS', agentStatus: status, statusInfo, enqueueNextState: false };
}

function configOf({ settings }: MyAdapter): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([path]) => !SECRET.test(path)));
}
