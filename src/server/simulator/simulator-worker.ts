/**
 * The worker thread that simulates, so that live calls are not disturbed. Its own entry file: the build emits it as
 * `simulator-worker.js` beside the main bundle. It is ended from outside; nothing in it needs to be put away.
 */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../../lib/must.ts';
import type { SimulationFile, SimulationResult } from '../../protocol/simulation.ts';
import { simulate } from './simulate.ts';

export type SimulatorAnswer = { share: number } | { result: SimulationResult };

/** Linux takes the calling thread alone for process 0, others the whole process. Below all that serves. */
const NICE = 15;

const port = must(parentPort, 'the parent thread');
if (process.platform === 'linux') setPriority(0, NICE);
const say = (answer: SimulatorAnswer) => port.postMessage(answer);
say({ result: await simulate(workerData as SimulationFile, (share) => say({ share })) });
