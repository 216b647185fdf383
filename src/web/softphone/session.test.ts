import { describe, expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Downstream, Upstream } from '../../protocol/socket.ts';
import type { Command } from '../../protocol/softphone.ts';
import { SoftphoneClient } from '../client/softphone-client.ts';
import type { SocketLike } from '../client/socket-like.ts';
import type { Host, HostListener } from '../hosts/host.ts';
import { BrowserPhone } from '../phone/browser-phone.ts';
import { Microphone } from '../phone/microphone.ts';
import { FakeDevices, FakeSpeaker } from '../phone/testing/fake-media.ts';
import { FakeAgent } from '../phone/testing/fake-sip.ts';
import { SoftphoneSession } from './session.ts';
import { aLine, aLog, aState } from './state.fixture.ts';

const CREDENTIALS = { path: '/sip', username: 'w', password: 'p', domain: 'd', iceServers: [] };
const POP = {
  id: 'pop_1',
  decision: 'list',
  number: '+44',
  tab: 'tab_here1',
  open: 'tab',
  done: false,
} as const;

class FakeHost implements Host {
  readonly embedded = true;
  readonly status = { state: 'joined', text: 'a test' } as const;
  readonly log: string[] = [];
  listener!: HostListener;
  start = (listener: HostListener) => void (this.listener = listener);
  pop = (request: { popId: string }) => void this.log.push(`pop ${request.popId}`);
  open = (record: { id: string }) => void this.log.push(`open ${record.id}`);
  changed = (ids: string[]) => void this.log.push(`changed ${ids.join()}`);
  dialState = () => {};
  ringing = (on: boolean) => void this.log.push(on ? 'rings' : 'rings no more');
  signedOut = () => void this.log.push('signed out');
  close = () => {};
}

function start() {
  const clock = new VirtualClock();
  const sent: Upstream[] = [];
  const log: string[] = [];
  const problems: unknown[] = [];
  let socket!: SocketLike;
  let agent: FakeAgent | undefined;
  const who = { signedIn: true };
  const host = new FakeHost();
  const fail = (error: unknown) => {
    throw error;
  };
  const phone = new BrowserPhone({
    createAgent: (options, handlers) => {
      agent = new FakeAgent(options, handlers);
      return agent;
    },
    microphone: new Microphone(new FakeDevices(), true, () => {}),
    speaker: new FakeSpeaker(),
    clock,
    onListenerError: fail,
  });
  const client = new SoftphoneClient({
    url: 'ws://here',
    tabId: 'tab_here1',
    canAudio: true,
    canPop: true,
    legs: () => phone.legs,
    clock,
    onListenerError: fail,
    openSocket: () => {
      socket = {
        onopen: null,
        onmessage: null,
        onclose: null,
        send: (text) => void sent.push(JSON.parse(text)),
        close: () => {},
      };
      return socket;
    },
  });
  const session = new SoftphoneSession({
    client,
    phone,
    host,
    ringer: { start: (ring) => log.push(`ring ${ring}`), stop: () => log.push('silent') },
    notifier: { show: (lines) => log.push(`notify ${lines.length}`) },
    onContext: (context) => void log.push(`context ${context}`),
    whoAmI: async () => {
      if (!who.signedIn) throw new CodedError('not-signed-in');
    },
    onProblem: (error) => problems.push(error),
    clock,
    storage: { getItem: () => null, setItem: () => {}, removeItem: () => {} },
    insecure: false,
  });
  session.start();
  const say = (message: Downstream) => socket.onmessage?.({ data: JSON.stringify(message) });
  const show = (state = aState()) => say({ type: 'snapshot', state });
  const commands = (): Command[] => sent.flatMap((m) => (m.type === 'command' ? [m.command] : []));
  const accept = (command: Command | undefined) =>
    say({ type: 'result', commandId: command?.commandId ?? '', ok: true });
  return {
    clock,
    session,
    host,
    phone,
    sent,
    log,
    problems,
    who,
    say,
    show,
    commands,
    accept,
    agent: () => agent,
    drop: () => socket.onclose?.(),
  };
}

describe('an incoming call', () => {
  test('rings, notifies and tells the host, until it is over', () => {
    const { show, log, host } = start();
    show(aState({ lines: [aLine()] }));
    expect(log.slice(-2)).toEqual(['ring incoming', 'notify 1']);
    expect(host.log).toEqual(['rings']);
    show();
    expect(log.slice(-2)).toEqual(['silent', 'notify 0']);
    expect(host.log).toEqual(['rings', 'rings no more']);
  });

  test('beeps in a call in place of ringing, and rings when that call is over and it still waits', () => {
    const { show, log } = start();
    show(aState({ lines: [aLine({ id: 'a', state: 'connected' }), aLine()] }));
    expect(log.slice(-2)).toEqual(['ring waiting', 'notify 1']);
    show(aState({ lines: [aLine({ id: 'a', state: 'wrap-up' }), aLine()] }));
    expect(log.at(-1)).toBe('ring incoming');
  });

  test('pops once, and says so when the host has shown it', () => {
    const { show, host, commands } = start();
    const state = aState({ lines: [aLine({ pop: POP })] });
    show(state);
    show(state);
    expect(host.log.filter((l) => l === 'pop pop_1')).toHaveLength(1);
    host.listener.popped('pop_1');
    expect(commands()).toMatchObject([{ verb: 'pop.done', lineId: 'conv_1', popId: 'pop_1' }]);
  });

  test.each([
    ['for another tab', { ...POP, tab: 'tab_other' }],
    ['that is done', { ...POP, done: true }],
  ])('with a pop %s pops nothing', (_, pop) => {
    const { show, host } = start();
    show(aState({ lines: [aLine({ pop })] }));
    expect(host.log).toEqual(['rings']);
  });
});

describe('the phone', () => {
  test('is reported while the audio is here', async () => {
    const { show, say, sent, session, agent } = start();
    show();
    say({ type: 'phone', credentials: CREDENTIALS });
    await settle();
    agent()?.handlers.onRegistered();
    expect(sent.at(-1)).toEqual({ type: 'phone', registered: true });
    expect(session.getView().audioHere).toBe(true);
  });

  test('is muted before the server has answered, and for what the state says', async () => {
    const { show, say, session, agent, commands, accept } = start();
    show(aState({ lines: [aLine({ state: 'connected' })] }));
    say({ type: 'phone', credentials: CREDENTIALS });
    await settle();
    const sip = agent()?.invite('leg_1');
    session.run({ verb: 'mute', lineId: 'conv_1' });
    expect(sip?.log.at(-1)).toBe('mute');
    show(aState({ lines: [aLine({ state: 'connected', muted: false })] }));
    expect(sip?.log.at(-1)).toBe('mute');
    accept(commands()[0]);
    await settle();
    show(aState({ lines: [aLine({ state: 'connected', muted: false })] }));
    expect(sip?.log.at(-1)).toBe('unmute');
  });
});

describe('commands', () => {
  test('show as pending until they are answered', async () => {
    const { show, session, commands, accept } = start();
    show(aState({ lines: [aLine({ state: 'connected' })] }));
    session.run({ verb: 'hold', lineId: 'conv_1' });
    expect([...session.getView().pending]).toEqual(['conv_1 hold']);
    accept(commands()[0]);
    await settle();
    expect(session.getView().pending.size).toBe(0);
  });

  test('that fail are told to the agent', async () => {
    const { session, problems } = start();
    session.run({ verb: 'hold', lineId: 'conv_1' });
    await settle();
    expect(problems).toMatchObject([{ code: 'server-unreachable' }]);
  });

  test('come from the host as click-to-dial', () => {
    const { show, host, commands } = start();
    show();
    host.listener.dial('020 7946 0958', undefined);
    expect(commands()).toMatchObject([{ verb: 'dial', number: '020 7946 0958' }]);
  });

  test('that finish the wrap-up wait for the last words', async () => {
    const { show, session, commands, accept } = start();
    show(aState({ lines: [aLine({ state: 'wrap-up', log: aLog() })] }));
    session.notes('conv_1', '').type('last words');
    void session.finishWrapUp('conv_1');
    await settle();
    expect(commands()).toMatchObject([{ verb: 'log.edit', comments: 'last words' }]);
    accept(commands()[0]);
    await settle();
    expect(commands()[1]).toMatchObject({ verb: 'wrap.finish', lineId: 'conv_1' });
  });
});

describe('the sign-in', () => {
  test('that is over leaves nothing of the user on the page', async () => {
    const { show, say, session, host, agent } = start();
    show();
    say({ type: 'phone', credentials: CREDENTIALS });
    say({ type: 'bye', error: { code: 'not-signed-in', message: 'Over.' } });
    expect(session.getView()).toMatchObject({ signedOut: true, audioHere: false });
    expect(session.getView().client.state).toBeUndefined();
    expect(agent()?.log).toContain('stop');
    expect(host.log).toContain('signed out');
  });

  test('is checked when the server lets nobody in', async () => {
    const { session, who, drop } = start();
    who.signedIn = false;
    drop();
    await settle();
    expect(session.getView().signedOut).toBe(true);
    session.signedIn();
    expect(session.getView().signedOut).toBe(false);
  });

  test('is not over because the server is down', async () => {
    const { session, drop } = start();
    drop();
    await settle();
    expect(session.getView().signedOut).toBe(false);
  });
});
