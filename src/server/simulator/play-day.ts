/** Plays one day of callers in one configuration, in virtual time. */
import { VirtualClock } from '../../lib/clock.ts';
import type { Configuration } from '../../protocol/simulation.ts';
import { Callers } from './callers.ts';
import { agentsOf } from './configuration.ts';
import { type DayFrame, DayLog } from './day-log.ts';
import type { Caller } from './demand.ts';
import { SimulatedCallCenter } from './simulated-call-center.ts';
import { Staff } from './staff.ts';

/** Who still waits then, for agents who do not come, is neither answered nor gone. */
const LATEST_END_MS = 72 * 3_600_000;
/** After how much of the day the caller is told how far it is. */
const STEP_MS = 15 * 60_000;

/**
 * Resolves when the last caller and the last wrap-up are over.
 * @param onProgress told now and then with the share that is done, 0 to 1.
 * Rejects when something went wrong inside that should not.
 */
export async function playDay(
  callers: readonly Caller[],
  configuration: Configuration,
  frame: DayFrame,
  onProgress: (share: number) => void = () => undefined,
): Promise<DayLog> {
  const agents = agentsOf(configuration);
  const begin = Math.min(
    frame.from,
    callers[0]?.at ?? Infinity,
    ...agents.map(({ shifts }) => shifts[0]?.from ?? Infinity),
  );
  const end = Math.max(frame.from + frame.intervals * frame.intervalMs, callers.at(-1)?.at ?? 0);
  const clock = new VirtualClock(frame.midnight + begin);
  const center = await SimulatedCallCenter.open(clock, configuration, agents);
  const log = new DayLog(center, clock, frame);
  const people = new Callers(center, clock, callers, frame.midnight);
  const onError = (cause: unknown) => {
    center.failure ??= new Error('the simulated day broke', { cause });
  };
  new Staff({ center, clock, callers: people, agents, midnight: frame.midnight, onError });
  for (let at = begin; at < end || (!people.done && at < LATEST_END_MS); at += STEP_MS) {
    await clock.advance(STEP_MS);
    if (center.failure) throw center.failure;
    onProgress(Math.min(1, (at + STEP_MS - begin) / (end - begin)));
  }
  log.close();
  await center.close();
  return log;
}
