/**
 * The suites of a PBX that routes by itself (`createPbx`): the roles CallControl and Acd as our softphone sees them, and that nothing is
 * lost or doubled when the connection was away.
 */
import { realClock } from '../../src/lib/clock.ts';
import { PlatformAgents } from '../../src/server/routing/platform-agents.ts';
import { type ConnectorLog, type CreatePbx } from '../../src/server/telephony/connector.ts';
import { Conversations } from '../../src/server/telephony/conversations.ts';
import { ForeignMirror } from '../../src/server/telephony/mirror/foreign-mirror.ts';
import type { ForeignPbx } from '../../src/server/telephony/mirror/foreign-pbx.ts';
import { pbxUsers } from '../../src/server/telephony/mirror/pbx-users.ts';
import { type Conversation, isLive } from '../../src/server/telephony/model.ts';
import type { AgentDevice } from '../../src/server/telephony/ports.ts';
import { MemoryJournal } from '../harness/memory-journal.ts';
import { acdConformance } from './acd.ts';
import { callControlConformance, type FarEnd } from './call-control.ts';
import { expect } from './expect.ts';
import { afterAll, beforeAll, beforeEach, it, type Suite, suite } from './suite.ts';

/** Whose phone rings: three agents by their extensions, or an outside number. */
export type PbxFarPhone = 'ann' | 'bob' | 'cy' | 'outside';

/** Hands on a PBX: everybody at its far ends. One for each suite. */
export interface PbxHarness {
  /** The connector, not started. */
  pbx: ForeignPbx;
  /** Their extensions. Cy is the only member of `queue`; Ann and Bob are in none. */
  extensions: Record<'ann' | 'bob' | 'cy', string>;
  queue: string;
  /** An outside number that can be dialled, and the country in which numbers are read. */
  outside: string;
  country: string;
  /** A customer calls Ann's extension, or the queue. Resolves when the call was sent. */
  customer(to: 'ann' | 'queue'): Promise<FarEnd>;
  /** The next call that rings there and nobody took yet; rejects after a while. */
  rings(where: PbxFarPhone): Promise<FarEnd>;
  /** The PBX's own administrator pauses Cy in his queue, or ends the pause. */
  pauseThere(paused: boolean): Promise<void>;
  /** The connection to the PBX breaks, and may come back; calls go on meanwhile. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Ends every call there. */
  reset(): Promise<void>;
  /** The suite has closed the connector. */
  dispose(): Promise<void>;
}

export interface PbxDriver {
  /** Heads the list of checks. */
  name: string;
  harness(): Promise<PbxHarness>;
  /** How long anything may take, in milliseconds; default 15,000. */
  patienceMs?: number;
}

/** What a driver's module is asked with. */
export interface PbxDriverContext {
  createPbx: CreatePbx;
  settings: Record<string, unknown>;
  secrets: Record<string, unknown>;
  log: ConnectorLog;
}

/** What a driver's module exports under this name: hands on the far end of the PBX. */
export type CreatePbxDriver = (context: PbxDriverContext) => PbxDriver | Promise<PbxDriver>;

const PLATFORM = 'pbx';
const REASON = 'reason_lunch';
const LOOK_MS = 5;

/** Everything above a PBX that the roles need: conversations, users, agent states. */
class PbxStage {
  readonly #patienceMs: number;
  readonly #mirror: ForeignMirror;
  readonly #errors: unknown[] = [];
  readonly conversations: Conversations;
  readonly journal = new MemoryJournal(realClock, () => 0);

  private constructor(
    readonly harness: PbxHarness,
    { patienceMs = 15_000 }: PbxDriver,
  ) {
    this.#patienceMs = patienceMs;
    this.conversations = new Conversations({
      journal: this.journal,
      clock: realClock,
      onListenerError: (error) => this.#errors.push(error),
    });
    const { pbx, country, extensions } = harness;
    const users = Object.entries(extensions).map(([userId, extension]) => ({
      userId,
      deviceId: `dev_${userId}`,
      name: userId,
      extension,
    }));
    this.#mirror = new ForeignMirror({
      platformId: PLATFORM,
      pbx,
      conversations: this.conversations,
      users: pbxUsers(
        () => users,
        (extension) => pbx.deviceOf(extension),
      ),
      clock: realClock,
      country,
      onError: (_what, error) => this.#errors.push(error),
    });
  }

  static async open(driver: PbxDriver): Promise<PbxStage> {
    const stage = new PbxStage(await driver.harness(), driver);
    stage.harness.pbx.start();
    await stage.isUp();
    return stage;
  }

  get control() {
    return this.#mirror.control;
  }

  get acd() {
    return this.#mirror.acd;
  }

  isUp(): Promise<void> {
    return this.until('the link to be up', () => this.harness.pbx.link === 'up');
  }

  agent(userId: 'ann' | 'bob'): { userId: string; device: AgentDevice } {
    const extension = this.harness.extensions[userId];
    return {
      userId,
      device: {
        deviceId: `dev_${userId}`,
        platformId: PLATFORM,
        endpoint: { kind: 'device', name: this.harness.pbx.deviceOf(extension) },
        address: { kind: 'extension', raw: extension, value: extension },
        control: 'platform',
      },
    };
  }

  async until(what: string, check: () => boolean): Promise<void> {
    const deadline = Date.now() + this.#patienceMs;
    while (!check()) {
      if (this.#errors.length > 0) throw new Error(`while waiting for ${what}: ${String(this.#errors[0])}`);
      if (Date.now() > deadline)
        throw new Error(`${what}: not within ${this.#patienceMs} ms; ${JSON.stringify(this.#last())}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  open(): Conversation[] {
    return this.conversations.all().filter((one) => [...one.calls.values()].some((call) => !call.endedAt));
  }

  async reset(): Promise<void> {
    await this.harness.reset();
    await this.until('every call to be over', () => this.open().length === 0);
  }

  async close(): Promise<void> {
    this.#mirror.close();
    await this.harness.pbx.close();
    await this.harness.dispose();
  }

  #last(): unknown[] {
    return this.journal.entries.slice(-12).map(({ type, body }) => [type, body]);
  }
}

/** All suites of the PBX. */
export function pbxConformance(driver: PbxDriver): Suite[] {
  return [
    callControlConformance(driver.name, () => callControlOf(driver)),
    acdConformance(driver.name, () => acdOf(driver)),
    reconciliation(driver),
  ];
}

async function callControlOf(driver: PbxDriver) {
  const stage = await PbxStage.open(driver);
  const { harness, control, conversations } = stage;
  return {
    control,
    conversations,
    ann: stage.agent('ann'),
    bob: stage.agent('bob'),
    outside: harness.outside,
    country: harness.country,
    async customerCalls() {
      const customer = await harness.customer('ann');
      return { customer, phone: await harness.rings('ann') };
    },
    rings: (where: 'ann' | 'bob' | 'outside') => harness.rings(where),
    until: (what: string, check: () => boolean) => stage.until(what, check),
    reset: () => stage.reset(),
    close: () => stage.close(),
  };
}

async function acdOf(driver: PbxDriver) {
  const stage = await PbxStage.open(driver);
  const { harness, acd, conversations } = stage;
  const device = harness.pbx.deviceOf(harness.extensions.cy);
  const agents = new PlatformAgents({
    platformId: PLATFORM,
    acd,
    conversations,
    clock: realClock,
    user: (userId) => (userId === 'cy' ? { device, name: 'cy' } : undefined),
    userIds: () => ['cy'],
    reasons: () => [{ id: REASON, label: 'Lunch' }],
    loginQueues: [harness.queue],
    hangup: (legId) => stage.control.hangup(legId),
    onError: (what, error) => {
      throw new Error(`${what}: ${String(error)}`);
    },
  });
  agents.setOnline('cy', true);
  return {
    acd: agents,
    conversations,
    userId: 'cy',
    queueId: `${PLATFORM}:${harness.queue}`,
    reason: REASON,
    customerCalls: () => harness.customer('queue'),
    rings: () => harness.rings('cy'),
    changeThere: (ready: boolean) => harness.pauseThere(!ready),
    until: (what: string, check: () => boolean) => stage.until(what, check),
    async reset() {
      await stage.reset();
      await harness.pauseThere(false);
      await agents.setRequested('cy', 'ready', undefined);
      await stage.until('the agent to be ready', () => agents.agent('cy').shown === 'ready');
    },
    async close() {
      await agents.close();
      await stage.close();
    },
  };
}

function reconciliation(driver: PbxDriver): Suite {
  return suite(`reconciliation with ${driver.name}`, () => {
    let stage: PbxStage;
    beforeAll(async () => {
      stage = await PbxStage.open(driver);
    });
    afterAll(() => stage?.close());
    beforeEach(() => stage.reset());

    async function talking() {
      const customer = await stage.harness.customer('ann');
      const phone = await stage.harness.rings('ann');
      phone.answer();
      await stage.until('Ann to talk', () =>
        stage.open().some((one) => [...one.legs.values()].some((leg) => leg.userId && leg.joined)),
      );
      return { customer, conversation: stage.open()[0] as Conversation };
    }

    async function away(meanwhile: () => void): Promise<void> {
      await stage.harness.cut();
      await stage.until('the link to be down', () => stage.harness.pbx.link !== 'up');
      meanwhile();
      await stage.harness.restore();
      await stage.isUp();
    }

    it('goes on with a call that lives, under the same conversation, and writes nothing twice', async () => {
      const { customer, conversation } = await talking();
      const written = stage.journal.entries.length;
      await away(() => undefined);
      expect(stage.open()).toEqual([conversation]);
      expect(stage.journal.entries.slice(written).map(({ type }) => type)).toEqual([]);
      customer.hangup();
      await stage.until('the call to end', () => stage.open().length === 0);
    });

    it('closes what ended meanwhile, each leg once', async () => {
      const { customer, conversation } = await talking();
      await away(() => customer.hangup());
      await stage.until('the call to end', () => stage.open().length === 0);
      expect([...conversation.legs.values()].filter(isLive)).toEqual([]);
      const cleared = stage.journal.entries.filter(
        ({ type, conversationId }) => type === 'leg.cleared' && conversationId === conversation.id,
      );
      expect(cleared).toHaveLength(conversation.legs.size);
    });

    it('refuses commands while it is away', async () => {
      const { conversation } = await talking();
      const leg = [...conversation.legs.values()].find(({ userId }) => userId === 'ann');
      await away(() => {
        expect(stage.control.capabilities(leg?.id ?? '').hangup).toBe('switch-down');
      });
    });
  });
}
