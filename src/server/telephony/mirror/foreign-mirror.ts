/** A connector's PBX in our conversations: what it has is compared with the model at each change, and its two roles are put before ours. */
import type { Clock } from '../../../lib/clock.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { parseAddress } from '../../../protocol/address.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import type { Conversations } from '../conversations.ts';
import type { PlatformAcd, PlatformQueue } from '../ports.ts';
import type { ForeignParty } from './foreign-party.ts';
import type { ForeignPbx, PbxParty, PbxQueue } from './foreign-pbx.ts';
import { MirroredCalls } from './mirrored-calls.ts';
import { MirroredControl } from './mirrored-control.ts';
import { queueIdOf } from './mirrored-queue.ts';
import type { PbxUsers } from './pbx-users.ts';

export interface ForeignMirrorOptions {
  platformId: string;
  pbx: ForeignPbx;
  conversations: Conversations;
  users: PbxUsers;
  clock: Clock;
  /** ISO 3166 code: how numbers without a prefix are read. */
  country: string;
  onError: (what: string, error: unknown, ids: { conversationId?: string }) => void;
}

export class ForeignMirror {
  readonly acd: PlatformAcd;
  readonly control: MirroredControl;
  readonly #o: ForeignMirrorOptions;
  readonly #mirror: MirroredCalls;
  readonly #acdEvents: PlatformAcd['events'];
  readonly #stops: (() => void)[];

  constructor(options: ForeignMirrorOptions) {
    const { platformId, pbx, conversations, users, clock, onError } = options;
    this.#o = options;
    this.#mirror = new MirroredCalls({ platformId, conversations, clock, onError });
    this.#acdEvents = new Emitter((error, event) => onError(`listener of ${event}`, error, {}));
    this.control = new MirroredControl({
      platformId,
      parties: pbx.calls,
      mirror: this.#mirror,
      conversations,
      link: () => pbx.link,
      extensionOf: (userId) => users.byId(userId)?.extension ?? undefined,
      clock,
    });
    this.acd = this.#acd();
    this.#stops = [
      pbx.events.on('link', (link) => (link === 'up' ? this.refresh() : undefined)),
      pbx.events.on('parties', (causes) => this.#sync(causes)),
      pbx.events.on('queues', () => this.#acdEvents.emit('changed')),
      pbx.events.on('transferred', (partyId, to) => this.#transferred(partyId, to)),
    ];
  }

  /** Users' devices were changed, or the PBX was away: calls appear and go. */
  refresh(): void {
    if (this.#o.pbx.link === 'up') this.#sync(new Map());
    this.#acdEvents.emit('changed');
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.control.close();
  }

  /** What a connector says may be anything: its mistakes are told, and end no other listener's work. */
  #sync(causes: ReadonlyMap<string, ClearCause>): void {
    const { pbx, onError } = this.#o;
    try {
      this.#mirror.sync(
        pbx.parties().map((party) => this.#party(party)),
        causes,
      );
    } catch (error) {
      onError('compare with the parties of the PBX', error, {});
    }
  }

  #party({ device, number, name, dialled, ...rest }: PbxParty): ForeignParty {
    const { users, country } = this.#o;
    const user = device === undefined ? undefined : users.byDevice(device);
    return {
      ...rest,
      ...(user ? { userId: user.userId, deviceId: user.deviceId } : {}),
      address: parseAddress(user?.extension ?? number, country),
      callerName: name,
      dialled: parseAddress(dialled, country),
      dialKnown: rest.dialledBy !== undefined || rest.consultedBy !== undefined || rest.id === rest.group,
    };
  }

  #transferred(partyId: string, to: string): void {
    const user = this.#o.users.byExtension(to);
    const number = parseAddress(to, this.#o.country);
    this.#mirror.transferredBlind(partyId, user ? { userId: user.userId } : { number });
  }

  #acd(): PlatformAcd {
    const { queues } = this.#o.pbx;
    return {
      events: this.#acdEvents,
      queues: () => queues.queues().map((queue) => this.#queue(queue)),
      reachable: (device) => queues.reachable(device),
      knows: (device) => queues.knows(device),
      setPaused: (device, paused, reason) => queues.setPaused(device, paused, reason),
      logIn: (device, name, names) => queues.logIn(device, name, names),
      logOut: (device) => queues.logOut(device),
    };
  }

  #queue({ name, label = name, members, waiting }: PbxQueue): PlatformQueue {
    const { platformId, country } = this.#o;
    return {
      id: queueIdOf(platformId, name),
      name,
      label,
      members,
      waiting: waiting.map(({ partyId, number, ...caller }) => ({
        ...caller,
        legId: this.#mirror.legIdOf(partyId),
        number: parseAddress(number, country),
      })),
    };
  }
}
