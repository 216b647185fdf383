import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Flow } from '../../protocol/flows.ts';
import type { FlowTrial, FlowTrialAct, FlowTrialStart } from '../../protocol/flow-trials.ts';
import { Trial, type TrialOptions } from './trial.ts';

export interface FlowTrialsOptions extends Pick<TrialOptions, 'services' | 'nameOf'> {
  clock: Clock;
  /** @throws `not-found`. */
  flow(id: string): Pick<Flow, 'rev' | 'document'>;
}

interface Kept {
  trial: Trial;
  userId: string;
  forget: () => void;
}

/** A try-out that nobody acts in is forgotten. */
const IDLE_MS = 30 * 60_000;
/** Each person has so many at once; the oldest goes. */
const MAX_OF_ONE = 3;

/** Flows that are tried out now; in memory only, each for the person who began it. */
export class FlowTrials {
  readonly #o: FlowTrialsOptions;
  readonly #life: Lifecycle;
  readonly #trials = new Map<string, Kept>();
  readonly #acts = new Serial();

  constructor(options: FlowTrialsOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(() => {
      for (const id of this.#trials.keys()) this.#forget(id);
    });
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  /** Calls the draft of a flow as it is saved now, with its problems. @throws `not-found`. */
  async begin(userId: string, flowId: string, start: FlowTrialStart): Promise<FlowTrial> {
    const { rev, document } = this.#o.flow(flowId);
    const { services, nameOf, clock } = this.#o;
    this.#makeRoom(userId);
    const id = newId('trial');
    const trial = await Trial.begin({
      id,
      flowId,
      draftRev: rev,
      document,
      ani: services.readNumber(start.ani),
      dnis: services.readNumber(start.dnis),
      at: start.at ?? clock.now(),
      data: start.data,
      services,
      nameOf,
    });
    this.#trials.set(id, { trial, userId, forget: this.#idle(id) });
    return trial.show();
  }

  /** @throws `not-found` for what is not his, or is forgotten. */
  act(userId: string, id: string, act: FlowTrialAct): Promise<FlowTrial> {
    return this.#acts.run(id, async () => {
      const kept = this.#trials.get(id);
      if (kept?.userId !== userId) throw new CodedError('not-found', { what: 'try-out' });
      kept.forget();
      kept.forget = this.#idle(id);
      await kept.trial.act(act);
      return kept.trial.show();
    });
  }

  #makeRoom(userId: string): void {
    const his = [...this.#trials].filter(([, kept]) => kept.userId === userId).map(([id]) => id);
    for (const id of his.slice(0, his.length - MAX_OF_ONE + 1)) this.#forget(id);
  }

  #idle(id: string): () => void {
    return this.#life.after(IDLE_MS, () => this.#forget(id));
  }

  #forget(id: string): void {
    const kept = this.#trials.get(id);
    kept?.forget();
    kept?.trial.close();
    this.#trials.delete(id);
  }
}
