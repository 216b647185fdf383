/**
 * Help is called from every device of the user that can dial, one after the other, until one takes the call.
 *
 *     the chosen one ── not there, refused, or silent for 5 s ──► his browser phone ──► his SIP phones ──► `no-phone`
 *          └ connected: the other party is called from it, as in any call
 *
 * A phone that is lifted by hand rings as long as any; who declines it has decided. The browser phone is taken for the call even
 * though another device is chosen, and is given back after it.
 */
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { ClearCause } from '../../protocol/facts.ts';
import type { Conversations } from '../telephony/conversations.ts';
import type { Leg } from '../telephony/model.ts';
import type { AgentDevice, CallControl } from '../telephony/ports.ts';
import type { Audio } from './audio.ts';
import type { SoftphoneSettings, UserDevice } from './ports.ts';
import type { Seat } from './seat.ts';

export interface EmergencyCallsOptions {
  audio: Pick<Audio, 'deviceOf' | 'borrowBrowser' | 'giveBackBrowser'>;
  conversations: Conversations;
  engine: Pick<CallControl, 'hangup'>;
  settings: Pick<SoftphoneSettings, 'chosenDevice' | 'devicesOf'>;
  life: Lifecycle;
  onError: (what: string, error: unknown, ids: { userId?: string }) => void;
}

/** Calls from this device; resolves with the agent's leg. Rejects when it cannot. */
export type CallFrom = (device: AgentDevice) => Promise<{ legId: string }>;

/** A device that answers by itself has done so by then, in milliseconds. */
const ANSWERS_WITHIN_MS = 5_000;
/** How an agent's own leg can end that the next device may do better. */
const FAILED: ReadonlySet<ClearCause> = new Set([
  'unreachable',
  'failed',
  'congestion',
  'no-answer',
  'busy',
  'lost',
  'timeout',
]);

export class EmergencyCalls {
  readonly #o: EmergencyCallsOptions;

  constructor(options: EmergencyCallsOptions) {
    this.#o = options;
  }

  /**
   * Resolves when a device has been asked; what becomes of it, and who is asked next, follows by itself.
   * @param problem what is said when he has no device at all.
   */
  async call(seat: Seat, from: CallFrom, problem: string): Promise<void> {
    const { settings } = this.#o;
    const { id } = settings.chosenDevice(seat.userId);
    const all = settings.devicesOf(seat.userId);
    const inOrder = [...all.filter((one) => one.id === id), ...all.filter((one) => one.id !== id)];
    await this.#next(seat, from, inOrder, new CodedError('no-phone', { detail: problem }));
  }

  /** @throws `last` when no device is left. */
  async #next(seat: Seat, from: CallFrom, left: readonly UserDevice[], last: unknown): Promise<void> {
    const [first, ...others] = left;
    if (!first) throw last;
    const device = await this.#take(seat, first);
    const made = device && (await from(device).catch((error: unknown) => ({ error })));
    if (made && 'legId' in made)
      return this.#watch(seat, made.legId, device, () => this.#next(seat, from, others, undefined));
    this.#letGo(seat, first);
    await this.#next(seat, from, others, made ? made.error : last);
  }

  #take(seat: Seat, device: UserDevice): Promise<AgentDevice | undefined> | AgentDevice | undefined {
    const { audio } = this.#o;
    return device.kind === 'browser' ? audio.borrowBrowser(seat) : audio.deviceOf(seat.userId, device);
  }

  #letGo(seat: Seat, { kind }: Pick<UserDevice, 'kind'>): void {
    if (kind === 'browser') this.#o.audio.giveBackBrowser(seat);
  }

  /** Until the leg has connected or will not; a browser phone is kept until its leg is gone. */
  #watch(seat: Seat, legId: string, device: AgentDevice, next: () => Promise<void>): void {
    const { conversations, life, engine, onError } = this.#o;
    const { userId } = seat;
    const kind = device.control === 'browser' ? 'browser' : 'sip';
    const stops: (() => void)[] = [];
    const end = (failed: boolean) => {
      for (const stop of stops.splice(0)) stop();
      this.#letGo(seat, { kind });
      if (!failed) return;
      next().catch((error: unknown) => {
        if (error !== undefined) onError('call help from another device', error, { userId });
      });
    };
    const failed = (leg: Leg | undefined) =>
      leg?.connectedAt === undefined && FAILED.has(leg?.cause ?? 'failed');
    if (conversations.find(legId)?.leg.clearedAt !== undefined)
      return end(failed(conversations.find(legId)?.leg)); // before anybody could be told
    stops.push(
      conversations.events.on('event', (conversation, event) => {
        if (event.type === 'leg.cleared' && event.legId === legId) end(failed(conversation.legs.get(legId)));
      }),
    );
    if (device.control === 'none' || device.control === 'platform') return;
    stops.push(
      life.after(ANSWERS_WITHIN_MS, () => {
        if (conversations.find(legId)?.leg.connectedAt !== undefined) return;
        end(true);
        engine.hangup(legId).catch((error: unknown) => {
          if (!isTooLate(error)) onError('end a call for help that nobody took', error, { userId });
        });
      }),
    );
  }
}
