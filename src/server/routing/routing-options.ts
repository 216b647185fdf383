/** What routing is given by whoever builds it. */
import type { Clock } from '../../lib/clock.ts';
import type { StreamWriter } from '../store/journal.ts';
import type { Conversations } from '../telephony/conversations.ts';
import type { AgentDevice } from '../telephony/ports.ts';
import type { AgentDirectory, QueueSettings, RoutingPast, SkillBook } from './ports.ts';

/** What routing asks of call control. */
export interface RoutingCalls {
  ringAgent(legId: string, device: AgentDevice, ringMs: number): Promise<void>;
  connectAgent(conversationId: string, legId: string): Promise<void>;
  dropLeg(legId: string): Promise<void>;
  cancelUnmadeLeg(legId: string): void;
}

export interface RoutingOptions {
  conversations: Conversations;
  journal: StreamWriter;
  clock: Clock;
  calls: RoutingCalls;
  directory: AgentDirectory;
  queue(queueId: string): QueueSettings | undefined;
  queues(): QueueSettings[];
  skills: SkillBook;
  /** Whether the hours that name the queue have it open at an instant; default: it always is. */
  isOpen?(queueId: string, at: number): boolean;
  /** Whether calls of this platform are ours to route; default: all are. */
  routes?(platformId: string): boolean;
  /** Wrap-up after a call that the agent made himself, in milliseconds; 0 means none. */
  outboundWrapMs: number;
  /**
   * What was before the process began, read once: answers to callers of these queues since then, at most so many, and the work of
   * at most so many milliseconds. Default: nothing is known.
   */
  past?(ask: {
    queueIds: string[];
    since: number;
    most: number;
    now: number;
    forMs: number;
  }): Promise<RoutingPast>;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}
