import { z } from 'zod';
import { ActiveAlarm } from './alarms.ts';
import { Direction, SupervisionMode } from './facts.ts';
import { Level } from './skills.ts';
import { AgentShown, RequestedState } from './softphone.ts';

/**
 * The live floor: what supervisors see. One WebSocket per page at `/api/floor/socket` (a wallboard: `/api/wallboards/socket`).
 *
 *     page ── opened ──► server ── snapshot, then a patch for what changed within 100 ms ──► page;  ping and pong as everywhere
 *
 * A row always comes whole: it takes the place of the one with its id. Where users, queues or teams are others, a new snapshot comes. Nothing in it moves by itself: clocks are drawn from
 * `since` and `serverNow`.
 */
export const FloorCall = z.object({
  conversationId: z.string(),
  callId: z.string(),
  direction: Direction,
  queueId: z.string().optional(),
  /** Since when they talk, or it rings: UTC milliseconds. */
  since: z.number(),
  held: z.boolean(),
  /** The other party, as it can be dialled; absent on a wallboard. */
  peer: z.string().optional(),
});
export type FloorCall = z.infer<typeof FloorCall>;

export const FloorAgent = z.object({
  id: z.string(),
  name: z.string(),
  state: AgentShown,
  /** The reason's label. */
  reason: z.string().optional(),
  /** UTC milliseconds since when the state holds. */
  since: z.number(),
  teamIds: z.array(z.string()),
  queueIds: z.array(z.string()),
  call: FloorCall.optional(),
  /** When his wrap-up ends by itself. */
  wrapEndsAt: z.number().optional(),
  /** Supervisors who hear him now, and how. */
  supervisors: z.array(z.object({ userId: z.string(), mode: SupervisionMode })).optional(),
});
export type FloorAgent = z.infer<typeof FloorAgent>;

export const WaitingCall = z.object({
  itemId: z.string(),
  conversationId: z.string(),
  /** UTC milliseconds. */
  since: z.number(),
  priority: z.number(),
  peer: z.string(),
  /** The agent whom it rings now. */
  offeredTo: z.string().optional(),
});
export type WaitingCall = z.infer<typeof WaitingCall>;

export const FloorQueue = z.object({
  id: z.string(),
  label: z.string(),
  waiting: z.number(),
  /** Since when the longest-waiting one waits; null while nobody does. */
  oldestAt: z.number().nullable(),
  /** Those who are next, the first first; not all of a long queue, and none on a wallboard. */
  next: z.array(WaitingCall),
  /** Of the last hour, 0 to 1; null while nobody has left the queue. */
  serviceLevel: z.number().nullable(),
  /** Of today. */
  serviceLevelToday: z.number().nullable(),
  target: z.object({ seconds: z.number(), goal: z.number() }),
  answeredToday: z.number(),
  abandonedToday: z.number(),
  /** Members by what they do. */
  ready: z.number(),
  busy: z.number(),
  notReady: z.number(),
});
export type FloorQueue = z.infer<typeof FloorQueue>;

/** A queue in one minute: the largest number that waited, and who left it. */
export const QueueMinute = z.object({
  /** The minute's beginning, UTC milliseconds. */
  at: z.number(),
  waiting: z.number(),
  /** Of the hour that ends with it. */
  serviceLevel: z.number().nullable(),
});
export type QueueMinute = z.infer<typeof QueueMinute>;

export const Floor = z.object({
  agents: z.array(FloorAgent),
  queues: z.array(FloorQueue),
  teams: z.array(z.object({ id: z.string(), label: z.string() })),
  alarms: z.array(ActiveAlarm),
  /** By queue: the last hour, the oldest minute first. */
  history: z.record(z.string(), z.array(QueueMinute)),
});
export type Floor = z.infer<typeof Floor>;

export const FloorSnapshot = Floor.extend({ serverNow: z.number() });
export type FloorSnapshot = z.infer<typeof FloorSnapshot>;

export const FloorPatch = z.object({
  serverNow: z.number(),
  agents: z.array(FloorAgent).optional(),
  queues: z.array(FloorQueue).optional(),
  /** All that go on now. */
  alarms: z.array(ActiveAlarm).optional(),
  /** By queue: its newest minute, which takes the place of the one of the same time. */
  minutes: z.record(z.string(), QueueMinute).optional(),
});
export type FloorPatch = z.infer<typeof FloorPatch>;

export const FloorMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), floor: FloorSnapshot }),
  z.object({ type: z.literal('patch'), patch: FloorPatch }),
  z.object({ type: z.literal('ping') }),
]);
export type FloorMessage = z.infer<typeof FloorMessage>;

/** Frames are gathered for so long, in milliseconds. */
export const FLOOR_FRAME_MS = 100;

// ── What supervisors do: bodies of REST routes ──────────────────────────────────────────────────────────────────────────

export const SuperviseRequest = z.object({ mode: SupervisionMode });
export const Supervised = z.object({ userId: z.string(), mode: SupervisionMode, legId: z.string() });
export type Supervised = z.infer<typeof Supervised>;
export const AgentStateRequest = z.object({
  state: RequestedState,
  /** Needed for `not-ready`: a reason's id. */
  reason: z.string().max(80).optional(),
});
export const SkillRequest = z.object({
  /** 0 takes the skill from him. */
  level: z.union([Level, z.literal(0)]),
});
export const MoveRequest = z.discriminatedUnion('to', [
  z.object({ to: z.literal('front') }),
  z.object({ to: z.literal('queue'), queueId: z.string().max(80) }),
]);
export type MoveRequest = z.infer<typeof MoveRequest>;

export const WallboardInput = z.object({
  label: z.string().trim().min(1, 'a wallboard needs a name').max(80, 'at most 80 characters'),
  /** Empty: all. */
  queueIds: z.array(z.string().max(80)).max(100, 'at most 100 queues').default([]),
});
export type WallboardInput = z.infer<typeof WallboardInput>;
export const Wallboard = WallboardInput.extend({ id: z.string() });
export type Wallboard = z.infer<typeof Wallboard>;
/** `link`: opens it without signing in; told once. */
export const NewWallboard = Wallboard.extend({ link: z.string() });
export type NewWallboard = z.infer<typeof NewWallboard>;
