/** The host against a connector on the real library, both versions of it, and against what no library would send. */
import version3 from '@salesforce/scv-connector-base?raw';
import version4 from 'scv-connector-base?raw';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/clock.ts';
import { must } from '../../../lib/must.ts';
import type { MyAdapter, Traffic } from '../../../protocol/opencti.ts';
import type { KeptCall } from './call-logs.ts';
import { voiceButtons, type VoiceCommand, type VoiceVerb } from './voice-commands.ts';
import { VoiceDesk, type VoiceOperations } from './voice-desk.ts';
import { ANSWER_MS, SILENCE_MS } from './voice-line.ts';
import { type ConnectorOptions, type ScvLibrary, TestConnector } from './voice-connector.fixture.ts';
import { applyVoiceEvent, mainCall, NEW_VOICE, VOICE_EVENTS } from './voice-state.ts';

const ADAPTER: MyAdapter = {
  callCenterId: 'c1',
  displayName: 'Voice',
  adapterUrl: 'https://vendor.example/connector',
  standbyUrl: null,
  timeoutMs: null,
  height: 600,
  width: 340,
  mode: 'Lightning',
  voice: true,
  settings: {
    '/reqGeneralInfo/reqInternalName': 'Voice',
    '/reqHvcc/reqTelephonyIntegrationCertificate': 'CERT',
  },
};
const ADA = { id: '003000000000001', name: 'Ada Lovelace', object: 'Contact' };
const NUMBER = '+442079460958';
const SALESFORCE = 'https://crosspoint.lightning.force.com';

type Listener = (event: object) => unknown;

/** The library as a page of its own has it: its state is the module's, so that each page takes a new one. */
function load(name: string): { library: ScvLibrary; deliver: (event: object) => void } {
  const listeners = new Set<Listener>();
  const window = {
    addEventListener: (_: string, listener: Listener) => listeners.add(listener),
    removeEventListener: (_: string, listener: Listener) => listeners.delete(listener),
  };
  const module = { exports: {} };
  const code = name === 'scv-connector-base' ? version4 : version3;
  const quiet = { error: () => {}, info: () => {} };
  // The libraries are scripts of a page: each needs a window of its own, which only a function of their text can give.
  // oxlint-disable-next-line typescript/no-implied-eval
  new Function('module', 'exports', 'window', 'console', code)(module, module.exports, window, quiet);
  return {
    library: module.exports as ScvLibrary,
    deliver: (event) => listeners.forEach((one) => void one(event)),
  };
}

/** A desktop with its connector. What a reload keeps is given on. */
class World {
  readonly clock = new VirtualClock();
  readonly saved: Record<string, unknown>[] = [];
  readonly popped: unknown[] = [];
  traffic: Traffic[] = [];
  connector!: TestConnector;
  desk!: VoiceDesk;
  kept: KeptCall[] = [];
  matches: Record<string, Record<string, string>> = {
    [ADA.id]: { Id: ADA.id, Name: ADA.name, RecordType: ADA.object },
  };
  elect: (elected: boolean) => void = () => {};
  #deliver: (event: object) => void = () => {};
  readonly #ports: MessagePort[] = [];

  constructor(readonly name = '@salesforce/scv-connector-base') {}

  /** Loads both pages anew. The telephone system keeps its calls. */
  open(options: ConnectorOptions = {}, origin = SALESFORCE): void {
    const calls = [...(this.connector?.calls.values() ?? [])];
    this.desk?.close();
    const { library, deliver } = load(this.name);
    this.connector = new TestConnector(library, options);
    this.connector.restore(calls);
    this.connector.start();
    this.desk = new VoiceDesk({
      adapter: ADAPTER,
      operations: () => this.#operations(),
      tabs: { postMessage: () => {}, addEventListener: () => {}, close: () => {} },
      tabId: 'one',
      clock: this.clock,
      channel: () => {
        const { port1, port2 } = new MessageChannel();
        this.#ports.push(port1, port2);
        return { port1, port2 };
      },
      kept: { read: () => this.kept, write: (calls) => (this.kept = calls) },
      refresh: () => {},
      sendTraffic: (traffic) => this.traffic.push(...traffic),
      locks: undefined,
      lockName: '',
      election: {
        join: (tell) => {
          this.elect = tell;
          tell(true);
          return () => {};
        },
        take: () => {},
      },
    });
    this.#deliver = deliver;
    this.desk.start(
      (data, port) => this.#deliver({ data, origin, ports: [port] }),
      () => {},
    );
    this.desk.loaded();
  }

  /** The connector's page alone. */
  reload(): void {
    const { library, deliver } = load(this.name);
    this.#deliver = deliver;
    this.connector = new TestConnector(library);
    this.connector.start();
    this.desk.loaded();
  }

  async ready(options: ConnectorOptions = {}): Promise<void> {
    this.open(options);
    await this.until(() => this.desk.getView().phase === 'ready');
    await this.until(() => this.connector.asked.some(([name]) => name === 'getAgentStatus'));
  }

  until(what: () => boolean): Promise<void> {
    return expect.poll(what).toBe(true);
  }

  get call() {
    return must(mainCall(this.desk.getView()), 'a call');
  }

  /** Presses a button of a call: of the first, or of this one. */
  press(verb: VoiceVerb, callId = this.call.callId): void {
    const view = this.desk.getView();
    const call = must(
      view.calls.find((one) => one.callId === callId),
      'call',
    );
    const found = voiceButtons(view, call).find((one) => one.verb === verb);
    this.desk.send(must(found?.command, verb));
  }

  async talk(callId = 'c1'): Promise<void> {
    await this.connector.ring(callId, NUMBER);
    await this.until(() => this.desk.getView().calls.length === 1);
    this.press('accept');
    await this.until(() => this.call.state === 'connected');
  }

  async flushed(method: string): Promise<Traffic> {
    await this.until(() => this.connector !== undefined);
    await this.clock.advance(500);
    return must(
      this.traffic.findLast((one) => one.method === method),
      method,
    );
  }

  close(): void {
    this.desk?.close();
    for (const port of this.#ports) port.close();
  }

  #operations(): VoiceOperations {
    return {
      search: async () => ({ records: this.matches, pop: { type: 'sobject', params: { recordId: ADA.id } } }),
      pop: async (pop) => void this.popped.push(pop),
      saveLog: async (_, id, fields) => {
        this.saved.push({ ...(id ? { Id: id } : {}), ...fields });
        return id ?? '00T000000000001';
      },
    };
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

describe.each(['@salesforce/scv-connector-base', 'scv-connector-base'])('a connector on %s', (name) => {
  beforeEach(() => {
    world = new World(name);
  });

  it('takes the line, is given the settings without the certificate, and says what it can do', async () => {
    await world.ready();
    expect(world.connector.asked[0]).toEqual(['init', [{ '/reqGeneralInfo/reqInternalName': 'Voice' }]]);
    const { capabilities, phones, agentStatus } = world.desk.getView();
    expect(capabilities).toMatchObject({
      MUTE: true,
      RECORD: true,
      SWAP: true,
      CONTACT_SEARCH: true,
      MOS: false,
    });
    expect(phones.map(({ type }) => type)).toEqual(['SOFT_PHONE', 'DESK_PHONE']);
    await world.until(() => world.desk.getView().agentStatus === 'Online');
    expect(agentStatus === undefined || agentStatus === 'Online').toBe(true);
  });

  it('rings: the call pops as the layout says, is taken, and is logged once when it has ended', async () => {
    await world.ready();
    await world.talk();
    expect(world.popped).toEqual([{ type: 'sobject', params: { recordId: ADA.id } }]);
    expect(world.desk.getView().matches.c1).toEqual([ADA]);
    await world.clock.advance(61_400);
    await world.connector.hangUp('c1');
    await world.until(() => world.saved.length === 1);
    expect(world.saved).toMatchObject([
      {
        Subject: 'Call from Ada Lovelace',
        CallType: 'Inbound',
        CallObject: 'c1',
        CallDurationInSeconds: 61,
        Status: 'Completed',
        WhoId: ADA.id,
      },
    ]);
    await world.until(() => world.desk.getView().wrapUp?.callId === 'c1');
    await world.desk.wrapUp('She will call back.');
    expect(world.saved[1]).toEqual({ Id: '00T000000000001', Description: 'She will call back.' });
    await world.until(() => world.connector.asked.some(([method]) => method === 'wrapUpCall'));
    expect(world.desk.getView()).toMatchObject({ calls: [], wrapUp: undefined });
    expect(world.kept).toEqual([]);
  });

  it('is muted, held, recorded, conferenced, swapped, given digits and another person', async () => {
    await world.ready();
    await world.talk();
    const view = () => world.desk.getView();
    world.press('mute');
    await world.until(() => view().muted);
    world.press('mute');
    await world.until(() => !view().muted);
    world.press('hold');
    await world.until(() => world.call.callInfo?.isOnHold === true);
    world.press('hold');
    await world.until(() => world.call.callInfo?.isOnHold === false);
    world.press('record');
    await world.until(() => view().recordingPaused);
    world.press('record');
    await world.until(() => !view().recordingPaused);
    world.desk.send({ type: 'SEND_DIGITS', digits: '12#' });
    const contact = { type: 'PhoneNumber', phoneNumber: '4711' };
    world.desk.send({ type: 'ADD_PARTICIPANT', contact, call: world.call, isBlindTransfer: false });
    await world.until(() => view().calls.length === 2);
    expect(view().calls[1]).toMatchObject({
      callId: 'p1',
      callType: 'AddParticipant',
      state: 'transferring',
    });
    const { callInfo } = must(world.connector.calls.get('p1'), 'participant');
    const added = { initialCallHasEnded: false, callInfo, phoneNumber: '4711', callId: 'p1' };
    await world.connector.publish('PARTICIPANT_CONNECTED', 'ParticipantResult', added);
    await world.until(() => view().calls[1]?.state === 'transferred');
    world.press('swap');
    await world.until(() => view().calls[1]?.callInfo?.isOnHold === true);
    world.press('merge');
    await world.until(() => view().calls[1]?.callInfo?.isOnHold === false);
    world.press('remove', 'p1');
    await world.until(() => view().calls.length === 1);
    world.press('end');
    await world.until(() => view().calls.length === 0 && world.saved.length === 1);
    const asked = world.connector.asked.map(([method]) => method);
    for (const method of [
      'mute',
      'unmute',
      'hold',
      'resume',
      'pauseRecording',
      'resumeRecording',
      'sendDigits',
    ])
      expect(asked).toContain(method);
    for (const method of ['addParticipant', 'swap', 'conference', 'endCall']) expect(asked).toContain(method);
  });

  it('dials what was clicked, declines, and is given a status, a phone and a message', async () => {
    await world.ready();
    world.desk.click({ number: '+44123456', record: null });
    await world.until(() => world.desk.getView().calls.length === 1);
    expect(world.call).toMatchObject({ callType: 'Outbound', state: 'ringing' });
    expect(voiceButtons(world.desk.getView(), world.call).map(({ verb }) => verb)).toEqual(['end']);
    await world.connector.hangUp('out-+44123456');
    await world.until(() => world.desk.getView().calls.length === 0);
    await world.connector.ring('c2', NUMBER);
    await world.until(() => world.desk.getView().calls.length === 1);
    world.press('decline');
    await world.until(() => world.desk.getView().calls.length === 0);
    expect(world.saved).toEqual([]);
    world.desk.setStatus('Offline');
    await world.until(() => world.connector.status === 'Offline');
    const rest: VoiceCommand[] = [
      { type: 'SET_AGENT_CONFIG', config: { selectedPhone: { type: 'DESK_PHONE', number: '1' } } },
      { type: 'MESSAGE', message: { a: 1 } },
      { type: 'GET_SIGNED_RECORDING_URL', recordingUrl: 'u', vendorCallKey: 'k', callId: 'c1' },
      { type: 'GET_PHONE_CONTACTS', filter: { contains: 'gra', limit: 50, offset: 0 } },
      { type: 'SUPERVISE_CALL', call: { callId: 's1', callAttributes: { participantType: 'Supervisor' } } },
      { type: 'SUPERVISOR_BARGE_IN', call: { callId: 's1' } },
    ];
    for (const command of rest) world.desk.send(command);
    const methods = ['setAgentConfig', 'handleMessage', 'getSignedRecordingUrl', 'getPhoneContacts'];
    for (const method of [...methods, 'superviseCall', 'supervisorBargeIn'])
      await world.until(() => world.connector.asked.some(([one]) => one === method));
    await world.until(() => world.desk.getView().contacts[0]?.name === 'Grace Hopper');
    await world.until(() => world.desk.getView().calls[0]?.callId === 's1');
    world.desk.send({ type: 'SUPERVISOR_DISCONNECT', call: { callId: 's1' } });
    await world.until(() => world.desk.getView().calls.length === 0);
    world.desk.send({ type: 'LOGOUT' });
    await world.until(() => world.desk.getView().phase === 'login');
    expect(world.desk.getView().loginHeight).toBe(300);
  });

  it('signs in in its own window first', async () => {
    world.open({ init: { showLogin: true, loginFrameHeight: 350 } });
    await world.until(() => world.desk.getView().phase === 'login');
    expect(world.desk.getView().loginHeight).toBe(350);
    await world.connector.publish('LOGIN_RESULT', 'GenericResult', { success: false });
    await world.until(() => world.desk.getView().error?.code === 'CAN_NOT_LOG_IN');
    await world.connector.publish('LOGIN_RESULT', 'GenericResult', { success: true });
    await world.until(() => world.desk.getView().phase === 'ready');
  });

  it('says again what goes on after a reload: nothing pops, and the log has the whole time', async () => {
    await world.ready();
    await world.talk();
    await world.clock.advance(30_000);
    await world.ready();
    await world.until(() => world.desk.getView().calls[0]?.isReplayedCall === true);
    await world.clock.advance(30_000);
    await world.until(() => world.desk.getView().matches.c1 !== undefined);
    expect(world.popped).toHaveLength(1);
    await world.connector.hangUp('c1');
    await world.until(() => world.saved.length === 1);
    expect(world.saved[0]).toMatchObject({ CallDurationInSeconds: 60, WhoId: ADA.id });
  });

  it('lost a call while nobody looked: it is logged with the next sign of life, once', async () => {
    await world.ready();
    await world.talk();
    world.desk.close();
    world.connector.calls.clear();
    await world.ready();
    await world.until(() => world.saved.length === 1);
    await world.ready();
    expect(world.saved).toHaveLength(1);
  });

  it('says why something was not done, by its code; the call stays as it is', async () => {
    await world.ready();
    await world.talk();
    for (const [method, type, verb, code] of [
      ['hold', 'x', 'hold', 'CAN_NOT_HOLD_CALL'],
      ['hold', 'INVALID_PARTICIPANT', 'hold', 'INVALID_PARTICIPANT'],
      ['mute', 'x', 'mute', 'CAN_NOT_MUTE_CALL'],
      ['pauseRecording', 'x', 'record', 'CAN_NOT_PAUSE_RECORDING'],
      ['endCall', 'x', 'end', 'CAN_NOT_END_THE_CALL'],
    ] as const) {
      world.connector.failing = { method, type };
      world.press(verb);
      await world.until(() => world.desk.getView().error?.code === code);
    }
    expect(world.call).toMatchObject({ callId: 'c1', state: 'connected' });
    expect(await world.flushed('HOLD')).toMatchObject({ kind: 'call', surface: 'voice', ok: false });
    world.connector.error('SOFTPHONE_ERROR', 'MICROPHONE_NOT_SHARED');
    await world.until(() => world.desk.getView().error?.text.includes('microphone') === true);
  });
});

it('a connector that moves to another tab and back takes a new line, and one without status or phone book is fine', async () => {
  await world.ready();
  world.elect(false);
  expect(world.desk.getView()).toMatchObject({ place: 'other-browser', phase: 'connecting' });
  world.elect(true);
  world.reload();
  world.connector.failing = { method: 'getAgentStatus', type: 'x' };
  await world.until(() => world.desk.getView().phase === 'ready');
  await world.until(() => world.connector.failing === undefined);
  world.connector.failing = { method: 'getPhoneContacts', type: 'x' };
  world.desk.send({ type: 'GET_PHONE_CONTACTS', filter: { contains: 'a', limit: 1, offset: 0 } });
  await world.until(() => world.connector.failing === undefined);
  await world.talk();
  expect(world.desk.getView().error).toBeUndefined();
});

it('a connector on version 4 asks for its cookies, updates a call and shows its contacts', async () => {
  world = new World('scv-connector-base');
  world.open({ init: { showStorageAccess: true } });
  await world.until(() => world.desk.getView().phase === 'storage-access');
  const granted = { success: true, showLogin: true, loginFrameHeight: 200 };
  await world.connector.publish('STORAGE_ACCESS_RESULT', 'ShowStorageAccessResult', granted);
  await world.until(() => world.desk.getView().phase === 'login');
  await world.connector.publish('LOGIN_RESULT', 'GenericResult', { success: true });
  await world.until(() => world.desk.getView().phase === 'ready');
  await world.talk();
  const asked = () => world.connector.asked.map(([method]) => method);
  await world.until(() => asked().includes('onAgentWorkEvent'));
  world.desk.send({ type: 'GET_CONTACTS', filter: { contains: 'g', limit: 10, offset: 0 } });
  await world.until(() => world.desk.getView().contacts.length === 1);
  world.desk.send({ type: 'GET_AUDIO_DEVICES' });
  await world.until(() => asked().includes('getAudioDevices'));
});

describe('a connector that', () => {
  it('listens to Salesforce’s hosts only is given up, and its page says so', async () => {
    world.open({}, 'https://crm.example');
    await world.clock.advance(SILENCE_MS);
    expect(world.desk.getView().phase).toBe('failed');
    expect(world.connector.asked).toEqual([]);
  });

  it('begins late takes the line that is offered again, and is asked once', async () => {
    world.open({}, 'https://crm.example');
    const { library, deliver } = load(world.name);
    world.desk.start(
      (data, port) => deliver({ data, origin: SALESFORCE, ports: [port] }),
      () => {},
    );
    world.connector = new TestConnector(library);
    world.connector.start();
    await world.clock.advance(1_000);
    await world.until(() => world.desk.getView().phase === 'ready');
    await world.clock.advance(SILENCE_MS);
    expect(world.connector.asked.filter(([name]) => name === 'init')).toHaveLength(1);
    expect(world.desk.getView().phase).toBe('ready');
  });

  it('does not answer is told of as such', async () => {
    await world.ready();
    await world.talk();
    const send = world.desk.send.bind(world.desk);
    send({ type: 'DIAL', contact: { phoneNumber: '1' }, params: [] });
    await world.until(() => world.desk.getView().calls.length === 2);
    world.connector.asked.length = 0;
    (world.connector as { failing: unknown }).failing = undefined;
    send({ type: 'ACCEPT_CALL', call: { callId: 'x', callType: 'Outbound' } }); // the library drops it in silence
    await world.clock.advance(ANSWER_MS);
    expect(world.desk.getView().error?.code).toBe('NO_ANSWER');
    expect(await world.flushed('ACCEPT_CALL')).toMatchObject({ ok: false });
  });

  it('sends what no library would is not hurt by it, and the traffic shows it', async () => {
    await world.ready();
    await world.talk();
    const before = world.desk.getView().calls;
    await world.connector.publish('MESSAGE', undefined, { secretToken: 'hush' });
    expect(await world.flushed('SETUP_CONNECTOR')).not.toMatchObject({
      args: expect.stringContaining('CERT'),
    });
    await expect.poll(async () => (await world.flushed('MESSAGE')).args).not.toContain('hush');
    for (const payload of [null, 'x', 7, [], {}, { callId: '' }, { callId: 7 }, [{ callId: 'other' }]])
      for (const type of VOICE_EVENTS.filter((one) => !['HANGUP', 'LOGOUT_RESULT'].includes(one)))
        expect(() => applyVoiceEvent({ ...NEW_VOICE, calls: before }, { type, payload })).not.toThrow();
    expect(applyVoiceEvent(NEW_VOICE, { type: 'NOTHING', payload: {} })).toBe(NEW_VOICE);
  });
});

describe('the buttons of a call', () => {
  const call = { callId: 'c1', callType: 'Inbound', state: 'connected' };
  const capabilities = { MUTE: true, RECORD: true, SWAP: true, MERGE: true, BLIND_TRANSFER: true };
  const verbs = (given: object, can: Record<string, boolean> = capabilities, others: object[] = []) => {
    const mine = { ...call, ...given };
    const calls = [mine, ...others] as (typeof mine)[];
    return voiceButtons({ ...NEW_VOICE, capabilities: can, calls }, mine)
      .filter(({ enabled }) => enabled)
      .map(({ verb }) => verb);
  };

  it('follow what the vendor can do', () => {
    expect(verbs({})).toEqual(['mute', 'hold', 'record', 'add', 'transfer', 'digits', 'end']);
    expect(verbs({}, { DIAL_PAD: true })).toEqual(['hold', 'add', 'end']);
    const other = { callId: 'p1', callType: 'AddParticipant', state: 'transferred' };
    expect(verbs({}, capabilities, [other])).toEqual(expect.arrayContaining(['swap', 'merge']));
  });

  it('follow what he says of the call', () => {
    const callInfo = {
      muteEnabled: false,
      holdEnabled: false,
      showRecordButton: false,
      addCallerEnabled: false,
      extensionEnabled: false,
      endCallDisabled: true,
    };
    expect(verbs({ callInfo })).toEqual([]);
    expect(verbs({ state: 'ringing', callInfo: { acceptEnabled: false } })).toEqual(['decline']);
    expect(
      verbs({
        callType: 'AddParticipant',
        state: 'transferred',
        callInfo: { removeParticipantVariant: 'NEVER' },
      }),
    ).toEqual(['hold']);
  });
});
