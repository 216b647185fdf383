/**
 * PBXs that route by themselves, joined to the rest: their calls stand in the conversations, their agents' states are ruled by
 * them, their legs are controlled by them, and their desk phones are their users' devices.
 */
import type { Clock } from '../lib/clock.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { Device, User } from './callcenter/model.ts';
import type { MirroredPbx, MirrorHost } from './platforms/kind.ts';
import type { Platforms } from './platforms/platforms.ts';
import { AgentAuthorities } from './routing/agent-authorities.ts';
import { PlatformAgents } from './routing/platform-agents.ts';
import type { AgentStates } from './routing/ports.ts';
import { CallControls } from './telephony/call-controls.ts';
import type { CallEngine } from './telephony/call-engine.ts';
import type { Conversations } from './telephony/conversations.ts';
import type { LinkState } from './telephony/ports.ts';

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
      platformOf: (userId) => {
        const platformId = callCenter.user(userId)?.platformId;
        return platformId !== undefined && this.#entered.has(platformId) ? platformId : undefined;
      },
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
          .map(({ id, name, extension }) => ({ userId: id, name, extension })),
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
      id: `browser:${user.id}`,
      userId: user.id,
      kind: 'sip',
      label: `Desk phone ${user.extension}`,
      username: pbx.deviceOf(user.extension),
      platformId: user.platformId,
    };
  }
}
