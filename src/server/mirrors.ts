/**
 * PBXs that route by themselves, joined to the rest: their calls stand in the conversations, their agents' states are ruled by
 * them, their legs are controlled by them, and their desk phones are their users' devices.
 */
import type { Clock } from '../lib/clock.ts';
import { CodedError } from '../protocol/errors.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { deskPhoneId, type Device, type User } from './callcenter/model.ts';
import type { MirroredPbx, MirrorHost } from './platforms/kind.ts';
import type { Platforms } from './platforms/platforms.ts';
import { AgentAuthorities } from './routing/agent-authorities.ts';
import { PlatformAgents } from './routing/platform-agents.ts';
import type { AgentStates } from './routing/ports.ts';
import { CallControls } from './telephony/call-controls.ts';
import type { CallEngine } from './telephony/call-engine.ts';
import type { Conversations } from './telephony/conversations.ts';
import type { LinkState, PlatformQueue, TransferTarget } from './telephony/ports.ts';
import type { LiveQueue, PlatformPhone } from '../protocol/platforms.ts';

export interface MirrorsOptions {
  platforms: Platforms;
  callCenter: CallCenter;
  conversations: Conversations;
  engine: CallEngine;
  ours: AgentStates;
  clock: Clock;
  /** ISO 3166 code where a platform has none of its own. */
  country: string;
  /** A phone of a user can be rung now, or cannot. */
  onPhone(platformId: string, name: string, userId: string, reachable: boolean): void;
  /** The platform's connection is another. */
  onChanged(): void;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

export class Mirrors {
  readonly acd: AgentAuthorities;
  readonly calls: CallControls;
  readonly #o: MirrorsOptions;
  readonly #entered = new Map<string, MirroredPbx>();

  constructor(options: MirrorsOptions) {
    this.#o = options;
    const { platforms, callCenter, conversations, engine, ours, onError } = options;
    this.calls = new CallControls(engine, conversations);
    this.acd = new AgentAuthorities({
      ours,
      platformOf: (userId) => this.#homeOf(userId),
      onError,
    });
    callCenter.platformDevice = (user) => this.#deviceOf(user);
    platforms.setMirrorHost(this.#host());
  }

  /** For the softphone: a platform without a switch of ours. */
  shown(platformId: string): { label: string; link: LinkState } | undefined {
    const pbx = this.#entered.get(platformId);
    return pbx && { label: this.#o.platforms.get(platformId)?.label ?? platformId, link: pbx.link() };
  }

  /** Its queues as they are now; undefined while it is not connected. */
  queues(platformId: string): LiveQueue[] | undefined {
    const pbx = this.#entered.get(platformId);
    if (pbx?.link() !== 'up') return undefined;
    return pbx.acd.queues().map((queue) => this.#shownQueue(platformId, pbx, queue));
  }

  /** The phone of an extension there; undefined when it is no platform that routes by itself, or is switched off. */
  phone(platformId: string, extension: string): PlatformPhone | undefined {
    const pbx = this.#entered.get(platformId);
    if (!pbx) return undefined;
    const device = pbx.deviceOf(extension);
    const user = this.#userOf(platformId, pbx, device);
    const known = pbx.acd.knows(device) ? (pbx.acd.reachable(device) ? 'ready' : 'away') : 'unknown';
    return { device, state: pbx.link() === 'up' ? known : 'unasked', ...(user ? { user } : {}) };
  }

  /** What people call a queue of such a platform, by our id of it; undefined for any other queue. */
  queueLabel(queueId: string): string | undefined {
    for (const [platformId, pbx] of this.#entered) {
      if (!queueId.startsWith(`${platformId}:`)) continue;
      const queue = pbx.acd.queues().find(({ id }) => id === queueId);
      return queue?.label ?? queueId.slice(platformId.length + 1);
    }
    return undefined;
  }

  /** All their queues, for who looks for one to give a call to. */
  targetQueues(): { queueId: string; label: string; waiting: number; ready: number }[] {
    return [...this.#entered.values()]
      .filter((pbx) => pbx.link() === 'up')
      .flatMap((pbx) => pbx.acd.queues())
      .map(({ id, label, waiting, members }) => ({
        queueId: id,
        label,
        waiting: waiting.length,
        ready: members.filter(({ paused, inCall, ringing }) => !paused && !inCall && !ringing).length,
      }));
  }

  /**
   * Why a call of this user cannot be given to the colleague or queue: such a platform has its calls for itself. Undefined when it can,
   * or when no such platform has to do with it.
   */
  unreachable(userId: string, target: Exclude<TransferTarget, { kind: 'number' }>): CodedError | undefined {
    const home = this.#homeOf(userId);
    const there = target.kind === 'user' ? this.#homeOf(target.userId) : this.#ofQueue(target.queueId);
    if (home === there) return home === undefined ? undefined : this.#entered.get(home)?.refusal(target);
    return new CodedError('elsewhere', { from: this.#labelOf(home), to: this.#labelOf(there) });
  }

  #homeOf(userId: string): string | undefined {
    const platformId = this.#o.callCenter.user(userId)?.platformId;
    return platformId !== undefined && this.#entered.has(platformId) ? platformId : undefined;
  }

  #ofQueue(queueId: string): string | undefined {
    return [...this.#entered.keys()].find((platformId) => queueId.startsWith(`${platformId}:`));
  }

  #labelOf(platformId: string | undefined): string {
    return platformId === undefined ? 'Crosspoint' : (this.#o.platforms.get(platformId)?.label ?? platformId);
  }

  #shownQueue(platformId: string, pbx: MirroredPbx, { id, name, label, ...queue }: PlatformQueue): LiveQueue {
    return {
      id,
      name,
      label,
      waiting: queue.waiting.map(({ legId, ...caller }) => ({ id: legId, ...caller })),
      members: queue.members.map((member) => {
        const { device, paused, reason, inCall, ringing, penalty } = member;
        const user = this.#userOf(platformId, pbx, device);
        const reachable = pbx.acd.reachable(device);
        return {
          device,
          name: member.name,
          ...(user ? { user } : {}),
          paused,
          reason,
          inCall,
          ringing,
          reachable,
          penalty,
        };
      }),
    };
  }

  #userOf(platformId: string, pbx: MirroredPbx, device: string): { id: string; name: string } | undefined {
    const found = this.#o.callCenter
      .users()
      .find(
        ({ platformId: own, extension, disabled }) =>
          own === platformId && !disabled && extension !== null && pbx.deviceOf(extension) === device,
      );
    return found && { id: found.id, name: found.name };
  }

  /** Users were changed: whose phone is whose may be different. */
  usersChanged(): void {
    for (const pbx of this.#entered.values()) pbx.usersChanged();
  }

  #host(): MirrorHost {
    const { conversations, callCenter, platforms, country } = this.#o;
    return {
      conversations,
      users: (platformId) =>
        callCenter
          .users()
          .filter((user) => user.platformId === platformId && !user.disabled)
          .map(({ id, name, extension }) => ({ userId: id, deviceId: deskPhoneId(id), name, extension })),
      country: (platformId) => platforms.country(platformId) ?? country,
      enter: (platformId, pbx) => this.#enter(platformId, pbx),
    };
  }

  #enter(platformId: string, pbx: MirroredPbx): () => void {
    const { callCenter, conversations, clock, onError, onChanged } = this.#o;
    const here = () => callCenter.users().filter((user) => user.platformId === platformId && !user.disabled);
    const agents = new PlatformAgents({
      platformId,
      acd: pbx.acd,
      conversations,
      clock,
      user: (userId) => {
        const user = here().find(({ id }) => id === userId);
        return user?.extension ? { device: pbx.deviceOf(user.extension), name: user.name } : undefined;
      },
      userIds: () => here().map(({ id }) => id),
      reasons: () => callCenter.reasons(),
      loginQueues: pbx.loginQueues,
      hangup: (legId) => pbx.control.hangup(legId),
      onError,
    });
    this.#entered.set(platformId, pbx);
    agents.restore();
    const phones = () => {
      for (const { id, extension } of here()) {
        if (extension === null) continue;
        const name = pbx.deviceOf(extension);
        this.#o.onPhone(platformId, name, id, pbx.link() === 'up' && pbx.acd.reachable(name));
      }
    };
    const stops = [
      this.acd.add(platformId, agents),
      this.calls.add(platformId, pbx),
      pbx.acd.events.on('changed', phones),
      pbx.onLink(() => {
        phones();
        onChanged();
      }),
      () => this.#entered.delete(platformId),
    ];
    return () => {
      for (const stop of stops) stop();
      agents.close().catch((error: unknown) => onError('close a mirror', error, { platformId }));
    };
  }

  #deviceOf(user: User): Device | undefined {
    const pbx = this.#entered.get(user.platformId);
    if (!pbx || user.extension === null) return undefined;
    return {
      id: deskPhoneId(user.id),
      userId: user.id,
      kind: 'pbx',
      label: `Desk phone ${user.extension} at ${this.#o.platforms.get(user.platformId)?.label ?? user.platformId}`,
      username: pbx.deviceOf(user.extension),
      control: 'platform',
      platformId: user.platformId,
    };
  }
}
