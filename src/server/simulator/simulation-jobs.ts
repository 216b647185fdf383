/**
 * Simulations that were asked of the server: one after the other in a worker thread, each with its progress, until its result is there
 * or it is cancelled. They are kept in memory, the newest few: a result can be had again by the same file.
 *
 *     waiting ──► running ──► done
 *        └────────────┴── cancel, a fault ──► cancelled · failed
 */
import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { SimulationFile, SimulationJob } from '../../protocol/simulation.ts';
import { startWorker, workerUrl } from '../telephony/worker-thread.ts';
import { alternativeOf } from './configuration.ts';
import type { SimulatorAnswer } from './simulator-worker.ts';

export interface SimulationJobsOptions {
  clock: Clock;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

/** How many are remembered, and how many may wait. */
const KEPT = 20;
const MOST_WAITING = 5;
/** Megabytes: what a day of the most calls takes, with room. */
const MEMORY_MB = 1_024;

interface Job {
  shown: SimulationJob;
  file: SimulationFile;
}

export class SimulationJobs {
  readonly #o: SimulationJobsOptions;
  readonly #jobs = new Map<string, Job>();
  #running: { job: Job; worker: Worker } | undefined;

  constructor(options: SimulationJobsOptions) {
    this.#o = options;
  }

  /** The newest first, without results. */
  list(): SimulationJob[] {
    return [...this.#jobs.values()].reverse().map(({ shown }) => ({ ...shown, result: null }));
  }

  /** @throws CodedError `not-found`. */
  read(id: string): SimulationJob {
    return this.#find(id).shown;
  }

  /** @throws CodedError `bad-input` for a B that is no configuration, `too-many` while as many wait. */
  start(file: SimulationFile): SimulationJob {
    if (file.b) alternativeOf(file.a, file.b);
    const waiting = [...this.#jobs.values()].filter(({ shown }) => shown.state === 'waiting').length;
    if (waiting >= MOST_WAITING) throw new CodedError('too-many', { limit: MOST_WAITING });
    const shown: SimulationJob = {
      id: newId('sim'),
      label: file.label,
      state: 'waiting',
      at: this.#o.clock.now(),
      share: 0,
      result: null,
    };
    this.#jobs.set(shown.id, { shown, file });
    this.#forgetOld();
    this.#next();
    return shown;
  }

  /** Ends it, if it has not ended. @throws CodedError `not-found`. */
  async cancel(id: string): Promise<SimulationJob> {
    const job = this.#find(id);
    if (job.shown.state === 'waiting' || job.shown.state === 'running') {
      job.shown = { ...job.shown, state: 'cancelled' };
      if (this.#running?.job === job) await this.#running.worker.terminate();
    }
    return job.shown;
  }

  /** Ends what runs; what waits never begins. */
  async close(): Promise<void> {
    // The newest first: nothing waits any more when the one that runs has ended.
    for (const { id } of this.list()) await this.cancel(id);
  }

  #find(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw new CodedError('not-found', { what: 'simulation' });
    return job;
  }

  #forgetOld(): void {
    for (const [id, { shown }] of this.#jobs) {
      if (this.#jobs.size <= KEPT) return;
      if (shown.state !== 'waiting' && shown.state !== 'running') this.#jobs.delete(id);
    }
  }

  #next(): void {
    const job = [...this.#jobs.values()].find(({ shown }) => shown.state === 'waiting');
    if (!job || this.#running) return;
    const worker = startWorker(workerUrl(import.meta.url, 'simulator-worker'), {
      workerData: job.file,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.#running = { job, worker };
    job.shown = { ...job.shown, state: 'running' };
    worker.on('message', (answer: SimulatorAnswer) => {
      if (job.shown.state !== 'running') return;
      job.shown =
        'share' in answer
          ? { ...job.shown, share: answer.share }
          : { ...job.shown, state: 'done', share: 1, result: answer.result };
    });
    worker.on('error', (error) => this.#failed(job, error));
    worker.on('exit', () => {
      if (job.shown.state === 'running') this.#failed(job, new Error('the worker ended'));
      this.#running = undefined;
      this.#next();
    });
  }

  #failed(job: Job, error: unknown): void {
    if (job.shown.state === 'running') job.shown = { ...job.shown, state: 'failed' };
    this.#o.onError('simulate', error, { jobId: job.shown.id });
  }
}
