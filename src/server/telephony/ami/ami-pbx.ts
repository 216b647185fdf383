/**
 * An Asterisk-based PBX that routes by itself, over AMI alone: its calls are mirrored into our conversations, its queues are the
 * Acd role, its calls are controlled leg by leg. Nothing in it is configured but the AMI user (docs/pbx.md).
 *
 *     AMI's events ──► PbxState (fold) ──► parties ──► MirroredCalls (compared with the model) ──► conversations
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../lib/clock.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { parseAddress } from '../../../protocol/address.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import { clearCause } from '../asterisk/causes.ts';
import type { Conversations } from '../conversations.ts';
import { MirroredCalls } from '../mirror/mirrored-calls.ts';
import { MirroredControl } from '../mirror/mirrored-control.ts';
import { queueIdOf } from '../mirror/mirrored-queue.ts';
import type { PbxUsers } from '../mirror/pbx-users.ts';
import type { LinkState } from '../ports.ts';
import { AmiAcd } from './ami-acd.ts';
import { AmiRefusal } from './ami-connection.ts';
import { AmiLink } from './ami-link.ts';
import type { AmiMessage } from './ami-message.ts';
import { AmiParties } from './ami-parties.ts';
import { addressOf, type AmiSettings, labelled } from './ami-settings.ts';
import { type Channel, PbxState } from './pbx-state.ts';
import { partiesOf } from './pbx-parties.ts';

export interface AmiPbxOptions {
  id: string;
  settings: AmiSettings;
  conversations: Conversations;
  users: PbxUsers;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** ISO 3166 code: how numbers without a prefix are read. */
  country: string;
}

export class AmiPbx {
  readonly id: string;
  readonly events: Emitter<{ link: [link: LinkState] }>;
  readonly acd: AmiAcd;
  readonly calls: MirroredControl;
  readonly state: PbxState;
  readonly #o: AmiPbxOptions;
  readonly #link: AmiLink;
  readonly #mirror: MirroredCalls;

  constructor(options: AmiPbxOptions) {
    const { id, settings, conversations, users, clock, log, country } = options;
    this.#o = options;
    this.id = id;
    this.state = new PbxState(() => clock.now());
    const labels = labelled(settings.queueLabels);
    const onListenerError = (err: unknown, event: string) => log.warn({ err, event }, 'a listener failed');
    this.events = new Emitter(onListenerError);
    this.#link = new AmiLink({
      address: () => addressOf(settings),
      clock,
      log,
      synchronise: () => this.#synchronise(),
    });
    this.#mirror = new MirroredCalls({
      platformId: id,
      conversations,
      clock,
      onError: (what, err, ids) => log.error({ err, ...ids }, what),
    });
    this.acd = new AmiAcd({
      link: this.#link,
      state: this.state,
      queueIdOf: (name) => queueIdOf(id, name),
      labelOf: (name) => labels.get(name) ?? name,
      country,
      legIdOf: (uniqueid) => this.#mirror.legIdOf(uniqueid),
      onListenerError,
    });
    this.calls = new MirroredControl({
      platformId: id,
      parties: new AmiParties({ link: this.#link, state: this.state, settings, country }),
      mirror: this.#mirror,
      conversations,
      link: () => this.link,
      extensionOf: (userId) => users.byId(userId)?.extension ?? undefined,
      clock,
    });
    this.#link.events.on('event', (event) => this.#onEvent(event));
    this.#link.events.on('link', (link) => this.#onLink(link));
  }

  get link(): LinkState {
    return this.#link.state;
  }

  /** Why it is not connected, in one sentence. */
  get problem(): string | undefined {
    const { problem } = this.#link;
    return (
      problem &&
      (problem instanceof AmiRefusal ? `${problem.action} was refused: ${problem.reason}` : problem.message)
    );
  }

  /** Connects and keeps connecting. */
  start(): void {
    this.#link.start();
  }

  /** Ends our end only; the PBX goes on. Idempotent. */
  async close(): Promise<void> {
    this.calls.close();
    await this.#link.close();
  }

  /** Users' devices were changed: calls of theirs appear. */
  usersChanged(): void {
    if (this.link === 'up') this.#sync(new Map());
    this.acd.events.emit('changed');
  }

  async #synchronise(): Promise<void> {
    const [channels, queues, devices, extensions] = await Promise.all([
      this.#link.list('CoreShowChannels'),
      this.#listed('QueueStatus'),
      this.#listed('DeviceStateList'),
      this.#listed('ExtensionStateList'),
    ]);
    this.state.replaceChannels(channels);
    this.state.replaceQueues(queues);
    for (const event of [...devices, ...extensions]) this.state.apply(event);
    const parked = await this.#listed('ParkedCalls');
    for (const channel of this.state.channels.values()) delete channel.parked;
    for (const event of parked) this.state.apply(event);
    this.#sync(new Map());
    this.acd.events.emit('changed');
  }

  /** What a PBX without the module, or a user without the right, does not list is taken as nothing. */
  async #listed(action: string): Promise<AmiMessage[]> {
    try {
      return await this.#link.list(action);
    } catch (error) {
      if (!(error instanceof AmiRefusal)) throw error;
      this.#o.log.warn({ action, reason: error.reason }, 'the PBX does not list this');
      return [];
    }
  }

  #onLink(link: LinkState): void {
    this.events.emit('link', link);
  }

  #onEvent(event: AmiMessage): void {
    const gone = event.event === 'Hangup' ? this.state.channel(event.get('Uniqueid')) : undefined;
    if (event.event === 'BlindTransfer') this.#blindTransfer(event);
    const { calls, queues } = this.state.apply(event);
    if (calls) this.#sync(gone ? new Map([[gone.uniqueid, causeOf(gone)]]) : new Map());
    if (queues) this.acd.events.emit('changed');
  }

  #sync(causes: ReadonlyMap<string, ClearCause>): void {
    const { country, users } = this.#o;
    const userOf = (device: string) => users.byDevice(device);
    this.#mirror.sync(partiesOf(this.state, { country, userOf }), causes);
  }

  #blindTransfer(event: AmiMessage): void {
    if (event.get('Result') !== 'Success') return;
    const extension = event.get('Extension');
    const user = this.#o.users.byExtension(extension);
    const number = parseAddress(extension, this.#o.country);
    this.#mirror.transferredBlind(
      event.get('TransfererUniqueid'),
      user ? { userId: user.userId } : { number },
    );
  }
}

const BY_DIAL_STATUS: Record<string, ClearCause> = {
  BUSY: 'busy',
  NOANSWER: 'no-answer',
  CANCEL: 'cancelled',
  CONGESTION: 'congestion',
  CHANUNAVAIL: 'unreachable',
};

function causeOf(channel: Channel): ClearCause {
  const byDial = channel.state === 6 ? undefined : BY_DIAL_STATUS[channel.dialStatus ?? ''];
  return (
    byDial ??
    clearCause({
      direction: channel.outgoing ? 'out' : 'in',
      connected: channel.state === 6,
      alerted: channel.state === 5,
      q850: channel.cause ?? 0,
    })
  );
}
