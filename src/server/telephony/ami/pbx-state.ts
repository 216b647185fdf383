/**
 * What an Asterisk-based PBX has now: channels, which of them hear each other, queues with members and callers, devices. It is
 * the fold of AMI's events over a snapshot; pure. Every event states what is so, so that one that was heard twice, or
 * after the snapshot that knew it already, changes nothing; only `Newchannel` and a snapshot make a channel.
 */
import type { AmiMessage } from './ami-message.ts';

export interface Channel {
  uniqueid: string;
  /** Such as `PJSIP/201-0000002a`, `Local/203@from-queue-00000001;1`. */
  name: string;
  linkedid: string;
  /** AST_STATE: 0 down, 4 ring (it calls in), 5 ringing, 6 up. */
  state: number;
  callerNumber: string;
  callerName: string;
  /** The number that it dialled when it came in. */
  dialled: string;
  context: string;
  bridge?: string;
  /** The phone has put it on hold. */
  held: boolean;
  muted: boolean;
  /** Uniqueid of the channel that dials it. */
  dialledBy?: string;
  /** It was dialled, by whomever. */
  outgoing: boolean;
  /** Other half of a Local channel. */
  pair?: string;
  queue?: { name: string; position: number; since: number };
  /** It left its queue by hanging up. */
  gaveUp?: boolean;
  parked?: string;
  /** Nobody took it out of its slot in time. */
  parkedTooLong?: boolean;
  /** Hang-up cause by Q.850, once it was hung up. */
  cause?: number;
  /** How its ringing ended: DialStatus. */
  dialStatus?: string;
}

export interface QueueMember {
  /** Such as `PJSIP/201` or `Local/203@from-queue/n`. */
  interface: string;
  /** The device whose state counts; the interface when there is none of its own. */
  stateInterface: string;
  name: string;
  /** `dynamic` ones can be taken out. */
  membership: string;
  penalty: number;
  paused: boolean;
  reason: string;
  inCall: boolean;
  /** AST_DEVICE state: 1 not in use, 2 in use, 3 busy, 5 unavailable, 6 ringing. */
  status: number;
  /** Seconds. */
  wrapUpTime: number;
  callsTaken: number;
}

export interface PbxQueue {
  name: string;
  members: Map<string, QueueMember>;
}

/** What changed: who must look again. */
export interface Change {
  calls: boolean;
  queues: boolean;
}

const NOTHING: Change = { calls: false, queues: false };
const CALLS: Change = { calls: true, queues: false };
const QUEUES: Change = { calls: false, queues: true };
const BOTH: Change = { calls: true, queues: true };

export class PbxState {
  readonly #now: () => number;
  readonly channels = new Map<string, Channel>();
  readonly queues = new Map<string, PbxQueue>();
  /** State by device name, such as `PJSIP/201` → `NOT_INUSE`. */
  readonly devices = new Map<string, string>();
  /** Hints of the dial plan: extension → status (-1 removed, 0 idle, 1 in use, 4 unavailable, 8 ringing, 16 on hold). */
  readonly extensions = new Map<string, number>();

  /** @param now UTC milliseconds: since when callers wait is not in AMI's events. */
  constructor(now: () => number) {
    this.#now = now;
  }

  channel(uniqueid: string): Channel | undefined {
    return this.channels.get(uniqueid);
  }

  byName(name: string): Channel | undefined {
    return [...this.channels.values()].find((channel) => channel.name === name);
  }

  apply(event: AmiMessage): Change {
    return HANDLERS[event.event]?.(this, event) ?? NOTHING;
  }

  /** What CoreShowChannels listed takes the place of the channels; what it does not say is kept of those known. */
  replaceChannels(listed: readonly AmiMessage[]): void {
    const before = new Map(this.channels);
    this.channels.clear();
    for (const event of listed) {
      const channel = addChannel(this, event);
      const known = before.get(channel.uniqueid);
      channel.outgoing = /^App(Dial|Queue)/.test(event.get('Application'));
      setBridge(channel, event.get('BridgeId'));
      if (!known) continue;
      const { dialled, held, muted, dialledBy, pair, outgoing, parked, queue } = known;
      Object.assign(channel, { dialled, held, muted, outgoing });
      if (dialledBy) channel.dialledBy = dialledBy;
      if (pair) channel.pair = pair;
      if (parked) channel.parked = parked;
      if (queue) channel.queue = queue;
    }
    pairLocals(this);
  }

  /** What QueueStatus listed takes the place of the queues. */
  replaceQueues(listed: readonly AmiMessage[]): void {
    const before = new Map([...this.channels.values()].map(({ uniqueid, queue }) => [uniqueid, queue]));
    this.queues.clear();
    for (const channel of this.channels.values()) delete channel.queue;
    for (const event of listed) {
      if (event.event === 'QueueParams') queueOf(this, event.get('Queue'));
      if (event.event === 'QueueMember') setMember(this, event);
      if (event.event === 'QueueEntry') {
        const channel = this.channels.get(event.get('Uniqueid'));
        if (channel) channel.queue = this.#listed(event, before.get(channel.uniqueid));
      }
    }
  }

  /** A caller's place as it was listed: `Wait` is in whole seconds, so that what was known is better. */
  #listed(event: AmiMessage, known: Channel['queue']): NonNullable<Channel['queue']> {
    const name = event.get('Queue');
    const since = this.#now() - (event.number('Wait') ?? 0) * 1_000;
    return {
      name,
      position: event.number('Position') ?? 0,
      since: known?.name === name ? known.since : since,
    };
  }

  /** The caller takes this place; those from there on go one back. */
  enterQueue(channel: Channel, name: string, position: number): void {
    if (channel.queue?.name === name) return;
    for (const other of this.#waitingIn(name)) if (other.position >= position) other.position++;
    channel.queue = { name, position, since: this.#now() };
  }

  /** The caller's place is free; those behind him move up, of which AMI says nothing. */
  leaveQueue(channel: Channel): void {
    const { queue } = channel;
    if (!queue) return;
    delete channel.queue;
    for (const other of this.#waitingIn(queue.name)) if (other.position > queue.position) other.position--;
  }

  #waitingIn(name: string): NonNullable<Channel['queue']>[] {
    return [...this.channels.values()].flatMap(({ queue }) => (queue?.name === name ? [queue] : []));
  }
}

type Handler = (state: PbxState, event: AmiMessage) => Change;

const HANDLERS: Record<string, Handler> = {
  Newchannel: (state, event) => {
    const known = state.channels.get(event.get('Uniqueid'));
    if (known) return NOTHING;
    const channel = addChannel(state, event);
    channel.dialled = event.get('Exten') === 's' ? '' : event.get('Exten');
    channel.outgoing = channel.state !== RING;
    return CALLS;
  },
  Newstate: (state, event) => changed(state, event, () => undefined),
  NewCallerid: (state, event) => changed(state, event, () => undefined),
  Rename: (state, event) =>
    changed(state, event, (channel) => {
      channel.name = event.get('Newname');
    }),
  DialBegin: (state, event) => {
    const dialled = state.channels.get(event.get('DestUniqueid'));
    if (!dialled) return NOTHING;
    dialled.outgoing = true;
    const by = event.get('Uniqueid');
    if (by) dialled.dialledBy = by;
    return CALLS;
  },
  DialEnd: (state, event) => {
    const dialled = state.channels.get(event.get('DestUniqueid'));
    if (!dialled) return NOTHING;
    dialled.dialStatus = event.get('DialStatus');
    return CALLS;
  },
  Hold: (state, event) =>
    changed(state, event, (channel) => {
      channel.held = true;
    }),
  Unhold: (state, event) =>
    changed(state, event, (channel) => {
      channel.held = false;
    }),
  BridgeEnter: (state, event) =>
    changed(state, event, (channel) => {
      setBridge(channel, event.get('BridgeUniqueid'));
      // It was on hold in the bridge that it came from: Asterisk says nothing of it when it moves one.
      channel.held = false;
    }),
  BridgeLeave: (state, event) =>
    changed(state, event, (channel) => {
      if (channel.bridge === event.get('BridgeUniqueid')) delete channel.bridge;
    }),
  LocalBridge: (state, event) => {
    pair(state, event.get('LocalOneUniqueid'), event.get('LocalTwoUniqueid'));
    return CALLS;
  },
  ParkedCall: (state, event) => {
    const channel = state.channels.get(event.get('ParkeeUniqueid'));
    if (!channel) return NOTHING;
    channel.parked = event.get('ParkingSpace');
    channel.parkedTooLong = false;
    return CALLS;
  },
  UnParkedCall: unparked,
  ParkedCallTimeOut: unparked,
  ParkedCallGiveUp: unparked,
  Hangup: (state, event) => {
    const channel = state.channels.get(event.get('Uniqueid'));
    if (!channel) return NOTHING;
    channel.cause = event.number('Cause') ?? 0;
    state.leaveQueue(channel);
    state.channels.delete(channel.uniqueid);
    return BOTH;
  },
  QueueCallerJoin: (state, event) => {
    const channel = state.channels.get(event.get('Uniqueid'));
    if (!channel) return NOTHING;
    state.enterQueue(channel, event.get('Queue'), event.number('Position') ?? 0);
    return BOTH;
  },
  // It comes before the members' phones are told: they stop ringing because he gave up.
  HangupRequest: (state, event) => {
    const waits = state.channels.get(event.get('Uniqueid'))?.queue !== undefined;
    return waits ? left(state, event) : NOTHING;
  },
  QueueCallerLeave: left,
  QueueCallerAbandon: left,
  QueueMemberStatus: setMember,
  QueueMemberAdded: setMember,
  QueueMemberPause: setMember,
  QueueMemberPenalty: setMember,
  QueueMemberRinginuse: setMember,
  QueueMemberRemoved: (state, event) => {
    const gone = state.queues.get(event.get('Queue'))?.members.delete(event.get('Interface'));
    return gone ? QUEUES : NOTHING;
  },
  DeviceStateChange: (state, event) => {
    state.devices.set(event.get('Device'), event.get('State'));
    return QUEUES;
  },
  ExtensionStatus: (state, event) => {
    state.extensions.set(event.get('Exten'), event.number('Status') ?? -1);
    return NOTHING;
  },
};

const RING = 4;

function changed(state: PbxState, event: AmiMessage, edit: (channel: Channel) => void): Change {
  const channel = state.channels.get(event.get('Uniqueid'));
  if (!channel) return NOTHING;
  channel.linkedid = event.get('Linkedid') || channel.linkedid;
  channel.state = event.number('ChannelState') ?? channel.state;
  if (event.has('CallerIDNum')) channel.callerNumber = event.get('CallerIDNum') || channel.callerNumber;
  edit(channel);
  return CALLS;
}

function addChannel(state: PbxState, event: AmiMessage): Channel {
  const channel: Channel = {
    uniqueid: event.get('Uniqueid'),
    name: event.get('Channel'),
    linkedid: event.get('Linkedid') || event.get('Uniqueid'),
    state: event.number('ChannelState') ?? 0,
    callerNumber: event.get('CallerIDNum'),
    callerName: event.get('CallerIDName'),
    dialled: event.get('Exten'),
    context: event.get('Context'),
    held: false,
    muted: false,
    outgoing: false,
  };
  state.channels.set(channel.uniqueid, channel);
  return channel;
}

function setBridge(channel: Channel, bridge: string): void {
  if (bridge) channel.bridge = bridge;
  else delete channel.bridge;
}

function unparked(state: PbxState, event: AmiMessage): Change {
  const channel = state.channels.get(event.get('ParkeeUniqueid'));
  if (!channel) return NOTHING;
  delete channel.parked;
  channel.parkedTooLong = event.event === 'ParkedCallTimeOut';
  return CALLS;
}

function left(state: PbxState, event: AmiMessage): Change {
  const channel = state.channels.get(event.get('Uniqueid'));
  if (!channel) return QUEUES;
  state.leaveQueue(channel);
  channel.gaveUp = event.event !== 'QueueCallerLeave' || channel.gaveUp === true;
  return BOTH;
}

function pair(state: PbxState, one: string, two: string): void {
  const [first, second] = [state.channels.get(one), state.channels.get(two)];
  if (first && second) [first.pair, second.pair] = [two, one];
}

/** After a snapshot the halves of a Local channel are known by their names alone. */
function pairLocals(state: PbxState): void {
  for (const channel of state.channels.values()) {
    if (channel.pair || !channel.name.endsWith(';1')) continue;
    const other = state.byName(`${channel.name.slice(0, -1)}2`);
    if (other) pair(state, channel.uniqueid, other.uniqueid);
  }
}

function queueOf(state: PbxState, name: string): PbxQueue {
  const queue = state.queues.get(name) ?? { name, members: new Map<string, QueueMember>() };
  state.queues.set(name, queue);
  return queue;
}

function setMember(state: PbxState, event: AmiMessage): Change {
  const id = event.get('Interface') || event.get('Location');
  queueOf(state, event.get('Queue')).members.set(id, {
    interface: id,
    stateInterface: event.get('StateInterface') || id,
    name: event.get('MemberName') || event.get('Name'),
    membership: event.get('Membership'),
    penalty: event.number('Penalty') ?? 0,
    paused: event.get('Paused') === '1',
    reason: event.get('PausedReason'),
    inCall: event.get('InCall') === '1',
    status: event.number('Status') ?? 0,
    wrapUpTime: event.number('Wrapuptime') ?? 0,
    callsTaken: event.number('CallsTaken') ?? 0,
  });
  return QUEUES;
}
