/** What routing (the ACD) gives to the softphone and to flows. */
import type { Emitter } from '../../lib/emitter.ts';
import type { AgentRules } from '../../protocol/agent-rules.ts';
import type { QueueLeft } from '../../protocol/facts.ts';
import type { OverflowReason, OverflowTarget, QueueRule } from '../../protocol/queue-rules.ts';
import type { Requirement } from '../../protocol/skills.ts';
import type { AgentShown, RequestedState } from '../../protocol/softphone.ts';
import type { AgentDevice } from '../telephony/ports.ts';

export type WorkState = 'idle' | 'offered' | 'talking' | 'wrap-up';

/** An agent's state is three things; the shown state is a pure function of them (agent-state.ts). */
export interface AgentView {
  userId: string;
  requested: { state: RequestedState; reason?: string };
  work: WorkState;
  online: boolean;
  shown: AgentShown;
  /** UTC milliseconds since when `shown` holds. */
  since: number;
  offer?: {
    offerId: string;
    conversationId: string;
    callId: string;
    legId: string;
    queueId: string;
    deadline: number;
  };
  wrap?: { conversationId: string; callId: string; endsAt?: number };
  /** Who rules over this agent's state: a platform's id; absent for our own routing. */
  authority?: string;
  /** What he is to be: once that platform has confirmed it, by our own routing when what he is doing is done. */
  pending?: PendingState;
}

export type AcdEvents = {
  /** The agent's view changed; routing keeps the old one no longer. */
  agent: [view: AgentView];
  /** A queue item came, went or was offered. */
  queue: [queueId: string];
  /** The queue's rule sends this caller elsewhere. He keeps his place until `leave`. */
  overflow: [leaving: Overflowed];
};

/** Who must leave his queue, why, and for where. */
export interface Overflowed {
  itemId: string;
  conversationId: string;
  callId: string;
  queueId: string;
  reason: OverflowReason;
  target: OverflowTarget;
}

/** A predicted wait. */
export interface Estimate {
  /** From now on, in milliseconds. */
  ms: number;
  /** Enough is known to say it to a caller. */
  honest: boolean;
}

export interface EnqueueRequest {
  itemId: string;
  conversationId: string;
  callId: string;
  queueId: string;
  /** Higher goes first; default 0. A caller whose agent was lost comes back with 100. */
  priority: number;
  /** Since when he waits, when that is longer than now: UTC milliseconds. */
  enteredAt?: number;
  /** His own agent, whom the queue's rule may let him wait for. */
  preferredUserId?: string;
  /** What is asked for him beside what the queue asks, while he has this place (phasesFor); none without. */
  requirements?: readonly Requirement[];
}

/** Tells routing what it may not know itself. */
export interface AgentDirectory {
  /** The device that rings for this user and can be reached now; undefined while there is none: then nothing is offered to him. */
  device(userId: string): AgentDevice | undefined;
  /** The platforms whose callers can be connected with this device, its own and those with a link to it. Default: its own. */
  platformsOf?(device: AgentDevice): ReadonlySet<string>;
}

export interface QueueSettings {
  id: string;
  label: string;
  /** How long an agent is rung, in milliseconds. */
  ringMs: number;
  /** Wrap-up: 0 means none. */
  wrapMs: number;
  dispositionRequired: boolean;
  memberIds: string[];
  /** What a member must reach to be offered its calls: all of them. */
  requirements: readonly Requirement[];
  /** Default: PLAIN_RULE. */
  rule?: QueueRule;
  /** What it asks of its agents; left out: the default. */
  agentRules?: AgentRules;
}

/** What routing keeps in memory, as the history has it; times are UTC milliseconds. */
export interface RoutingPast {
  /** Who answered which caller in a queue; the earliest first. */
  answers: { queueId: string; caller: string; userId: string; at: number }[];
  /** How long those who are logged in have worked since they logged in, in milliseconds. */
  work: { userId: string; since: number; workMs: number }[];
}

/** What agents are good at. */
export interface SkillBook {
  /** The user's queues in the order in which he serves them; those that are not in it come last, and are equal. Default: all are. */
  queueOrder?(userId: string): readonly string[];
  /** 1 to 10; 0 for who does not have the skill. */
  skillLevel(userId: string, skillId: string): number;
}

/** Whose settings are other ones. */
export interface SettingsChange {
  kind: 'user' | 'queue';
  id: string;
}

/** A state that was asked for and has not taken effect yet. */
export interface PendingState {
  state: RequestedState;
  reason?: string;
  /** UTC milliseconds. */
  since: number;
}

/**
 * What a user's softphone asks of whoever rules over his agent state: our own routing, or the platform whose ACD he works in
 * (`AgentAuthorities` finds it). Exactly one rules per user, and it wins.
 */
export interface AgentStates {
  readonly events: Emitter<AcdEvents>;
  agent(userId: string): AgentView;
  agents(): AgentView[];
  /** How many callers wait in the queue, offered ones included; 0 for a queue of somebody else's. */
  waiting(queueId: string): number;
  setRequested(userId: string, state: RequestedState, reason: string | undefined, by: string): Promise<void>;
  /** Presence: some tab of the user answers heartbeats. */
  setOnline(userId: string, online: boolean): void;
  /** The user's device came, went or was changed: what AgentDirectory.device says may be different now. */
  deviceChanged(userId: string): void;
  decline(userId: string, offerId: string): Promise<void>;
  /**
   * Before an outbound call: refuses with `busy` while something rings him, else no offer comes. Who talks may make another.
   * An emergency call is never refused: what was offered to him is withdrawn, and that caller has his place again.
   */
  reserve(userId: string, conversationId: string, options?: { emergency?: boolean }): Promise<void>;
  release(userId: string, conversationId: string): void;
  /** @param by who ends it: the agent himself without. */
  finishWrap(userId: string, conversationId: string, by?: string): Promise<void>;
  extendWrap(userId: string, conversationId: string): Promise<void>;
}

/** A queue as a wallboard shows it. */
export interface QueueView {
  id: string;
  label: string;
  /** The longest-waiting first. */
  waiting: { conversationId: string; callId: string; since: number }[];
  members: {
    userId?: string;
    name: string;
    paused: boolean;
    reason?: string;
    inCall: boolean;
    penalty: number;
  }[];
}

/** Our own ACD: beside agent states the queues in which flows let callers wait. */
export interface Acd extends AgentStates {
  /** The caller waits; the flow keeps his ear until an agent accepts. */
  enqueue(request: EnqueueRequest): Promise<void>;
  /** The caller left (abandoned) or goes elsewhere. Idempotent. */
  leave(itemId: string, how: Exclude<QueueLeft, 'answered'>): Promise<void>;
  /** The caller's place in his queue as its order is now, 1 for the next; undefined when he does not wait. */
  position(itemId: string): number | undefined;
  /** How long he has still to wait, as WaitEstimate predicts it; undefined when he does not wait. */
  estimate(itemId: string): Estimate | undefined;
}
