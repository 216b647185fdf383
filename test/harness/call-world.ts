/**
 * A call center without pages: the simulated exchange, call control, routing and the built-in flow, joined as main.ts joins
 * them. A process that dies is `stop()`, and `startProcess()` on the same exchange and journal.
 */
import { pino } from 'pino';
import { VirtualClock } from '../../src/lib/clock.ts';
import { type Address, parseAddress } from '../../src/protocol/address.ts';
import { type AgentRules, DEFAULT_AGENT_RULES } from '../../src/protocol/agent-rules.ts';
import type { DeviceControl } from '../../src/protocol/api.ts';
import { CodedError } from '../../src/protocol/errors.ts';
import type { ConversationEvent } from '../../src/protocol/facts.ts';
import type { QueueRule } from '../../src/protocol/queue-rules.ts';
import type { Requirement } from '../../src/protocol/skills.ts';
import type { Entry } from '../../src/server/flows/entries.ts';
import { InboundFlow, type InboundOptions } from '../../src/server/flows/inbound.ts';
import { newId } from '../../src/lib/ids.ts';
import { DEFAULT_WAITING, type QueueWaiting } from '../../src/protocol/waiting.ts';
import type { MessageRecorder } from '../../src/server/flows/waiting/voicemail.ts';
import { Waiting } from '../../src/server/flows/waiting/waiting.ts';
import type { QueueSettings } from '../../src/server/routing/ports.ts';
import { isFree } from '../../src/server/routing/agent-state.ts';
import { Routing } from '../../src/server/routing/routing.ts';
import type { RoutingOptions } from '../../src/server/routing/routing-options.ts';
import type { Database } from '../../src/server/store/database.ts';
import type { Journal } from '../../src/server/store/journal.ts';
import { CallEngine } from '../../src/server/telephony/call-engine.ts';
import type { Destination } from '../../src/server/telephony/engine-core.ts';
import { Conversations } from '../../src/server/telephony/conversations.ts';
import { customerLeg, isLive } from '../../src/server/telephony/model.ts';
import {
  type AgentDevice,
  NO_PERSONAL_SETTINGS,
  type PersonalCallSettings,
} from '../../src/server/telephony/ports.ts';
import { SimulatedExchange } from '../../src/server/telephony/simulated/exchange.ts';
import type { SimulatedParty } from '../../src/server/telephony/simulated/party.ts';
import { SimulatedProvisioning, SimulatedSwitch } from '../../src/server/telephony/simulated/switch.ts';
import { singleSwitch, type Switches } from '../../src/server/telephony/switches.ts';

export const RING_MS = 15_000;
export const WRAP_MS = 30_000;
export const REATTACH_MS = 20_000;
/** What outside parties see when users call. */
export const OUR_NUMBER: Address = { kind: 'e164', raw: '+442079460000', value: '+442079460000' };
export const PARK_MS = 60_000;
const STEP_MS = 5;

const log = pino({ level: 'silent' });

/** Resolves when what the event loop has ready was done. */
const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

export interface WorldOptions {
  agents: string[];
  /** Queue by dialled number; every agent is a member of every queue unless `members` says otherwise. */
  queues?: Record<string, string>;
  members?: Record<string, string[]>;
  journal(clock: VirtualClock): Journal;
  db?: Database;
  /** Drawn flows, and what their nodes ask of others. */
  dialogues?: InboundOptions['dialogues'];
  /** Wrap-up after calls that agents made; none by default. */
  outboundWrapMs?: number;
  /** What the history tells routing when a process starts. */
  past?: RoutingOptions['past'];
}

export class CallWorld {
  readonly clock = new VirtualClock();
  readonly exchange: SimulatedExchange;
  /** Everything that went wrong behind the scenes; a test that expects trouble empties it. */
  readonly errors: string[] = [];
  /** Event types in the order in which they happened. */
  readonly happened: ConversationEvent['type'][] = [];
  /** How users' devices can be answered; by their pages where nothing is said. */
  controls: Record<string, DeviceControl> = {};
  /** What users chose for their own calls. */
  personal: Record<string, Partial<PersonalCallSettings>> = {};
  /** What queues require, by queue; tell routing (`settingsChanged`) of a change. */
  requirements: Record<string, Requirement[]> = {};
  /** The rules of queues; as `requirements`. */
  queueRules: Record<string, QueueRule> = {};
  /** Queues whose hours are over. */
  closedQueues: string[] = [];
  /** What queues ask of their agents, by queue, where it is not the default. */
  agentRules: Record<string, Partial<AgentRules>> = {};
  /** Queues that need a wrap-up code. */
  readonly needCode = new Set<string>();
  /** What users are good at: level by skill, by user. */
  levels: Record<string, Record<string, number>> = {};
  /** Users whom a dialled number calls directly. */
  direct: Record<string, string> = {};
  /** Who does not reach a user may leave him a message. */
  userVoicemail = false;
  /** Flows in which callers of a number begin. */
  flowNumbers: Record<string, string> = {};
  conversations!: Conversations;
  engine!: CallEngine;
  routing!: Routing;
  flow!: InboundFlow;
  waiting!: Waiting;
  /** What is set for who waits, by queue; nothing where nothing stands. */
  waitingSettings: Record<string, QueueWaiting> = {};
  /** What the flow said to callers, in order; a sound by its name. */
  readonly told: string[] = [];
  node!: SimulatedSwitch;
  switches!: Switches;
  journal!: Journal;
  readonly #o: WorldOptions;
  /** What the database is doing, so that `pass` can give it the time that it really takes. */
  #busy = 0;
  readonly #settling: (() => void)[] = [];

  protected constructor(options: WorldOptions) {
    this.#o = options;
    this.exchange = new SimulatedExchange({ clock: this.clock, log });
    if (!options.db) return;
    this.#count(options.db, 'query');
    this.#count(options.db, 'tx');
  }

  static async open(options: WorldOptions): Promise<CallWorld> {
    const world = new CallWorld(options);
    for (const agent of options.agents) world.exchange.device(agent).register();
    await world.startProcess();
    return world;
  }

  async startProcess(): Promise<void> {
    const { clock } = this;
    const onError = (what: string, error: unknown) =>
      this.errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    this.journal = this.#o.journal(clock);
    this.conversations = new Conversations({
      journal: this.journal,
      clock,
      onListenerError: (error, event) => onError(event, error),
    });
    if (this.#o.db) await this.conversations.restore(this.#o.db);
    this.conversations.events.on('event', (_conversation, event) => this.happened.push(event.type));
    this.node = new SimulatedSwitch({ id: 'sim', exchange: this.exchange, clock, log });
    this.switches = singleSwitch(this.node, new SimulatedProvisioning(this.node), 'Simulated');
    this.engine = new CallEngine({
      conversations: this.conversations,
      switches: this.switches,
      clock,
      countryOf: () => 'GB',
      resolve: (to) => this.resolve(to),
      resolveUser: (userId) => this.resolveUser(userId),
      resolveOutside: (to) => this.resolve(to),
      extensionOf: (userId) => this.extensionOf(userId),
      knowsQueue: (id) => this.#queues().some((queue) => queue.id === id),
      freeDevice: (userId) => (isFree(this.routing.agent(userId)) ? this.device(userId) : undefined),
      personal: { of: (userId) => this.personalOf(userId) },
      phones: {
        ofName: (_platformId, name) =>
          this.#o.agents.includes(name)
            ? { userId: name, deviceId: `dev_${name}`, address: this.extensionOf(name) }
            : undefined,
        device: (userId) => this.device(userId),
        read: (dialled) => parseAddress(dialled, 'GB'),
        callerIdOf: () => OUR_NUMBER,
        queueAt: (to) => (this.#o.queues ?? { '100': 'sales' })[to.value],
      },
      parkMs: PARK_MS,
      onError,
      onReconciled: () => {
        this.routing.resume('sim');
        this.flow.resume('sim');
        this.waiting.resume('sim');
      },
      reattachMs: REATTACH_MS,
    });
    this.routing = new Routing({
      conversations: this.conversations,
      journal: this.journal,
      clock,
      calls: this.engine,
      directory: { device: (userId) => this.device(userId) },
      queue: (id) => this.#queues().find((queue) => queue.id === id),
      queues: () => this.#queues(),
      isOpen: (queueId) => !this.closedQueues.includes(queueId),
      skills: { skillLevel: (userId, skillId) => this.levels[userId]?.[skillId] ?? 0 },
      outboundWrapMs: this.#o.outboundWrapMs ?? 0,
      ...(this.#o.past ? { past: this.#o.past } : {}),
      onError,
    });
    this.node.events.on('link', (link) => {
      if (link !== 'up') this.routing.pause('sim');
    });
    if (this.#o.db) await this.routing.restore(this.#o.db);
    this.waiting = this.#makeWaiting(onError);
    this.flow = new InboundFlow({
      waiting: this.waiting,
      conversations: this.conversations,
      clock,
      calls: this.engine,
      acd: this.routing,
      entryFor: (dnis, _platformId, at) => {
        const closed = this.closed(dnis, at);
        if (closed) return closed;
        const userId = this.direct[dnis.value];
        if (userId) return { userId, voicemail: this.userVoicemail, announcement: this.announcementFor() };
        const flowId = this.flowNumbers[dnis.value];
        if (flowId) return { flowId, announcement: this.announcementFor() };
        const queueId = (this.#o.queues ?? { '100': 'sales' })[dnis.value];
        return queueId ? { queueId, greeting: '', announcement: this.announcementFor(queueId) } : undefined;
      },
      ...(this.#o.dialogues ? { dialogues: this.#o.dialogues } : {}),
      onAnnounced: (conversationId, text) => this.onAnnounced(conversationId, text),
      onError,
    });
    await this.joinMore();
    this.engine.start();
    const started = this.node.start({ deadlineMs: 60_000 });
    await this.pass(50);
    await started;
  }

  #makeWaiting(onError: (what: string, error: unknown) => void): Waiting {
    const { engine, conversations, clock } = this;
    return new Waiting({
      conversations,
      clock,
      acd: this.routing,
      calls: {
        keys: engine.keys,
        sayToCaller: (conversationId, callId, media) => {
          for (const one of media)
            this.told.push(one.kind === 'text' ? one.text : one.kind === 'sound' ? one.name : one.kind);
          return engine.sayToCaller(conversationId, callId, media);
        },
        hushCaller: (conversationId, callId) => engine.hushCaller(conversationId, callId),
        answerCaller: (conversationId, callId) => engine.answerCaller(conversationId, callId),
        hangupCaller: (conversationId, callId) => engine.hangupCaller(conversationId, callId),
        musicToCaller: (conversationId, callId) => engine.musicToCaller(conversationId, callId),
        ringNumber: (conversationId, callId, number) => engine.ringNumber(conversationId, callId, number),
        tapCaller: (conversationId, callId) => engine.tapCaller(conversationId, callId),
      },
      recorder: this.messageRecorder(),
      settings: (queueId) => this.waitingSettings[queueId] ?? DEFAULT_WAITING,
      boxSettings: ({ id }) => (this.waitingSettings[id] ?? DEFAULT_WAITING).voicemail,
      knowsQueue: (queueId) => this.#queues().some(({ id }) => id === queueId),
      isOpen: (queueId) => !this.closedQueues.includes(queueId),
      callable: (number) => {
        const address = parseAddress(number, 'GB');
        if (address.kind !== 'e164') throw new CodedError('number-invalid', { number });
        return address;
      },
      countryOf: () => 'GB',
      startFlow: async (conversationId, callId, flowId) => {
        this.flowsBegun.push(flowId);
        if (this.#o.dialogues) return void this.flow.enterFlow(conversationId, callId, flowId);
        await conversations.commit(conversationId, [
          { type: 'flow.entered', callId, flowId, version: 1, nodeId: 'start' },
        ]);
      },
      onError,
    });
  }

  /** Flows that callers were led to. */
  readonly flowsBegun: string[] = [];

  /** Messages are recorded on the switch, and nowhere else. */
  protected messageRecorder(): MessageRecorder {
    const { conversations, node } = this;
    return {
      begin: async (conversationId, callId) => {
        const conversation = conversations.get(conversationId);
        const legId = (conversation && customerLeg(conversation, callId)?.id) ?? '';
        const recordingId = newId('rec');
        const event = { type: 'recording.started', callId, legId, recordingId, why: 'voicemail' } as const;
        await conversations.commit(conversationId, [event]);
        await node.startRecording(legId, recordingId);
      },
      end: async (conversationId, { callId, legId, recordingId }) => {
        await node.stopRecording(recordingId);
        const event = { type: 'recording.stopped', callId, legId, recordingId, outcome: 'done' } as const;
        conversations.record(conversationId, [event]);
      },
    };
  }

  /** What becomes of a call that comes outside of the number's hours. */
  closed: (dnis: Address, at: number) => Entry | undefined = () => undefined;

  /** What callers of a queue hear before they are queued. */
  protected announcementFor(_queueId?: string): string {
    return '';
  }

  protected onAnnounced(_conversationId: string, _text: string): void {
    // nobody asks
  }

  /** What else listens in this process, before the switch is connected. */
  protected joinMore(): Promise<void> {
    return Promise.resolve();
  }

  /** The process dies: nothing of it goes on, the exchange does. */
  async stop(): Promise<void> {
    await this.node.close();
    await this.flow.close();
    await this.waiting.close();
    await this.routing.close();
    await this.engine.close();
    await this.journal.drain();
  }

  device(userId: string): AgentDevice | undefined {
    if (!this.exchange.device(userId).registered) return undefined;
    return {
      deviceId: `dev_${userId}`,
      platformId: 'sim',
      endpoint: { kind: 'device', name: userId },
      address: { kind: 'extension', raw: userId, value: userId },
      control: this.controls[userId] ?? 'browser',
    };
  }

  /**
   * Lets `ms` of the world's time pass, with the database given the time that it really takes: in small steps, so that what
   * it answers comes at its time, and at once through steps in which nothing falls due.
   */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    let steps = 1;
    do {
      await this.clock.advance(Math.min(until - this.clock.now(), steps * STEP_MS));
      await this.#settled();
      const idle = (this.clock.next ?? until) - this.clock.now();
      steps = Math.max(1, Math.ceil(idle / STEP_MS));
    } while (this.clock.now() < until);
  }

  /** Resolves when the database has done all that it was asked for, and what came of it. */
  async #settled(): Promise<void> {
    await nextTurn();
    while (this.#busy > 0) {
      await new Promise<void>((resolve) => void this.#settling.push(resolve));
      await nextTurn();
    }
  }

  #count(db: Database, method: 'query' | 'tx'): void {
    const counted = db as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const real = counted[method]?.bind(db);
    counted[method] = async (...args) => {
      this.#busy++;
      try {
        return await real?.(...args);
      } finally {
        if (--this.#busy === 0) for (const resolve of this.#settling.splice(0)) resolve();
      }
    };
  }

  async ready(...users: string[]): Promise<void> {
    for (const user of users) {
      this.routing.setOnline(user, true);
      const requested = this.routing.setRequested(user, 'ready', undefined, user);
      await this.pass(5);
      await requested;
    }
  }

  async call(dnis = '100', ani = '+442079460958'): Promise<SimulatedParty> {
    const party = this.exchange.arrive({ entry: 'public', ani, dnis });
    await this.pass(60);
    return party;
  }

  shown(userId: string): string {
    return this.routing.agent(userId).shown;
  }

  /** The only conversation that is going on. */
  get conversation() {
    const [only, ...others] = this.conversations.all();
    if (!only || others.length > 0)
      throw new Error(`there are ${others.length + (only ? 1 : 0)} conversations`);
    return only;
  }

  get callId(): string {
    const [call] = this.conversation.calls.keys();
    if (!call) throw new Error('there is no call');
    return call;
  }

  /** The user's newest live leg. */
  legOf(userId: string): string {
    const legs = this.conversations.all().flatMap((conversation) => [...conversation.legs.values()]);
    const leg = legs.findLast((one) => one.userId === userId && isLive(one) && !one.lost);
    if (!leg) throw new Error(`${userId} has no leg`);
    return leg.id;
  }

  #queues(): QueueSettings[] {
    const ids = new Set(Object.values(this.#o.queues ?? { '100': 'sales' }));
    return [...ids].map((id) => ({
      id,
      label: id,
      ringMs: RING_MS,
      wrapMs: WRAP_MS,
      dispositionRequired: this.needCode.has(id),
      memberIds: this.#o.members?.[id] ?? this.#o.agents,
      requirements: this.requirements[id] ?? [],
      ...(this.queueRules[id] ? { rule: this.queueRules[id] } : {}),
      agentRules: { ...DEFAULT_AGENT_RULES, ...this.agentRules[id] },
    }));
  }

  protected extensionOf(userId: string): Address {
    return { kind: 'extension', raw: userId, value: userId };
  }

  protected personalOf(userId: string): PersonalCallSettings {
    return { ...NO_PERSONAL_SETTINGS, ...this.personal[userId] };
  }

  protected resolveUser(userId: string): Destination {
    const device = this.device(userId);
    if (!device) throw new CodedError('colleague-away', { name: userId });
    return { endpoint: device.endpoint, role: 'agent', userId, deviceId: device.deviceId };
  }

  protected resolve(to: Address): {
    endpoint: { kind: 'trunk'; trunk: string; number: string } | { kind: 'device'; name: string };
    role: 'external' | 'agent';
    userId?: string;
  } {
    if (to.kind === 'extension')
      return { endpoint: { kind: 'device', name: to.value }, role: 'agent', userId: to.value };
    if (to.kind !== 'e164' && to.kind !== 'service')
      throw new CodedError('number-invalid', { number: to.raw });
    return { endpoint: { kind: 'trunk', trunk: 'out', number: to.value }, role: 'external' };
  }
}
