/**
 * A call center of the real parts (call control, routing, flow, what becomes of who waits) over the simulated exchange, in virtual time, with a journal that
 * keeps nothing. It shares nothing with the one that serves.
 */
import { pino } from 'pino';
import type { VirtualClock } from '../../lib/clock.ts';
import type { Address } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Configuration } from '../../protocol/simulation.ts';
import { DEFAULT_WAITING } from '../../protocol/waiting.ts';
import { InboundFlow } from '../flows/inbound.ts';
import { Waiting } from '../flows/waiting/waiting.ts';
import { isFree } from '../routing/agent-state.ts';
import type { QueueSettings } from '../routing/ports.ts';
import { Routing } from '../routing/routing.ts';
import { ScratchJournal } from '../store/scratch-journal.ts';
import { CallEngine } from '../telephony/call-engine.ts';
import { Conversations } from '../telephony/conversations.ts';
import { type AgentDevice, NO_PERSONAL_SETTINGS } from '../telephony/ports.ts';
import { SimulatedExchange } from '../telephony/simulated/exchange.ts';
import { SimulatedProvisioning, SimulatedSwitch } from '../telephony/simulated/switch.ts';
import { singleSwitch } from '../telephony/switches.ts';
import type { Agent } from './configuration.ts';

const PLATFORM = 'simulated';
/** Nobody dials: it decides nothing. */
const COUNTRY = 'GB';
/** What takes milliseconds on a real switch takes none here: a day is counted in seconds. */
const INSTANT = { commandMs: 0, factMs: 0, alertMs: 0, reactMs: 0 };
/** Our process does not die in a simulated day: nothing renews what would happen then. */
const NEVER_MS = 7 * 86_400_000;

export class SimulatedCallCenter {
  readonly exchange: SimulatedExchange;
  readonly conversations: Conversations;
  readonly routing: Routing;
  /** The first thing that went wrong, and should not have. */
  failure: Error | undefined;
  readonly #engine: CallEngine;
  readonly #waiting: Waiting;
  readonly #flow: InboundFlow;
  readonly #node: SimulatedSwitch;
  readonly #clock: VirtualClock;

  private constructor(clock: VirtualClock, configuration: Configuration, agents: readonly Agent[]) {
    const log = pino({ level: 'silent' });
    const onError = (what: string, cause: unknown) => {
      this.failure ??= new Error(`the simulated day broke: ${what}`, { cause });
    };
    const journal = new ScratchJournal();
    const queues = settingsOf(configuration, agents);
    const byId = new Map(agents.map((agent) => [agent.id, agent]));
    this.#clock = clock;
    this.exchange = new SimulatedExchange({ clock, log, latencies: INSTANT });
    this.conversations = new Conversations({
      journal,
      clock,
      onListenerError: (error, event) => onError(`listener of ${event}`, error),
    });
    this.#node = new SimulatedSwitch({ id: PLATFORM, exchange: this.exchange, clock, log });
    this.#engine = new CallEngine({
      conversations: this.conversations,
      switches: singleSwitch(this.#node, new SimulatedProvisioning(this.#node)),
      clock,
      countryOf: () => COUNTRY,
      resolve: nowhere,
      resolveUser: nowhere,
      resolveOutside: nowhere,
      extensionOf: addressOf,
      knowsQueue: (id) => queues.has(id),
      freeDevice: (userId) => (isFree(this.routing.agent(userId)) ? deviceOf(userId) : undefined),
      personal: { of: () => NO_PERSONAL_SETTINGS },
      fallbackMs: NEVER_MS,
      onError,
      onReconciled: () => {
        this.routing.resume(PLATFORM);
        this.#flow.resume(PLATFORM);
      },
    });
    this.routing = new Routing({
      conversations: this.conversations,
      journal,
      clock,
      calls: this.#engine,
      directory: { device: deviceOf },
      queue: (id) => queues.get(id),
      queues: () => [...queues.values()],
      skills: { skillLevel: (userId, skillId) => byId.get(userId)?.levels.get(skillId) ?? 0 },
      outboundWrapMs: 0,
      onError,
    });
    this.#waiting = new Waiting({
      conversations: this.conversations,
      clock,
      calls: this.#engine,
      acd: this.routing,
      recorder: { begin: nothing, end: nothing },
      settings: () => DEFAULT_WAITING,
      boxSettings: () => DEFAULT_WAITING.voicemail,
      knowsQueue: (id) => queues.has(id),
      isOpen: () => true,
      callable: nowhere,
      countryOf: () => COUNTRY,
      startFlow: nothing,
      onError,
    });
    this.#flow = new InboundFlow({
      conversations: this.conversations,
      clock,
      calls: this.#engine,
      acd: this.routing,
      waiting: this.#waiting,
      entryFor: ({ value }) => (queues.has(value) ? { queueId: value, greeting: '' } : undefined),
      onError,
    });
  }

  /** Connected and reconciled, with nobody there yet. */
  static async open(
    clock: VirtualClock,
    configuration: Configuration,
    agents: readonly Agent[],
  ): Promise<SimulatedCallCenter> {
    const center = new SimulatedCallCenter(clock, configuration, agents);
    for (const { id } of agents) center.exchange.device(id).register();
    center.#engine.start();
    const started = center.#node.start();
    await clock.advance(0);
    await started;
    return center;
  }

  /** He picks up his telephone; nothing happens when it does not ring. */
  answer(userId: string): void {
    this.exchange.device(userId).answer();
  }

  /** Somebody calls the number of the queue. */
  arrive(queueId: string): { legId: string; hangup(): void } {
    return this.exchange.arrive({ entry: 'public', ani: '', dnis: queueId });
  }

  async close(): Promise<void> {
    await this.#node.close();
    await this.#flow.close();
    await this.#waiting.close();
    await this.routing.close();
    await this.#engine.close();
    await this.exchange.close();
    await this.#clock.advance(0);
  }
}

/** Numbers outside, flows and voicemail are no part of the day: whom a rule sends there is told so, and hung up. */
function nowhere(): never {
  throw new CodedError('not-found', { what: 'destination' });
}

function nothing(): Promise<never> {
  return Promise.reject(new CodedError('not-capable'));
}

function settingsOf({ queues }: Configuration, agents: readonly Agent[]): Map<string, QueueSettings> {
  const membersOf = (groups: readonly string[]) =>
    agents.filter(({ group }) => groups.includes(group)).map(({ id }) => id);
  return new Map(
    queues.map(({ id, label, ringSeconds, wrapUpSeconds, requirements, rule }) => [
      id,
      {
        id,
        label: label ?? id,
        ringMs: ringSeconds * 1_000,
        wrapMs: wrapUpSeconds * 1_000,
        dispositionRequired: false,
        memberIds: agents.filter(({ queueIds }) => queueIds.has(id)).map((agent) => agent.id),
        requirements,
        rule: {
          ...rule,
          groups: rule.groups.map((group) => ({ ...group, userIds: membersOf(group.userIds) })),
        },
      },
    ]),
  );
}

function deviceOf(userId: string): AgentDevice {
  return {
    deviceId: userId,
    platformId: PLATFORM,
    endpoint: { kind: 'device', name: userId },
    address: addressOf(userId),
    control: 'browser',
  };
}

function addressOf(userId: string): Address {
  return { kind: 'extension', raw: userId, value: userId };
}
