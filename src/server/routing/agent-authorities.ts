/**
 * Who rules over each user's agent state: the platform whose ACD he works in, else our own routing. Commands go to that one;
 * events of all come from here, those of a user from his authority only.
 */
import { Emitter } from '../../lib/emitter.ts';
import type { RequestedState } from '../../protocol/softphone.ts';
import type { AcdEvents, AgentStates, AgentView } from './ports.ts';

export interface AgentAuthoritiesOptions {
  ours: AgentStates;
  /** The platform that rules over the user's state; undefined: we do. */
  platformOf(userId: string): string | undefined;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

export class AgentAuthorities implements AgentStates {
  readonly events: Emitter<AcdEvents>;
  readonly #o: AgentAuthoritiesOptions;
  readonly #platforms = new Map<string, AgentStates>();

  constructor(options: AgentAuthoritiesOptions) {
    this.#o = options;
    this.events = new Emitter((error, event) => options.onError(`listener of ${event}`, error, {}));
    this.#listen(options.ours);
  }

  /** A platform with an ACD of its own has come. Returns what takes it away again. */
  add(platformId: string, states: AgentStates): () => void {
    this.#platforms.set(platformId, states);
    const stop = this.#listen(states);
    return () => {
      stop();
      if (this.#platforms.get(platformId) === states) this.#platforms.delete(platformId);
    };
  }

  /** Who rules over this user's state now. */
  of(userId: string): AgentStates {
    const platformId = this.#o.platformOf(userId);
    return (platformId === undefined ? undefined : this.#platforms.get(platformId)) ?? this.#o.ours;
  }

  agent(userId: string): AgentView {
    return this.of(userId).agent(userId);
  }

  agents(): AgentView[] {
    return this.#all().flatMap((states) => states.agents().filter((view) => this.of(view.userId) === states));
  }

  waiting(queueId: string): number {
    return this.#all().reduce((sum, states) => sum + states.waiting(queueId), 0);
  }

  setRequested(userId: string, state: RequestedState, reason: string | undefined, by: string): Promise<void> {
    return this.of(userId).setRequested(userId, state, reason, by);
  }

  /** Told to all: who comes under another authority is known there, too. */
  setOnline(userId: string, online: boolean): void {
    for (const states of this.#all()) states.setOnline(userId, online);
  }

  deviceChanged(userId: string): void {
    for (const states of this.#all()) states.deviceChanged(userId);
  }

  decline(userId: string, offerId: string): Promise<void> {
    return this.of(userId).decline(userId, offerId);
  }

  reserve(userId: string, conversationId: string, options?: { emergency?: boolean }): Promise<void> {
    return this.of(userId).reserve(userId, conversationId, options);
  }

  /** Whoever it was reserved with. */
  release(userId: string, conversationId: string): void {
    for (const states of this.#all()) states.release(userId, conversationId);
  }

  finishWrap(userId: string, conversationId: string, by?: string): Promise<void> {
    return this.of(userId).finishWrap(userId, conversationId, by);
  }

  extendWrap(userId: string, conversationId: string): Promise<void> {
    return this.of(userId).extendWrap(userId, conversationId);
  }

  #all(): AgentStates[] {
    return [this.#o.ours, ...this.#platforms.values()];
  }

  #listen(states: AgentStates): () => void {
    const stops = [
      states.events.on('agent', (view) => {
        if (this.of(view.userId) === states) this.events.emit('agent', view);
      }),
      states.events.on('queue', (queueId) => this.events.emit('queue', queueId)),
    ];
    return () => stops.forEach((stop) => stop());
  }
}
