import { beforeEach, describe, expect, it } from 'vitest';
import { AmiMessage } from './ami-message.ts';
import { PbxState } from './pbx-state.ts';

let now: number;
let state: PbxState;

const message = (event: string, fields: Record<string, string | number>) =>
  new AmiMessage([`Event: ${event}`, ...Object.entries(fields).map(([key, value]) => `${key}: ${value}`)]);
const says = (event: string, fields: Record<string, string | number>) => state.apply(message(event, fields));

function joins(id: string, position: number): void {
  says('Newchannel', { Uniqueid: id, Channel: `PJSIP/carrier-${id}`, ChannelState: 4, Exten: '6000' });
  says('QueueCallerJoin', { Uniqueid: id, Queue: 'sales', Position: position });
}

const waiting = () =>
  Object.fromEntries(
    [...state.channels.values()].flatMap(({ uniqueid, queue }) => (queue ? [[uniqueid, queue]] : [])),
  );
const places = () => Object.fromEntries(Object.entries(waiting()).map(([id, queue]) => [id, queue.position]));

beforeEach(() => {
  now = 100_000;
  state = new PbxState(() => now);
});

describe('places in a queue', () => {
  it('move up when somebody before leaves, which the PBX does not say', () => {
    joins('a', 1);
    joins('b', 2);
    joins('c', 3);
    says('QueueCallerLeave', { Uniqueid: 'a', Queue: 'sales', Position: 1 });
    expect(places()).toEqual({ b: 1, c: 2 });
    says('Hangup', { Uniqueid: 'b' });
    expect(places()).toEqual({ c: 1 });
  });

  it('move back when somebody is put before', () => {
    joins('a', 1);
    joins('b', 2);
    joins('urgent', 1);
    expect(places()).toEqual({ urgent: 1, a: 2, b: 3 });
  });

  it('stay as they are when an event is heard twice', () => {
    joins('a', 1);
    joins('b', 2);
    says('QueueCallerJoin', { Uniqueid: 'a', Queue: 'sales', Position: 1 });
    says('QueueCallerLeave', { Uniqueid: 'a', Queue: 'sales', Position: 1 });
    says('QueueCallerAbandon', { Uniqueid: 'a', Queue: 'sales', Position: 1 });
    expect(places()).toEqual({ b: 1 });
  });
});

describe('since when a caller waits', () => {
  it('is when he came, and is kept when the queues are listed anew', () => {
    joins('a', 1);
    now += 7_400;
    state.replaceQueues([message('QueueEntry', { Uniqueid: 'a', Queue: 'sales', Position: 1, Wait: 7 })]);
    expect(waiting()).toEqual({ a: { name: 'sales', position: 1, since: 100_000 } });
  });

  it('is counted back from what is listed for one who came before we were connected', () => {
    state.replaceChannels([
      message('CoreShowChannel', { Uniqueid: 'a', Channel: 'PJSIP/carrier-a', ChannelState: 6 }),
    ]);
    state.replaceQueues([message('QueueEntry', { Uniqueid: 'a', Queue: 'sales', Position: 1, Wait: 30 })]);
    expect(waiting()).toEqual({ a: { name: 'sales', position: 1, since: 70_000 } });
  });
});
