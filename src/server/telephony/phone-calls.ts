/**
 * Calls that a user dials at his telephone itself. They become calls that he made, as if he had dialled in the softphone: the same
 * dial plan allows them, the same pop, log and buttons go with them.
 *
 *     the phone dials ─► refused: what the dial plan refuses, or a number that is none
 *                    └─► written down ─► answered (he hears ringing) ─► the other party rings, or he waits in the queue ─► joined
 */
import { newId } from '../../lib/ids.ts';
import { UNKNOWN_ADDRESS } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { EngineCore } from './engine-core.ts';
import type { MakingCalls } from './making-calls.ts';
import type { PhoneUser } from './phone-directory.ts';
import type { Arrival, LegInfo, Switch } from './ports.ts';

/** Entries of telephones are named after them. */
const ENTRY = 'device:';

export class PhoneCalls {
  readonly #core: EngineCore;
  readonly #making: MakingCalls;

  constructor(core: EngineCore, making: MakingCalls) {
    this.#core = core;
    this.#making = making;
  }

  /** Whose telephone a call comes from; undefined when it is no user's. */
  dialler(platformId: string, { entry }: Pick<Arrival, 'entry'>): PhoneUser | undefined {
    if (!entry.startsWith(ENTRY)) return undefined;
    return this.#core.o.phones?.ofName(platformId, entry.slice(ENTRY.length));
  }

  dialled(platformId: string, legId: string, arrival: Arrival, user: PhoneUser): void {
    const node = this.#core.switchOf(platformId);
    this.#core.run('take a call dialled at a phone', { legId }, async () => {
      try {
        await this.#writeDown(platformId, legId, arrival, user);
      } catch (error) {
        await node.reject(legId, refusal(error));
        if (!(error instanceof CodedError)) throw error;
        return;
      }
      await node.answer(legId); // after a broken connection `resume` does it
    });
  }

  /** After a (re)connection: what was written down and not answered yet. */
  async resume(node: Switch, legs: readonly LegInfo[]): Promise<void> {
    for (const { legId, arrival, state } of legs) {
      const found = this.#core.conversations.find(legId);
      if (arrival && state !== 'connected' && found?.leg.role === 'agent') await node.answer(legId);
    }
  }

  /** @throws CodedError why it is refused. */
  async #writeDown(platformId: string, legId: string, arrival: Arrival, user: PhoneUser): Promise<void> {
    const { conversations, o } = this.#core;
    const { userId, deviceId, address } = user;
    const phones = o.phones;
    const to = phones?.read(arrival.dnis, userId) ?? UNKNOWN_ADDRESS;
    if (!phones || to.kind === 'withheld' || to.kind === 'unknown')
      throw new CodedError('number-invalid', { number: arrival.dnis });
    const queueId = phones.queueAt(to, platformId);
    if (queueId === undefined) this.#making.wayTo(to, userId, platformId);
    const callId = newId('call');
    await conversations.commit(newId('conv'), [
      {
        type: 'call.created',
        callId,
        platformId,
        direction: queueId !== undefined || to.kind === 'extension' ? 'internal' : 'outbound',
        purpose: 'call',
        ...(queueId === undefined ? {} : { queueId }),
        userId,
        ani: queueId === undefined ? phones.callerIdOf(userId, to) : address,
        dnis: to,
      },
      { type: 'leg.created', callId, legId, role: 'agent', userId, deviceId, address },
    ]);
  }
}

function refusal(error: unknown): 'busy' | 'rejected' | 'not-found' | 'congestion' {
  const code = error instanceof CodedError ? error.code : undefined;
  if (code === 'colleague-busy') return 'busy';
  if (code === 'number-invalid' || code === 'extension-unknown') return 'not-found';
  return code === undefined || code === 'no-trunk' ? 'congestion' : 'rejected';
}
