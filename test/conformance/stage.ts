/** One check's surroundings: the harness, a started connector, every fact it said, and ways to wait for things. */
import { expect } from './expect.ts';
import { it, notRun } from './suite.ts';
import { newId } from '../../src/lib/ids.ts';
import { CodedError, type ErrorCode } from '../../src/protocol/errors.ts';
import type { ClearCause } from '../../src/protocol/facts.ts';
import type {
  Endpoint,
  LegInfo,
  LinkState,
  Provisioning,
  Switch,
  SwitchFact,
} from '../../src/server/telephony/ports.ts';
import {
  type Callee,
  type ConformanceDriver,
  DEFAULT_PACE,
  type FarCall,
  type Feature,
  type Heard,
  type Pace,
  type SwitchHarness,
} from './harness.ts';

export type FactOf<T extends SwitchFact['type']> = Extract<SwitchFact, { type: T }>;

/** A leg with its far end. */
export interface Line {
  legId: string;
  far: FarCall;
}

export class Stage {
  readonly facts: SwitchFact[] = [];
  readonly links: LinkState[] = [];
  readonly pace: Pace;
  readonly #lacks: Partial<Record<Feature, string>>;
  readonly #connected: Switch[] = [];
  readonly #adopted = new Set<string>();
  #switch: Switch | undefined;
  #provisioning: Provisioning | undefined;

  constructor(
    readonly harness: SwitchHarness,
    { pace, lacks = {} }: Pick<ConformanceDriver, 'pace' | 'lacks'>,
  ) {
    this.pace = { ...DEFAULT_PACE, ...pace };
    this.#lacks = lacks;
  }

  get switch(): Switch {
    if (!this.#switch) throw new Error('connect() first');
    return this.#switch;
  }

  get provisioning(): Provisioning {
    if (!this.#provisioning) throw new Error('the connector has no provisioning');
    return this.#provisioning;
  }

  /** Starts a new connector, as a new process does. The older one is not closed by this. */
  async connect(deadlineMs = this.pace.deadlineMs): Promise<void> {
    const connector = await this.do(Promise.resolve(this.harness.connect()));
    this.#switch = connector.switch;
    this.#provisioning = connector.provisioning;
    this.#connected.push(connector.switch);
    connector.switch.events.on('fact', (fact) => this.facts.push(fact));
    connector.switch.events.on('link', (link) => this.links.push(link));
    await this.do(connector.switch.start({ deadlineMs }));
  }

  async close(): Promise<void> {
    for (const connected of this.#connected) await this.do(connected.close());
    await this.harness.dispose();
  }

  // ---- time

  /** The promise's outcome, while the harness's time goes on. */
  async do<T>(promise: Promise<T>): Promise<T> {
    let outcome: { value: T } | { error: unknown } | undefined;
    promise.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    const settled = await this.until('an outcome', () => outcome, 2 * this.pace.deadlineMs);
    if ('error' in settled) throw settled.error;
    return settled.value;
  }

  /** Looks until `look` gives something true; fails after `withinMs`. */
  async until<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
    withinMs = this.pace.deadlineMs,
  ): Promise<T> {
    const end = this.harness.time.now() + withinMs;
    for (;;) {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      if (this.harness.time.now() >= end)
        throw new Error(`${what}: not within ${withinMs} ms. Facts: ${this.#told()}`);
      await this.harness.time.wait(this.pace.stepMs);
    }
  }

  /** Long enough to see that nothing more comes. */
  async quiet(): Promise<void> {
    await this.harness.time.wait(this.pace.quietMs);
  }

  #told(): string {
    return this.facts.map((fact) => ('legId' in fact ? `${fact.type} ${fact.legId}` : fact.type)).join(', ');
  }

  // ---- facts

  factsOf<T extends SwitchFact['type']>(type: T, legId?: string): FactOf<T>[] {
    const ofType = this.facts.filter((fact): fact is FactOf<T> => fact.type === type);
    return ofType.filter((fact) => legId === undefined || ('legId' in fact && fact.legId === legId));
  }

  fact<T extends SwitchFact['type']>(type: T, legId: string, withinMs?: number): Promise<FactOf<T>> {
    return this.until(`${type} of ${legId}`, () => this.factsOf(type, legId)[0], withinMs);
  }

  /** The leg was cleared with this cause, once, also after a while. */
  async cleared(legId: string, cause: ClearCause, withinMs?: number): Promise<void> {
    await this.fact('leg.cleared', legId, withinMs);
    await this.quiet();
    expect(
      this.factsOf('leg.cleared', legId).map((fact) => fact.cause),
      'the causes of all leg.cleared of this leg',
    ).toEqual([cause]);
  }

  async playbackFinished(
    playbackId: string,
    withinMs?: number,
  ): Promise<FactOf<'playback.finished'>['outcome']> {
    const finished = () => this.factsOf('playback.finished').filter((fact) => fact.playbackId === playbackId);
    const first = await this.until(`playback.finished of ${playbackId}`, () => finished()[0], withinMs);
    await this.quiet();
    expect(finished()).toHaveLength(1);
    return first.outcome;
  }

  // ---- calls

  /** Somebody calls in; nobody has answered. */
  async arrive(
    call: Partial<Parameters<SwitchHarness['call']>[0]> = {},
  ): Promise<Line & { fact: FactOf<'leg.arrived'> }> {
    const far = await this.harness.call({
      ani: '02079460958',
      dnis: '8001',
      callerName: 'Ada Caller',
      ...call,
    });
    const fact = await this.until('leg.arrived', () =>
      this.factsOf('leg.arrived').find((f) => !this.#adopted.has(f.legId)),
    );
    this.#adopted.add(fact.legId);
    return { legId: fact.legId, far, fact };
  }

  /** A call that came in and was answered. */
  async talking(): Promise<Line> {
    const { legId, far } = await this.arrive();
    await this.do(this.switch.answer(legId));
    await this.fact('leg.connected', legId);
    return { legId, far };
  }

  async originate(endpoint: Endpoint, ringMs = 20 * this.pace.ringMs): Promise<string> {
    const legId = newId('leg');
    const callerId = { number: '02079460000', name: 'Crosspoint' };
    await this.do(this.switch.originate({ legId, endpoint, callerId, autoAnswer: false, ringMs }));
    return legId;
  }

  /** A call that we made and that was answered. */
  async called(): Promise<Line> {
    const callee = await this.harness.callee('answers');
    const legId = await this.originate(callee.endpoint);
    await this.fact('leg.connected', legId);
    return { legId, far: await this.reached(callee) };
  }

  /** Whether a check may expect this. */
  has(feature: Feature): boolean {
    return this.#lacks[feature] === undefined;
  }

  reached(callee: Callee): Promise<FarCall> {
    return this.until('a call at the callee', () => callee.call());
  }

  async leg(legId: string): Promise<LegInfo | undefined> {
    const { legs } = await this.do(this.switch.list());
    expect(legs.filter((leg) => leg.legId === legId).length).toBeLessThanOrEqual(1);
    return legs.find((leg) => leg.legId === legId);
  }

  /** Ids of the bridge's legs, sorted; undefined when there is no such bridge. */
  async bridged(bridgeId: string): Promise<string[] | undefined> {
    const { bridges } = await this.do(this.switch.list());
    return bridges.find((bridge) => bridge.bridgeId === bridgeId)?.legIds.toSorted();
  }

  // ---- expectations

  async refuses(command: Promise<unknown>, code: ErrorCode): Promise<void> {
    const outcome = await this.do(
      command.then(
        () => 'no error',
        (error: unknown) => (error instanceof CodedError ? error.code : String(error)),
      ),
    );
    expect(outcome, 'the error of the command').toBe(code);
  }

  /** The party comes to hear this. Nothing is checked where the harness cannot hear. */
  async hears(far: FarCall, expected: Heard): Promise<void> {
    if (this.#lacks.hearing !== undefined) return;
    let last: Heard = 'silence';
    const look = async () => {
      last = this.#distinguish(await far.hears());
      return last === this.#distinguish(expected);
    };
    await this.until(`hearing ${expected}`, look).catch((error: unknown) => {
      throw new Error(`it hears ${last}; ${String(error)}`);
    });
  }

  /** The party comes to hear that other one, or to hear it no more. */
  async hearsFrom(far: FarCall, other: FarCall, expected = true): Promise<void> {
    const what = `${expected ? '' : 'not '}hearing that party`;
    await this.until(what, async () => (await far.hearsFrom(other)) === expected);
  }

  #distinguish(heard: Heard): Heard {
    return heard === 'voice' && this.#lacks.voice !== undefined ? 'sound' : heard;
  }
}

/** Declares one check; it is listed as not run, with the reason, when something that it needs is declared as lacking. */
export type Check = (title: string, needs: Feature[], body: (stage: Stage) => Promise<void>) => void;

export function makeCheck(driver: ConformanceDriver): Check {
  return (title, needs, body) => {
    const missing = needs.find((feature) => driver.lacks?.[feature] !== undefined);
    if (missing) {
      notRun(title, `lacks ${missing}: ${driver.lacks?.[missing]}`);
      return;
    }
    it(title, async () => {
      const stage = new Stage(await driver.harness(), driver);
      try {
        await stage.connect();
        await body(stage);
      } catch (error) {
        // What went wrong first is what is reported.
        await stage.close().catch(() => undefined);
        throw error;
      }
      await stage.close();
    });
  };
}
