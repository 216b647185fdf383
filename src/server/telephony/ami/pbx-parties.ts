/**
 * The parties of the PBX's calls, as CSTA has them, from its channels: Local channels, which only join two pieces of dial plan,
 * are no party and what lies on either side of one is connected. Pure.
 */
import { type Address, parseAddress } from '../../../protocol/address.ts';
import type { ForeignParty } from '../mirror/foreign-party.ts';
import type { Channel, PbxState } from './pbx-state.ts';

export interface PartyOptions {
  country: string;
  /** The user whose device it is, such as `PJSIP/201`. */
  userOf(device: string): { userId: string; deviceId: string; extension: string | null } | undefined;
}

const UP = 6;
const RINGING = 5;

export function partiesOf(state: PbxState, options: PartyOptions): ForeignParty[] {
  const talk = components(state);
  return [...state.channels.values()]
    .filter((channel) => !isLocal(channel))
    .map((channel) => party(state, channel, talk, options));
}

/** `PJSIP/201-0000002a` → `PJSIP/201`. */
export function deviceOf(channelName: string): string {
  return channelName.replace(/-[0-9a-f]+(;[12])?$/i, '');
}

function party(
  state: PbxState,
  channel: Channel,
  talk: ReadonlyMap<string, string>,
  { country, userOf }: PartyOptions,
): ForeignParty {
  const user = userOf(deviceOf(channel.name));
  const origin = originOf(state, channel);
  const together = talk.get(channel.uniqueid);
  const address = (raw: string): Address => parseAddress(raw, country);
  return {
    id: channel.uniqueid,
    group: channel.linkedid,
    entry: deviceOf(channel.name).replace(/^[^/]*\//, 'trunk:'),
    ...(user ? { userId: user.userId, deviceId: user.deviceId } : {}),
    address: address(user?.extension ?? numberOf(state, channel)),
    callerName: channel.callerName,
    dialled: address(channel.dialled),
    state: channel.state === UP ? 'connected' : channel.state === RINGING ? 'alerting' : 'initiated',
    held: channel.held,
    outgoing: channel.outgoing,
    ...origin,
    ...(together ? { together } : {}),
    ...(channel.queue ? { queue: channel.queue.name } : {}),
    ...(channel.gaveUp ? { gaveUp: true } : {}),
    ...(channel.parked ? { parked: channel.parked } : {}),
    ...(channel.parkedTooLong ? { parkedTooLong: true } : {}),
  };
}

/** Who was dialled outside has no caller's number of its own: what his dialler dialled is his. */
function numberOf(state: PbxState, channel: Channel): string {
  const dialler = channel.outgoing && channel.dialledBy ? state.channels.get(channel.dialledBy) : undefined;
  return (dialler && !isLocal(dialler) && dialler.dialled) || channel.callerNumber;
}

/** Who dials it, seen through Local channels: a party, or `consulted by` when nobody dials the Local channel itself. */
function originOf(
  state: PbxState,
  channel: Channel,
): { dialledBy?: string; consultedBy?: string; dialKnown: boolean } {
  let at = channel;
  for (let steps = 0; steps < 20; steps++) {
    const by = at.dialledBy ? state.channels.get(at.dialledBy) : undefined;
    if (!by) return { dialKnown: at.dialledBy !== undefined };
    if (!isLocal(by)) return { dialledBy: by.uniqueid, dialKnown: true };
    const first = by.pair ? state.channels.get(by.pair) : undefined;
    if (!first) return { dialKnown: true };
    if (!first.dialledBy) return { ...consulting(state, first), dialKnown: true };
    at = first;
  }
  return { dialKnown: true };
}

function consulting(state: PbxState, local: Channel): { consultedBy?: string } {
  const there = local.bridge;
  const real = [...state.channels.values()].find(
    (channel) => !isLocal(channel) && channel.bridge !== undefined && channel.bridge === there,
  );
  const held = [...state.channels.values()].find(
    (channel) => !isLocal(channel) && channel.held && channel.linkedid === local.linkedid,
  );
  const by = real ?? held;
  return by ? { consultedBy: by.uniqueid } : {};
}

/** Per channel the name of the set of channels that hear each other; none for who is alone. */
function components(state: PbxState): Map<string, string> {
  const parent = new Map<string, string>();
  const root = (id: string): string => {
    const up = parent.get(id);
    return up === undefined || up === id ? id : root(up);
  };
  const join = (a: string, b: string) => {
    const [x, y] = [root(a), root(b)].sort();
    if (x !== undefined && y !== undefined && x !== y) parent.set(y, x);
  };
  for (const channel of state.channels.values()) {
    if (channel.bridge) join(channel.uniqueid, `bridge ${channel.bridge}`);
    // A Local channel carries sound when both its halves are up.
    const pair = channel.pair ? state.channels.get(channel.pair) : undefined;
    if (pair && channel.bridge && pair.bridge) join(channel.uniqueid, pair.uniqueid);
  }
  const real = new Map<string, number>();
  for (const channel of state.channels.values())
    if (!isLocal(channel)) real.set(root(channel.uniqueid), (real.get(root(channel.uniqueid)) ?? 0) + 1);
  return new Map(
    [...state.channels.values()]
      .filter((channel) => (real.get(root(channel.uniqueid)) ?? 0) > 1)
      .map((channel) => [channel.uniqueid, root(channel.uniqueid)]),
  );
}

function isLocal(channel: Channel): boolean {
  return channel.name.startsWith('Local/');
}
