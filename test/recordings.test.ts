/** Calls that are recorded, on the simulated exchange, with the real journal and PostgreSQL. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Emitter } from '../src/lib/emitter.ts';
import type { RecordingRuleInput } from '../src/protocol/recording.ts';
import { RecordingRules } from '../src/server/callcenter/recording-rules.ts';
import type { CallCenterEvents } from '../src/server/callcenter/call-center.ts';
import { callcenterMigrations } from '../src/server/callcenter/schema.ts';
import { CallRecordings } from '../src/server/recording/call-recordings.ts';
import { Recordings } from '../src/server/recording/recordings.ts';
import { recordingMigrations } from '../src/server/recording/schema.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { followSwitches } from '../src/server/telephony/switches.ts';
import { CallWorld, type WorldOptions } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const fail = (error: unknown) => {
  throw error;
};

class RecordingWorld extends CallWorld {
  rules!: RecordingRules;
  recordings!: Recordings;
  recorder!: CallRecordings;
  unfollow = () => {};
  /** How often the mover would have been woken. */
  moved = 0;
  readonly said: string[] = [];
  /** What becomes of the next announcement; the simulated exchange speaks it to its end. */
  sayFails = false;

  private constructor(
    options: WorldOptions,
    readonly database: TestDatabase,
  ) {
    super(options);
  }

  static async with(database: TestDatabase): Promise<RecordingWorld> {
    const { db } = database;
    const journal: WorldOptions['journal'] = (clock) => new Journal({ db, clock, onError: fail });
    const world = new RecordingWorld({ agents: ['ann', 'bob'], db, journal }, database);
    for (const agent of ['ann', 'bob']) world.exchange.device(agent).register();
    const callCenter = { queue: () => undefined, events: new Emitter<CallCenterEvents>(fail) };
    world.rules = await RecordingRules.load({ db, callCenter, onError: fail });
    world.recordings = new Recordings(db);
    await world.startProcess();
    return world;
  }

  protected override announcementFor(queueId: string): string {
    return this.recorder.announcementFor(queueId);
  }

  protected override onAnnounced(conversationId: string, text: string): void {
    this.recorder.noteAnnounced(conversationId, text);
  }

  protected override async joinMore(): Promise<void> {
    this.recorder = new CallRecordings({
      conversations: this.conversations,
      clock: this.clock,
      recordings: this.recordings,
      rules: this.rules,
      switchOf: () => this.node,
      say: async (conversationId, callId, text) => {
        this.said.push(text);
        if (this.sayFails) return 'failed';
        return this.engine.sayToCaller(conversationId, callId, [{ kind: 'text', text }]);
      },
      onWaiting: () => this.moved++,
      onError: (what, error) =>
        this.errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
    });
    this.unfollow = followSwitches(this.switches, {
      fact: (id, fact) => this.recorder.fact(id, fact),
      link: (id, link) => this.recorder.link(id, link),
    });
  }

  override async stop(): Promise<void> {
    this.unfollow();
    await super.stop();
    await this.recorder.close();
  }

  rule(record: RecordingRuleInput['record'], more: Partial<RecordingRuleInput> = {}): Promise<unknown> {
    return this.rules.add({
      scope: { kind: 'direction', direction: 'inbound' },
      record,
      announcement: '',
      retentionDays: null,
      ...more,
    });
  }

  /** A caller and Ann, talking. */
  async talk() {
    await this.ready('ann');
    const caller = await this.call();
    await this.pass(8_000);
    this.exchange.device('ann').answer();
    await this.pass(200);
    return caller;
  }

  /** Ann's leg. */
  get annLeg(): string {
    return [...this.conversation.legs.values()].find((leg) => leg.userId === 'ann' && leg.joined)?.id ?? '';
  }

  /** What the switch records now. */
  async onSwitch() {
    const listed = this.node.list();
    await this.pass(50);
    return (await listed).recordings;
  }

  async rows() {
    await this.pass(20);
    return (await this.recordings.list({ limit: 50 })).rows;
  }

  /** Carried out while the exchange's time goes on. */
  async do(work: Promise<unknown>): Promise<unknown> {
    const ended = work.then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code ?? error,
    );
    await this.pass(200);
    return ended;
  }
}

let database: TestDatabase;
let world: RecordingWorld;

beforeEach(async () => {
  database = await testDatabase([
    ...storeMigrations,
    ...callcenterMigrations,
    ...routingMigrations,
    ...recordingMigrations,
  ]);
  world = await RecordingWorld.with(database);
});
afterEach(async () => {
  await world.stop();
  await database.drop();
  expect(world.errors).toEqual([]);
});

describe('a rule', () => {
  it('has the caller’s leg recorded from the moment that he talks until he is gone', async () => {
    await world.rule('always', { retentionDays: 30 });
    const caller = await world.talk();
    const [recording] = await world.onSwitch();
    expect(recording).toMatchObject({ state: 'recording', legId: caller.legId });
    expect(world.recorder.stateOf(world.callId)).toMatchObject({
      state: 'on',
      recordingId: recording?.recordingId,
    });
    await world.pass(5_000);
    caller.hangup();
    await world.pass(200);
    expect(await world.rows()).toMatchObject([
      {
        id: recording?.recordingId,
        state: 'waiting',
        why: 'rule',
        byUser: null,
        userIds: ['ann'],
        queueId: 'sales',
        direction: 'inbound',
        retentionDays: 30,
      },
    ]);
    expect(world.moved).toBe(1);
    expect(world.happened.filter((type) => type.startsWith('recording'))).toEqual([
      'recording.started',
      'recording.stopped',
    ]);
  });

  it('of the queue goes before the one of the direction', async () => {
    await world.rule('always');
    await database.db.query("INSERT INTO recording_rule VALUES ('r', 'sales', NULL, 'never', '', NULL)");
    const callCenter = { queue: () => undefined, events: new Emitter<CallCenterEvents>(fail) };
    const rules = await RecordingRules.load({ db: database.db, callCenter, onError: fail });
    expect([rules.decide('inbound', 'sales').record, rules.decide('inbound', 'other').record]).toEqual([
      'never',
      'always',
    ]);
    expect(rules.decide('outbound', undefined).record).toBe('demand');
  });

  it('that says never keeps an agent from recording', async () => {
    await world.rule('never');
    await world.talk();
    expect(await world.onSwitch()).toEqual([]);
    expect(await world.do(world.recorder.start(world.annLeg, 'ann'))).toBe('recording-off');
  });

  it('goes on over hold and retrieve with one recording', async () => {
    await world.rule('always');
    await world.talk();
    await world.do(world.engine.hold(world.annLeg));
    await world.do(world.engine.retrieve(world.annLeg));
    expect(await world.onSwitch()).toHaveLength(1);
    expect(await world.rows()).toHaveLength(1);
  });
});

describe('an announcement', () => {
  it('is heard by the caller to its end before he is queued, once', async () => {
    await world.rule('always', { announcement: 'This call is recorded.' });
    await world.ready('ann');
    await world.call();
    expect(world.happened).not.toContain('queue.entered');
    expect(world.shown('ann')).toBe('ready');
    await world.pass(8_000);
    expect(world.shown('ann')).toBe('offered');
    world.exchange.device('ann').answer();
    await world.pass(200);
    expect(await world.onSwitch()).toHaveLength(1);
    expect(world.said).toEqual([]); // the flow said it: the recorder need not
  });

  it('that cannot be said means no recording, and says so', async () => {
    await world.rule('demand', { announcement: 'This call is recorded.' });
    await world.talk();
    world.sayFails = true;
    const error = await world.do(world.recorder.start(world.annLeg, 'ann'));
    expect(String(error)).toContain('not recorded');
    expect(await world.rows()).toEqual([]);
  });

  it('comes before what is recorded on demand', async () => {
    await world.rule('demand', { announcement: 'This call is recorded.' });
    await world.talk();
    const started = world.recorder.start(world.annLeg, 'ann');
    await world.pass(50);
    expect(await world.rows()).toEqual([]);
    await world.pass(8_000);
    await started;
    expect([world.said, (await world.onSwitch()).length]).toEqual([['This call is recorded.'], 1]);
  });
});

describe('an agent', () => {
  it('begins a recording where no rule does, once, and it is his', async () => {
    await world.talk();
    expect(world.recorder.stateOf(world.callId).state).toBe('off');
    expect(await world.do(world.recorder.start(world.annLeg, 'ann'))).toBe('done');
    expect(await world.do(world.recorder.start(world.annLeg, 'ann'))).toBe('done');
    expect(await world.rows()).toMatchObject([{ why: 'demand', byUser: 'ann' }]);
  });

  it('pauses and resumes it', async () => {
    await world.rule('always');
    await world.talk();
    expect(await world.do(world.recorder.pause(world.annLeg, 'ann'))).toBe('done');
    expect(await world.onSwitch()).toMatchObject([{ state: 'paused' }]);
    expect(world.recorder.stateOf(world.callId)).toMatchObject({
      state: 'paused',
      overdue: false,
      holders: ['agent'],
    });
    expect(await world.do(world.recorder.resume(world.annLeg, 'ann'))).toBe('done');
    expect(await world.onSwitch()).toMatchObject([{ state: 'recording' }]);
  });

  it('is told that there is no recording to pause', async () => {
    await world.talk();
    expect(await world.do(world.recorder.pause(world.annLeg, 'ann'))).toBe('recording-not-running');
    expect(await world.do(world.recorder.pause('leg_none', 'ann'))).toBe('no-such-line');
  });

  it('cannot end a payment field’s pause by ending his own', async () => {
    await world.rule('always');
    await world.talk();
    await world.do(world.recorder.pause(world.annLeg, 'ann', 'payment'));
    await world.do(world.recorder.pause(world.annLeg, 'ann'));
    await world.do(world.recorder.resume(world.annLeg, 'ann'));
    expect(await world.onSwitch()).toMatchObject([{ state: 'paused' }]);
    await world.do(world.recorder.resume(world.annLeg, 'ann', 'payment'));
    expect(await world.onSwitch()).toMatchObject([{ state: 'recording' }]);
  });

  it('can end a pause that a payment page has left behind', async () => {
    await world.rule('always');
    await world.talk();
    await world.do(world.recorder.pause(world.annLeg, 'ann', 'payment'));
    await world.do(world.recorder.resume(world.annLeg, 'ann'));
    expect(await world.onSwitch()).toMatchObject([{ state: 'recording' }]);
  });

  it('is warned of a pause that lasts too long, and it is not ended', async () => {
    await world.rules.setSettings({ ...world.rules.settings(), maxPauseMs: 10_000 });
    await world.rule('always');
    await world.talk();
    let changes = 0;
    world.recorder.events.on('changed', () => changes++);
    await world.do(world.recorder.pause(world.annLeg, 'ann'));
    const before = changes;
    await world.pass(10_000);
    expect(world.recorder.stateOf(world.callId)).toMatchObject({ state: 'paused', overdue: true });
    expect(changes).toBe(before + 1);
    expect(world.errors.splice(0)).toEqual(['a recording is paused for too long: it is still paused']);
    expect(await world.onSwitch()).toMatchObject([{ state: 'paused' }]);
  });
});

describe('after a restart', () => {
  it('a pause that was too long already is warned of', async () => {
    await world.rules.setSettings({ ...world.rules.settings(), maxPauseMs: 10_000 });
    await world.rule('always');
    await world.talk();
    await world.do(world.recorder.pause(world.annLeg, 'ann'));
    await world.stop();
    await world.clock.advance(10_000);
    await world.startProcess();
    await world.pass(200);
    expect(world.errors.splice(0)).toEqual(['a recording is paused for too long: it is still paused']);
    expect(world.recorder.stateOf(world.callId)).toMatchObject({ state: 'paused', overdue: true });
  });

  it('a recording goes on, with its pause', async () => {
    await world.rule('always');
    const caller = await world.talk();
    await world.do(world.recorder.pause(world.annLeg, 'ann', 'payment'));
    await world.stop();
    await world.startProcess();
    await world.pass(200);
    expect(world.recorder.stateOf(world.callId)).toMatchObject({ state: 'paused', holders: ['payment'] });
    await world.do(world.recorder.resume(world.annLeg, 'ann', 'payment'));
    caller.hangup();
    await world.pass(200);
    expect(await world.rows()).toMatchObject([{ state: 'waiting' }]);
  });

  it('a recording that ended meanwhile waits for the store', async () => {
    await world.rule('always');
    const caller = await world.talk();
    await world.stop();
    caller.hangup();
    await world.startProcess();
    await world.pass(200);
    expect(await world.rows()).toMatchObject([{ state: 'waiting' }]);
    expect(world.moved).toBe(1);
  });

  it('one that the switch was never told of is begun', async () => {
    await world.rule('always');
    await world.talk();
    const [recording] = await world.onSwitch();
    await world.stop();
    world.exchange.recordings.stop(recording?.recordingId ?? '');
    world.exchange.recordings.delete(recording?.recordingId ?? '');
    await world.startProcess();
    await world.pass(200);
    expect(await world.onSwitch()).toMatchObject([
      { recordingId: recording?.recordingId, state: 'recording' },
    ]);
  });

  it('one that the switch has lost with its call is failed', async () => {
    await world.rule('always');
    const caller = await world.talk();
    const [recording] = await world.onSwitch();
    await world.stop();
    caller.hangup();
    world.exchange.recordings.delete(recording?.recordingId ?? '');
    await world.startProcess();
    await world.pass(150_000);
    expect(await world.rows()).toMatchObject([
      { state: 'failed', error: 'the telephone system has no sound of it' },
    ]);
  });
});
