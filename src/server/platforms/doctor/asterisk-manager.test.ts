import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAmi } from '../../../../test/harness/fake-ami.ts';
import { realClock } from '../../../lib/clock.ts';
import { checkManager } from './asterisk-manager.ts';

const ALL = [
  'MixMonitor',
  'MixMonitorMute',
  'StopMixMonitor',
  'PJSIPNotify',
  'PJSIPShowRegistrationsOutbound',
];

describe('the doctor asks AMI', () => {
  let ami: FakeAmi;
  const address = () => ({ host: '127.0.0.1', port: ami.port, user: 'crosspoint', secret: 'hush' });
  /** Lets its user use these actions. */
  const allow = (actions: string[]) => {
    ami.answer = ({ Action }) =>
      Action === 'ListCommands'
        ? [['Response: Success', ...actions.map((action) => `${action}: what it does`)]]
        : undefined;
  };

  beforeEach(async () => {
    ami = await FakeAmi.open();
  });
  afterEach(() => ami.close());

  it('and finds all rights, or none set', async () => {
    allow(ALL);
    expect(await checkManager(address(), realClock)).toMatchObject({ status: 'ok' });
    expect(await checkManager(undefined, realClock)).toMatchObject({
      status: 'ok',
      found: expect.stringContaining('recording') as string,
    });
  });

  it('and names the actions that its user may not use, with what is lost', async () => {
    allow(ALL.filter((action) => action !== 'PJSIPNotify'));
    const { status, found, fix } = await checkManager(address(), realClock);
    expect([status, found]).toEqual([
      'wrong',
      'The AMI user crosspoint may not use PJSIPNotify: answering desk phones will not work.',
    ]);
    expect(fix).toContain('write = system,call');
  });

  it('and says that the secret is wrong, without saying it', async () => {
    ami.answer = ({ Action }) =>
      Action === 'Login' ? [['Response: Error', 'Message: Authentication failed']] : undefined;
    const { status, found, fix } = await checkManager(address(), realClock);
    expect([status, found]).toEqual([
      'wrong',
      `AMI at 127.0.0.1:${ami.port} does not let the user crosspoint in: Authentication failed.`,
    ]);
    expect(`${found} ${fix}`).not.toContain('hush');
  });

  it('and says what to do where nothing listens, or where AMI speaks no TLS', async () => {
    const nowhere = await checkManager({ ...address(), port: 1 }, realClock);
    expect(nowhere).toMatchObject({ status: 'wrong', fix: expect.stringContaining('bindaddr') as string });
    const plain = await checkManager({ ...address(), tls: {} }, realClock);
    expect(plain).toMatchObject({ status: 'wrong', fix: expect.stringContaining('tlsenable') as string });
  });
});
