/** The mirror of a real PBX as the conformance suites see it: Ann is 201, Bob 202, the customer comes through the trunk. */
import { pino } from 'pino';
import { realClock } from '../../src/lib/clock.ts';
import { AmiPbx } from '../../src/server/telephony/ami/ami-pbx.ts';
import { AmiSettings } from '../../src/server/telephony/ami/ami-settings.ts';
import { pbxUsers } from '../../src/server/telephony/mirror/pbx-users.ts';
import { Conversations } from '../../src/server/telephony/conversations.ts';
import type { AgentDevice } from '../../src/server/telephony/ports.ts';
import { CuttableProxy } from '../harness/cuttable-proxy.ts';
import { MemoryJournal } from '../harness/memory-journal.ts';
import { PbxRig } from '../harness/pbx-rig.ts';
import type { SipCall } from '../harness/sip-call.ts';
import type { SipPhone } from '../harness/sip-phone.ts';
import type { FarEnd } from './call-control.ts';

export const PBX_ID = 'pbx';
export const CALLER = '+442079460958';
export const OUTSIDE = '+447700900123';

/** Who has which phone. */
export const PBX_USERS = [
  { userId: 'ann', deviceId: 'dev_ann', name: 'Ann', extension: '201', device: 'PJSIP/201' },
  { userId: 'bob', deviceId: 'dev_bob', name: 'Bob', extension: '202', device: 'PJSIP/202' },
  { userId: 'cy', deviceId: 'dev_cy', name: 'Cy', extension: '203', device: 'PJSIP/203' },
];

export class AmiStage {
  readonly rig: PbxRig;
  readonly journal: MemoryJournal;
  readonly conversations: Conversations;
  readonly pbx: AmiPbx;
  readonly phones: Record<string, SipPhone>;
  readonly carrier: SipPhone;
  readonly errors: unknown[];

  private constructor(
    rig: PbxRig,
    readonly proxy: CuttableProxy,
    phones: Record<string, SipPhone>,
    carrier: SipPhone,
  ) {
    this.rig = rig;
    this.phones = phones;
    this.carrier = carrier;
    this.errors = [];
    this.journal = new MemoryJournal(realClock, () => 0);
    this.conversations = new Conversations({
      journal: this.journal,
      clock: realClock,
      onListenerError: (error) => this.errors.push(error),
    });
    this.pbx = this.connect(this.conversations);
  }

  static async open(): Promise<AmiStage> {
    const rig = await PbxRig.start();
    const phones = {
      '201': await rig.phone('201'),
      '202': await rig.phone('202'),
      '203': await rig.phone('203'),
    };
    const stage = new AmiStage(
      rig,
      await CuttableProxy.open(() => rig.ami.port),
      phones,
      await rig.carrier(),
    );
    await stage.up();
    return stage;
  }

  /** One more mirror of the same PBX, as another process would be; not started. */
  connect(conversations: Conversations): AmiPbx {
    const log = pino({ level: process.env.DEBUG_AMI ? 'debug' : 'silent' });
    const settings = AmiSettings.parse({
      ...this.rig.ami,
      port: this.proxy.port,
      loginQueues: 'sales',
      queueExtensions: 'sales=6000',
    });
    return new AmiPbx({
      id: PBX_ID,
      settings,
      conversations,
      users: pbxUsers(
        () => PBX_USERS,
        (extension) => `PJSIP/${extension}`,
      ),
      clock: realClock,
      log,
      country: 'GB',
    });
  }

  async up(): Promise<void> {
    this.pbx.start();
    await this.until('AMI to be up', () => this.pbx.link === 'up');
  }

  device(userId: string): AgentDevice {
    const user = PBX_USERS.find((one) => one.userId === userId);
    const extension = user?.extension ?? '';
    return {
      deviceId: user?.deviceId ?? '',
      platformId: PBX_ID,
      endpoint: { kind: 'device', name: user?.device ?? '' },
      address: { kind: 'extension', raw: extension, value: extension },
      control: 'platform',
    };
  }

  /** A customer calls a number of the PBX. */
  async customer(number: string, from = CALLER): Promise<SipCall> {
    return this.carrier.call(number, { number: from, name: 'Eve' });
  }

  async ringing(phone: SipPhone): Promise<SipCall> {
    const call = await phone.nextCall(15_000);
    call.ring();
    return call;
  }

  async until(what: string, check: () => boolean): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (!check()) {
      if (Date.now() > deadline)
        throw new Error(
          `waited for ${what}; ${JSON.stringify(this.journal.entries.slice(-25).map(({ type, body }) => [type, body]))}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Every channel is hung up; the mirror knows of no live call. */
  async reset(): Promise<void> {
    for (const name of await this.rig.channels()) await this.rig.action('Hangup', { Channel: name });
    await this.until('the PBX to be quiet', () =>
      this.conversations
        .all()
        .every((one) => [...one.calls.values()].every((call) => call.endedAt !== undefined)),
    );
    await this.until('the state to be empty', () => this.pbx.state.channels.size === 0);
    for (const phone of [...Object.values(this.phones), this.carrier]) phone.forget();
  }

  /** Our connection is cut; `meanwhile` happens before it may come back. */
  async cut(meanwhile: () => Promise<void>): Promise<void> {
    this.proxy.cut();
    await this.until('AMI to be down', () => this.pbx.link === 'down');
    await meanwhile();
    this.proxy.restore();
    await this.until('AMI to be up', () => this.pbx.link === 'up');
  }

  async close(): Promise<void> {
    await this.pbx.close();
    await this.proxy.close();
    await this.rig.stop();
  }
}

export function farEnd(call: SipCall): FarEnd {
  return {
    answer: () => call.answer(440),
    hangup: () => call.hangup(),
    state: () => (call.state === 'over' ? 'over' : call.state === 'up' ? 'up' : 'ringing'),
  };
}
