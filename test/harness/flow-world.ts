/** Callers in drawn flows, on the simulated exchange: flows as text, and what their nodes ask of others as data. */
import { CodedError } from '../../src/protocol/errors.ts';
import { parseAddress } from '../../src/protocol/address.ts';
import { FlowDocument } from '../../src/protocol/flows.ts';
import type { HoursState } from '../../src/protocol/hours.ts';
import type { FoundRecord } from '../../src/server/crm/find-record.ts';
import { flowProblems } from '../../src/server/flows/check.ts';
import type { FlowLibrary } from '../../src/server/flows/dialogues.ts';
import type { InboundOptions } from '../../src/server/flows/inbound.ts';
import type { WebAnswer, WebRequest } from '../../src/server/flows/node.ts';
import { routingMigrations } from '../../src/server/routing/schema.ts';
import { Journal } from '../../src/server/store/journal.ts';
import { storeMigrations } from '../../src/server/store/schema.ts';
import type { SimulatedParty } from '../../src/server/telephony/simulated/party.ts';
import { CallWorld } from './call-world.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';

/** The number that leads to the flow. */
export const FLOW_NUMBER = '300';

export interface NodeText {
  kind: string;
  settings?: Record<string, unknown>;
  exits?: Record<string, string>;
}

/** A flow whose first node is the start; it must have no problems. */
export function flowOf(nodes: Record<string, NodeText>, languages = ['en']): FlowDocument {
  const document = FlowDocument.parse({
    languages,
    start: Object.keys(nodes)[0],
    nodes: Object.entries(nodes).map(([id, node]) => ({ id, at: { x: 0, y: 0 }, ...node })),
  });
  const problems = flowProblems(document, () => true);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return document;
}

export const text = (said: string) => ({ en: { text: said } });

/** Callers have their keys. */
function nobodyHears(): never {
  throw new CodedError('speech-unavailable', { reason: 'no engine in this test' });
}

export const SALES: NodeText = { kind: 'queue', settings: { queueId: 'sales' } };
export const SUPPORT: NodeText = { kind: 'queue', settings: { queueId: 'support' } };
export const BYE: NodeText = { kind: 'hangup' };
export const MENU: NodeText = {
  kind: 'menu',
  settings: {
    prompt: text('Sales one, support two.'),
    choices: [
      { key: '1', exit: 'sales' },
      { key: '2', exit: 'support' },
    ],
    timeout: 5,
    tries: 2,
  },
  exits: { sales: 'sales', support: 'support', failed: 'bye' },
};
export const MENU_FLOW = { ask: MENU, sales: SALES, support: SUPPORT, bye: BYE };
export const collect = (
  settings: Record<string, unknown> = {},
): { ask: NodeText; sales: NodeText; bye: NodeText } => ({
  ask: {
    kind: 'collect',
    settings: { prompt: text('Number?'), into: 'account', min: 4, max: 8, tries: 2, ...settings },
    exits: { done: 'sales', failed: 'bye' },
  },
  sales: SALES,
  bye: BYE,
});

export class FlowWorld {
  readonly #versions: FlowDocument[] = [];
  hours: HoursState = { open: true };
  records: FoundRecord[] = [];
  crmFails: Error | undefined;
  answer: (request: WebRequest) => Promise<WebAnswer> = () => Promise.reject(new Error('nobody answers'));
  readonly secrets: Record<string, string> = {};
  readonly queues = new Set(['sales', 'support']);
  wait: { waiting: number; waitMs: number | undefined } = { waiting: 0, waitMs: undefined };
  readonly recorded: boolean[] = [];
  recordingFails: Error | undefined;
  readonly matched: string[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly calls: CallWorld,
  ) {}

  static async open(document: FlowDocument): Promise<FlowWorld> {
    const database = await testDatabase([...storeMigrations, ...routingMigrations]);
    const made: { world?: FlowWorld } = {};
    const it = (): FlowWorld => {
      if (!made.world) throw new Error('the world is not made yet');
      return made.world;
    };
    const calls = await CallWorld.open({
      agents: ['ann', 'bob'],
      queues: { '100': 'sales', '200': 'support' },
      db: database.db,
      journal: (clock) =>
        new Journal({ db: database.db, clock, onError: (error) => it().calls.errors.push(String(error)) }),
      dialogues: { flows: library(it), services: services(it), recogniser: nobodyHears },
    });
    calls.flowNumbers[FLOW_NUMBER] = 'flow_1';
    made.world = new FlowWorld(database, calls);
    made.world.publish(document);
    return made.world;
  }

  publish(document: FlowDocument): void {
    this.#versions.push(document);
  }

  version(version: number): FlowDocument | undefined {
    return this.#versions[version - 1];
  }

  get published() {
    const document = this.#versions.at(-1);
    return document && { version: this.#versions.length, document };
  }

  async call(ani?: string): Promise<SimulatedParty> {
    const caller = await this.calls.call(FLOW_NUMBER, ani);
    await this.calls.pass(100);
    return caller;
  }

  /** Presses the keys, a quarter of a second apart. */
  async press(caller: SimulatedParty, keys: string): Promise<void> {
    for (const key of keys) {
      caller.digit(key);
      await this.calls.pass(250);
    }
  }

  /** The node where the only caller is. */
  get node(): string | undefined {
    return [...this.calls.conversation.calls.values()][0]?.dialogue?.nodeId;
  }

  data(key: string): string | undefined {
    return this.calls.conversation.data.get(key)?.value;
  }

  /** Queues in which the only caller has waited. */
  get waitedIn(): string[] {
    return [...this.calls.conversation.queueStays.values()].map(({ queueId }) => queueId);
  }

  async restart(): Promise<void> {
    await this.calls.stop();
    await this.calls.startProcess();
    await this.calls.pass(200);
  }

  async close(): Promise<void> {
    await this.calls.stop();
    await this.database.drop();
  }
}

function library(it: () => FlowWorld): FlowLibrary {
  return {
    published: () => it().published,
    version: (_id, version) => Promise.resolve(it().version(version)),
    recordingFile: () => Promise.resolve(undefined),
  };
}

function services(it: () => FlowWorld): NonNullable<InboundOptions['dialogues']>['services'] {
  return {
    hoursAt: () => it().hours,
    findRecord: (object, field, value) => {
      const { crmFails, records } = it();
      if (crmFails) return Promise.reject(crmFails);
      return Promise.resolve(
        records.find(({ ref, fields }) => ref.object === object && fields[field] === value),
      );
    },
    match: (_talk, { ref }) => void it().matched.push(ref.name),
    request: (request) => it().answer(request),
    secret: (name) => Promise.resolve(it().secrets[name]),
    knowsQueue: (id) => it().queues.has(id),
    readNumber: (number) => parseAddress(number, 'GB'),
    waitingIn: () => it().wait,
    callback: ({ conversationId, callId }, { queueId, priority }) =>
      it().calls.waiting.callback(conversationId, callId, queueId, priority),
    voicemail: async ({ conversationId, callId }, box) =>
      it().calls.waiting.voicemail(conversationId, callId, box),
    record: (_talk, on) => {
      const { recordingFails, recorded } = it();
      if (recordingFails) return Promise.reject(recordingFails);
      recorded.push(on);
      return Promise.resolve();
    },
  };
}
