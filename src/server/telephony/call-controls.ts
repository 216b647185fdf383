/**
 * Call control of every platform in one: a leg's commands go to whoever controls its calls, which is our engine over a switch, or
 * a PBX that does it itself. The softphone cannot tell which it was (DESIGN section 4).
 */
import { CodedError } from '../../protocol/errors.ts';
import type { CallEngine } from './call-engine.ts';
import type { Conversations } from './conversations.ts';
import type {
  AgentDevice,
  CallCapabilities,
  CallControl,
  LinkState,
  MakeCall,
  TransferRequest,
} from './ports.ts';

/** What a softphone asks of call control; beside CallControl what keeps a browser's leg alive. */
export type UserCalls = CallControl &
  Pick<CallEngine, 'linkOf' | 'loseAgentLeg' | 'reattach' | 'dropLeg' | 'nailUp' | 'releaseStanding'>;

/** A platform that controls its calls itself. */
export interface ForeignCalls {
  control: CallControl;
  link(): LinkState;
}

export class CallControls implements UserCalls {
  readonly #engine: CallEngine;
  readonly #conversations: Conversations;
  readonly #foreign = new Map<string, ForeignCalls>();

  constructor(engine: CallEngine, conversations: Conversations) {
    this.#engine = engine;
    this.#conversations = conversations;
  }

  /** Returns what takes it away again. */
  add(platformId: string, calls: ForeignCalls): () => void {
    this.#foreign.set(platformId, calls);
    return () => {
      if (this.#foreign.get(platformId) === calls) this.#foreign.delete(platformId);
    };
  }

  linkOf(platformId: string): LinkState {
    return this.#foreign.get(platformId)?.link() ?? this.#engine.linkOf(platformId);
  }

  makeCall(request: MakeCall, conversationId: string): Promise<{ callId: string; legId: string }> {
    return this.#on(request.device.platformId).makeCall(request, conversationId);
  }

  answer(legId: string): Promise<void> {
    return this.#of(legId).answer(legId);
  }

  hangup(legId: string): Promise<void> {
    return this.#of(legId).hangup(legId);
  }

  hold(legId: string): Promise<void> {
    return this.#of(legId).hold(legId);
  }

  retrieve(legId: string): Promise<void> {
    return this.#of(legId).retrieve(legId);
  }

  mute(legId: string, on: boolean): Promise<void> {
    return this.#of(legId).mute(legId, on);
  }

  sendDigits(legId: string, digits: string): Promise<void> {
    return this.#of(legId).sendDigits(legId, digits);
  }

  consult(legId: string, request: TransferRequest): Promise<{ callId: string; legId: string }> {
    return this.#of(legId).consult(legId, request);
  }

  completeTransfer(consultLegId: string): Promise<void> {
    return this.#of(consultLegId).completeTransfer(consultLegId);
  }

  cancelConsult(consultLegId: string): Promise<void> {
    return this.#of(consultLegId).cancelConsult(consultLegId);
  }

  conference(consultLegId: string): Promise<void> {
    return this.#of(consultLegId).conference(consultLegId);
  }

  transfer(legId: string, request: TransferRequest): Promise<void> {
    return this.#of(legId).transfer(legId, request);
  }

  drop(legId: string, partyLegId: string): Promise<void> {
    return this.#of(legId).drop(legId, partyLegId);
  }

  park(legId: string): Promise<{ slot: string }> {
    return this.#of(legId).park(legId);
  }

  pickUp(slot: string, userId: string, device: AgentDevice): Promise<{ callId: string; legId: string }> {
    return this.#on(device.platformId).pickUp(slot, userId, device);
  }

  capabilities(legId: string): CallCapabilities {
    return this.#of(legId).capabilities(legId);
  }

  /** Desk phones of a PBX are in no page: they cannot be lost with one. */
  loseAgentLeg(legId: string): void {
    if (this.#of(legId) === this.#engine) this.#engine.loseAgentLeg(legId);
  }

  async reattach(conversationId: string, lostLegId: string, device: AgentDevice): Promise<void> {
    if (this.#of(lostLegId) !== this.#engine) throw new CodedError('not-capable');
    await this.#engine.reattach(conversationId, lostLegId, device);
  }

  /** A PBX has its own ways: @throws `not-capable`. */
  async nailUp(userId: string, device: AgentDevice): Promise<string> {
    if (this.#foreign.has(device.platformId)) throw new CodedError('not-capable');
    return this.#engine.nailUp(userId, device);
  }

  releaseStanding(userId: string): Promise<void> {
    return this.#engine.releaseStanding(userId);
  }

  async dropLeg(legId: string): Promise<void> {
    const control = this.#of(legId);
    if (control === this.#engine) return this.#engine.dropLeg(legId);
    await control.hangup(legId).catch((error: unknown) => {
      if (!(error instanceof CodedError) || error.code !== 'no-such-line') throw error;
    });
  }

  #on(platformId: string): CallControl {
    return this.#foreign.get(platformId)?.control ?? this.#engine;
  }

  #of(legId: string): CallControl {
    const platformId = this.#conversations.find(legId)?.call.platformId;
    return platformId === undefined ? this.#engine : this.#on(platformId);
  }
}
