/** app_queue as the Acd role of a platform: members, pauses with reasons and callers waiting, from the mirrored state. */
import { Emitter } from '../../../lib/emitter.ts';
import { parseAddress } from '../../../protocol/address.ts';
import type { PlatformAcd, PlatformCaller, PlatformMember, PlatformQueue } from '../ports.ts';
import { AmiRefusal } from './ami-connection.ts';
import type { AmiLink } from './ami-link.ts';
import { deviceOf } from './pbx-parties.ts';
import type { Channel, PbxState, QueueMember } from './pbx-state.ts';

export interface AmiAcdOptions {
  link: Pick<AmiLink, 'send'>;
  state: PbxState;
  queueIdOf(name: string): string;
  labelOf(name: string): string;
  /** ISO 3166 code: how callers' numbers are read. */
  country: string;
  legIdOf(uniqueid: string): string;
  onListenerError: (error: unknown, event: string) => void;
}

/** Device states in which it does not ring. */
const AWAY = new Set(['UNAVAILABLE', 'INVALID']);
/** AST_STATE of a channel. */
const RINGING = 5;
const UP = 6;

export class AmiAcd implements PlatformAcd {
  readonly events: Emitter<{ changed: [] }>;
  readonly #o: AmiAcdOptions;

  constructor(options: AmiAcdOptions) {
    this.#o = options;
    this.events = new Emitter(options.onListenerError);
  }

  queues(): PlatformQueue[] {
    const { state, queueIdOf, labelOf } = this.#o;
    return [...state.queues.values()].map(({ name, members }) => ({
      id: queueIdOf(name),
      name,
      label: labelOf(name),
      members: [...members.values()].map((member) => this.#member(member)),
      waiting: [...state.channels.values()]
        .flatMap((channel) => (channel.queue?.name === name ? [this.#caller(channel, channel.queue)] : []))
        .sort((a, b) => a.position - b.position || a.since - b.since),
    }));
  }

  /** By its channels: what app_queue says of a member comes late, and of queue calls only. */
  #member(member: QueueMember): PlatformMember {
    const states = [...this.#o.state.channels.values()]
      .filter(({ name }) => deviceOf(name) === member.stateInterface)
      .map(({ state }) => state);
    return {
      device: member.stateInterface,
      name: member.name,
      paused: member.paused,
      reason: member.reason,
      penalty: member.penalty,
      inCall: states.includes(UP),
      ringing: states.includes(RINGING),
      removable: isRemovable(member),
      wrapMs: member.wrapUpTime * 1_000,
    };
  }

  #caller(channel: Channel, { position, since }: NonNullable<Channel['queue']>): PlatformCaller {
    const { legIdOf, country } = this.#o;
    const { uniqueid, callerNumber, callerName } = channel;
    return {
      legId: legIdOf(uniqueid),
      position,
      number: parseAddress(callerNumber, country),
      ...(callerName ? { name: callerName } : {}),
      since,
    };
  }

  reachable(device: string): boolean {
    return !AWAY.has(this.#o.state.devices.get(device) ?? 'UNKNOWN');
  }

  knows(device: string): boolean {
    const state = this.#o.state.devices.get(device);
    return state !== undefined && state !== 'INVALID';
  }

  async setPaused(device: string, paused: boolean, reason: string): Promise<void> {
    for (const name of this.#interfacesOf(device))
      await this.#o.link.send('QueuePause', {
        Interface: name,
        Paused: paused,
        Reason: paused ? reason : undefined,
      });
  }

  async logIn(device: string, name: string, queueNames: readonly string[]): Promise<void> {
    for (const queue of queueNames) {
      const members = this.#o.state.queues.get(queue)?.members.values() ?? [];
      if ([...members].some((member) => member.stateInterface === device)) continue;
      await this.#o.link.send('QueueAdd', { Queue: queue, Interface: device, MemberName: name });
    }
  }

  async logOut(device: string): Promise<string[]> {
    const removed: string[] = [];
    for (const { name, members } of this.#o.state.queues.values())
      for (const member of members.values()) {
        if (member.stateInterface !== device || !isRemovable(member)) continue;
        if (await this.#remove(name, member.interface)) removed.push(name);
      }
    return removed;
  }

  /** False when it turns out to be one that stands in the PBX's configuration. */
  async #remove(queue: string, member: string): Promise<boolean> {
    try {
      await this.#o.link.send('QueueRemove', { Queue: queue, Interface: member });
      return true;
    } catch (error) {
      if (error instanceof AmiRefusal && /not dynamic/i.test(error.reason)) return false;
      throw error;
    }
  }

  #interfacesOf(device: string): Set<string> {
    const all = [...this.#o.state.queues.values()].flatMap(({ members }) => [...members.values()]);
    return new Set(all.filter((one) => one.stateInterface === device).map((one) => one.interface));
  }
}

function isRemovable(member: QueueMember): boolean {
  return member.membership !== 'static';
}
