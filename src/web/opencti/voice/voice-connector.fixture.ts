/**
 * A connector as vendors write them on `@salesforce/scv-connector-base`: a telephone system of one agent, in memory, that does what
 * it is told and can be told to fail. It runs in a browser's page (bundled) and in Node (with a window that is played). Version 3
 * of the library asks one object for everything, version 4 asks it for a second one: this is both.
 */

/** The library, as far as it is used: its classes check what they are made of. */
export interface ScvLibrary {
  initializeConnector(connector: object): void;
  publishEvent(event: { eventType: string; payload: unknown }): Promise<void>;
  publishError(error: { eventType: string; error: unknown }): void;
  Constants: Record<string, Record<string, string>>;
  [className: string]: unknown;
}

type Made = new (fields: object) => Record<string, unknown>;

export interface ConnectorOptions {
  /** What init answers: `{showLogin: true, loginFrameHeight: 300}`, `{showStorageAccess: true}`. */
  init?: object;
  capabilities?: object;
}

export interface TestCall {
  callId: string;
  callType: string;
  state: string;
  phoneNumber: string;
  [more: string]: unknown;
}

export class TestConnector {
  /** Calls by id; outlive a reload, as those of a telephone system do. */
  readonly calls = new Map<string, TestCall>();
  /** Every call of a method, with what it was given. */
  readonly asked: [string, unknown[]][] = [];
  /** The next call of this method fails with this type of error. */
  failing: { method: string; type: string } | undefined;
  status = 'Online';
  readonly #lib: ScvLibrary;
  readonly #o: ConnectorOptions;

  constructor(lib: ScvLibrary, options: ConnectorOptions = {}) {
    this.#lib = lib;
    this.#o = options;
  }

  /** Registers with the library, with every method that either version asks for. */
  start(): void {
    const methods = Object.fromEntries(
      Object.entries(this.#methods()).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          this.asked.push([name, args]);
          if (this.failing?.method === name) {
            const { type } = this.failing;
            this.failing = undefined;
            throw Object.assign(new Error(type), { type });
          }
          return method(...args);
        },
      ]),
    );
    const Base = this.#lib.VendorConnector as new () => object;
    const connector = Object.assign(new Base(), methods, { getTelephonyConnector: () => connector });
    this.#lib.initializeConnector(connector);
  }

  /** The calls that went on before the page was loaded. */
  restore(calls: Iterable<Pick<TestCall, 'callId' | 'callType' | 'state' | 'phoneNumber'>>): void {
    for (const { callId, phoneNumber, callType, state } of calls)
      this.#call(callId, phoneNumber, callType, state);
  }

  /** A customer rings. */
  async ring(callId: string, phoneNumber: string): Promise<void> {
    await this.publish('CALL_STARTED', 'CallResult', {
      call: this.#call(callId, phoneNumber, 'Inbound', 'ringing'),
    });
  }

  /** The far end hangs up. */
  async hangUp(callId: string): Promise<void> {
    const call = this.#must(callId);
    this.calls.delete(callId);
    await this.publish('HANGUP', 'HangupResult', { calls: [call] });
  }

  /** @param className of the library's, or undefined for a plain object. */
  async publish(eventType: string, className: string | undefined, fields: object): Promise<void> {
    await this.#lib.publishEvent({ eventType, payload: className ? this.make(className, fields) : fields });
  }

  error(eventType: string, type: string): void {
    this.#lib.publishError({ eventType, error: { type } });
  }

  make(className: string, fields: object): Record<string, unknown> {
    return new (this.#lib[className] as Made)(fields);
  }

  #call(callId: string, phoneNumber: string, callType: string, state: string): TestCall {
    const made = this.make('PhoneCall', {
      callId,
      callType,
      state,
      phoneNumber,
      contact: this.make('Contact', { id: callId, phoneNumber, name: 'Customer' }),
      callAttributes: this.make('PhoneCallAttributes', { participantType: 'Initial_Caller' }),
      callInfo: this.make('CallInfo', { isOnHold: false, isMuted: false, isRecordingPaused: false }),
    }) as unknown as TestCall;
    this.calls.set(callId, made);
    return made;
  }

  /** A colleague's call. */
  #supervised(given: unknown): Record<string, unknown> {
    const callAttributes = this.make('PhoneCallAttributes', { participantType: 'Supervisor' });
    return this.make('PhoneCall', {
      callId: (given as TestCall).callId,
      callType: 'Inbound',
      callAttributes,
    });
  }

  #must(callId: string): TestCall {
    const call = this.calls.get(callId);
    if (!call) throw new Error(`there is no call ${callId}`);
    return call;
  }

  #toggleHold(given: unknown, isOnHold: boolean): object {
    const call = this.#must((given as TestCall).callId);
    const third = call.callType === 'AddParticipant';
    return this.make('HoldToggleResult', {
      isThirdPartyOnHold: third && isOnHold,
      isCustomerOnHold: !third && isOnHold,
    });
  }

  #end(given: unknown): object {
    const call = this.#must((given as TestCall).callId);
    this.calls.delete(call.callId);
    if (call.callType !== 'AddParticipant') this.calls.clear();
    return this.make('HangupResult', { calls: [call] });
  }

  #methods(): Record<string, (...args: unknown[]) => unknown> {
    const { make, calls } = { make: this.make.bind(this), calls: this.calls };
    const contacts = [
      make('Contact', {
        id: 'k1',
        type: 'Agent',
        name: 'Grace Hopper',
        phoneNumber: '4711',
        availability: 'AVAILABLE',
      }),
    ];
    return {
      init: () => make('InitResult', this.#o.init ?? {}),
      getActiveCalls: () => make('ActiveCallsResult', { activeCalls: [...calls.values()] }),
      getAgentConfig: () => {
        const phone = make('Phone', { type: 'SOFT_PHONE' });
        return make('AgentConfigResult', {
          phones: [phone, make('Phone', { type: 'DESK_PHONE', number: '1' })],
          selectedPhone: phone,
        });
      },
      getCapabilities: () => make('CapabilitiesResult', this.#capabilities()),
      getSharedCapabilities: () => make('SharedCapabilitiesResult', { hasContactSearch: true }),
      getVoiceCapabilities: () => make('VoiceCapabilitiesResult', this.#capabilities()),
      acceptCall: (given) => {
        const call = this.#must((given as TestCall).callId);
        call.state = 'connected';
        return make('CallResult', { call });
      },
      declineCall: (given) => {
        const call = this.#must((given as TestCall).callId);
        calls.delete(call.callId);
        return make('CallResult', { call });
      },
      endCall: (given) => this.#end(given),
      mute: () => make('MuteToggleResult', { isMuted: true }),
      unmute: () => make('MuteToggleResult', { isMuted: false }),
      hold: (given) => this.#toggleHold(given, true),
      resume: (given) => this.#toggleHold(given, false),
      setAgentStatus: (status) => {
        this.status = String(status);
        return make('GenericResult', { success: true });
      },
      getAgentStatus: () =>
        make('AgentVendorStatusInfo', { statusId: 's', statusType: this.status, statusName: this.status }),
      dial: (contact) => {
        const { phoneNumber } = contact as { phoneNumber: string };
        return make('CallResult', {
          call: this.#call(`out-${phoneNumber}`, phoneNumber, 'Outbound', 'ringing'),
        });
      },
      sendDigits: () => undefined,
      getPhoneContacts: () => make('PhoneContactsResult', { contacts, contactTypes: ['Agent'] }),
      getContacts: () => make('PhoneContactsResult', { contacts, contactTypes: ['Agent'] }),
      swap: () => make('HoldToggleResult', { isThirdPartyOnHold: true, isCustomerOnHold: false }),
      conference: () => make('HoldToggleResult', { isThirdPartyOnHold: false, isCustomerOnHold: false }),
      addParticipant: (contact) => {
        const { phoneNumber } = contact as { phoneNumber: string };
        const call = this.#call('p1', phoneNumber, 'AddParticipant', 'transferring');
        const { callInfo, callId } = call;
        return make('ParticipantResult', {
          initialCallHasEnded: false,
          callInfo: callInfo as object,
          phoneNumber,
          callId,
        });
      },
      pauseRecording: () => make('RecordingToggleResult', { isRecordingPaused: true }),
      resumeRecording: () => make('RecordingToggleResult', { isRecordingPaused: false }),
      setAgentConfig: () => make('GenericResult', { success: true }),
      logout: () => make('LogoutResult', { success: true, loginFrameHeight: 300 }),
      handleMessage: () => undefined,
      wrapUpCall: () => undefined,
      getSignedRecordingUrl: () =>
        make('SignedRecordingUrlResult', {
          success: true,
          url: 'https://vendor.example/r',
          duration: 5,
          callId: 'c1',
        }),
      downloadLogs: () => undefined,
      logMessageToVendor: () => undefined,
      onAgentWorkEvent: () => undefined,
      getAudioDevices: () => make('AudioDevicesResult', { audioDevices: [] }),
      superviseCall: (given) => make('SuperviseCallResult', { call: this.#supervised(given) }),
      supervisorBargeIn: (given) => make('SuperviseCallResult', { call: this.#supervised(given) }),
      supervisorDisconnect: (given) => make('SupervisorHangupResult', { calls: this.#supervised(given) }),
    };
  }

  #capabilities(): object {
    const all = {
      hasMute: true,
      hasRecord: true,
      hasMerge: true,
      hasSwap: true,
      hasBlindTransfer: true,
      hasContactSearch: true,
    };
    return { ...all, ...this.#o.capabilities };
  }
}
