import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAmi } from '../../../../test/harness/fake-ami.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { AmiRefusal } from './ami-connection.ts';
import { AmiLink } from './ami-link.ts';

const log = { info: () => undefined, warn: () => undefined };

describe('the link to a PBX over AMI', () => {
  let ami: FakeAmi;
  let clock: VirtualClock;
  let link: AmiLink;
  const states: string[] = [];
  const heard: string[] = [];
  let synchronise: () => Promise<void>;

  beforeEach(async () => {
    ami = await FakeAmi.open();
    clock = new VirtualClock();
    states.length = 0;
    heard.length = 0;
    synchronise = async () => undefined;
    link = new AmiLink({
      address: () => ({ host: '127.0.0.1', port: ami.port, user: 'crosspoint', secret: 'hush' }),
      clock,
      log,
      synchronise: () => synchronise(),
    });
    link.events.on('link', (state) => states.push(state));
    link.events.on('event', (event) => heard.push(event.event));
  });
  afterEach(async () => {
    await link.close();
    await ami.close();
  });

  /** What sockets do takes real time; what is waited for by the clock does not. */
  async function until(check: () => boolean): Promise<void> {
    for (const end = Date.now() + 8_000; Date.now() < end; ) {
      if (check()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`it is ${link.state}; said ${states.join(' ')}; heard ${heard.join(' ')}`);
  }

  it('logs in without sending the secret, and is up when what exists has been read', async () => {
    link.start();
    await until(() => link.state === 'up');
    const login = ami.requests.find(({ Action }) => Action === 'Login');
    expect(login?.Key).toBe(createHash('md5').update('123456hush').digest('hex'));
    expect(JSON.stringify(ami.requests)).not.toContain('hush');
    expect(states).toEqual(['reconciling', 'up']);
  });

  it('says why it is refused, and tries again', async () => {
    ami.answer = ({ Action }) =>
      Action === 'Login' ? [['Response: Error', 'Message: Authentication failed']] : undefined;
    link.start();
    await until(() => link.problem !== undefined);
    expect(link.problem).toBeInstanceOf(AmiRefusal);
    ami.answer = () => undefined;
    await clock.advance(1_000);
    await until(() => link.state === 'up');
    expect(link.problem).toBeUndefined();
  });

  it('gives on what happened while it read what exists, afterwards and in order', async () => {
    let read: () => void = () => undefined;
    synchronise = () => new Promise((resolve) => (read = resolve));
    link.start();
    await until(() => link.state === 'reconciling');
    ami.event('Event: Newchannel');
    ami.event('Event: Hangup');
    // an answer comes after the events that were sent before it
    await link.send('Ping');
    expect(heard).toEqual([]);
    read();
    await until(() => heard.length === 2);
    expect(heard).toEqual(['Newchannel', 'Hangup']);
  });

  it('connects again after a cut, reads anew, and refuses what waited', async () => {
    link.start();
    await until(() => link.state === 'up');
    ami.silent = true;
    const waiting = link.send('Ping').catch((error: unknown) => error);
    await until(() => ami.requests.some(({ Action }) => Action === 'Ping'));
    ami.cut();
    expect(await waiting).toMatchObject({ code: 'switch-down' });
    await until(() => link.state === 'down');
    await expect(link.send('Ping')).rejects.toMatchObject({ code: 'switch-down' });
    ami.silent = false;
    await clock.advance(6_000);
    await until(() => link.state === 'up');
    expect(states).toEqual(['reconciling', 'up', 'down', 'reconciling', 'up']);
  });

  it('finds a connection dead that answers no ping', async () => {
    link.start();
    await until(() => link.state === 'up');
    ami.silent = true;
    await clock.advance(10_000);
    await until(() => ami.requests.some(({ Action }) => Action === 'Ping'));
    await clock.advance(5_000);
    await until(() => link.state === 'down');
  });

  it('ends an action that nobody answers, and takes an empty list for one', async () => {
    link.start();
    await until(() => link.state === 'up');
    ami.answer = ({ Action }) =>
      Action === 'ParkedCalls' ? [['Response: Error', 'Message: No parked calls found']] : [];
    expect(await link.list('ParkedCalls')).toEqual([]);
    const late = link.send('Hangup', { Channel: 'x' }).catch((error: unknown) => error);
    await until(() => ami.requests.some(({ Action }) => Action === 'Hangup'));
    await clock.advance(5_000);
    expect(await late).toBeInstanceOf(CodedError);
    expect(await late).toMatchObject({ code: 'timeout' });
  });

  it('collects a list, and keeps events of others apart from it', async () => {
    link.start();
    await until(() => link.state === 'up');
    ami.answer = ({ Action }) =>
      Action === 'QueueStatus'
        ? [
            ['Response: Success', 'EventList: start'],
            ['Event: QueueParams', 'Queue: sales'],
            ['Event: QueueStatusComplete', 'EventList: Complete'],
          ]
        : undefined;
    const listed = link.list('QueueStatus');
    await until(() => ami.requests.some(({ Action }) => Action === 'QueueStatus'));
    ami.event('Event: Hangup');
    expect((await listed).map((event) => event.get('Queue'))).toEqual(['sales']);
    await until(() => heard.includes('Hangup'));
  });

  it('does not come back after it was closed', async () => {
    link.start();
    await until(() => link.state === 'up');
    await link.close();
    await link.close();
    expect(link.state).toBe('down');
    await clock.advance(60_000);
    await until(() => ami.connections === 0);
    expect(clock.pending).toBe(0);
  });
});
