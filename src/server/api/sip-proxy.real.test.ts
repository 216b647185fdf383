/** The SIP WebSocket through our server to a real Asterisk: a browser phone registers, and guessing is noticed. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AsteriskRig } from '../../../test/harness/asterisk-rig.ts';
import {
  digestAnswer,
  formatSip,
  headerOf,
  parseSip,
  type SipMessage,
  statusOf,
} from '../../../test/harness/sip-message.ts';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { WebCallTicket } from '../../protocol/api.ts';

let rig: AsteriskRig;
let test: TestApi;
let base: string;

beforeAll(async () => {
  rig = await AsteriskRig.start();
  const { asterisk } = rig.connect();
  await asterisk.switch.start();
  test = await TestApi.create();
  test.provisioning.put = (device) => asterisk.provisioning.put(device);
  test.sipUrl = rig.asterisk.address.wsUrl;
  await test.api.listen({ host: '127.0.0.1', port: 0 });
  base = `127.0.0.1:${(test.api.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await test?.close();
  await rig?.stop();
});

const openTicket = async () => {
  const asked = await test.api.inject({ method: 'POST', url: '/api/web-calls', payload: { entry: '100' } });
  const { sip } = asked.json<WebCallTicket>();
  if (!sip) throw new Error(asked.body);
  return sip;
};

/** The least of a browser phone: one socket, one request at a time. */
class WirePhone {
  #cseq = 0;

  private constructor(
    readonly socket: WebSocket,
    readonly user: string,
  ) {}

  static async open(path: string, user: string): Promise<WirePhone> {
    const socket = new WebSocket(`ws://${base}${path}`, 'sip', { headers: { origin: `http://${base}` } });
    await once(socket, 'open');
    return new WirePhone(socket, user);
  }

  async register(authorization?: string): Promise<SipMessage> {
    this.#cseq++;
    const { user } = this;
    const headers: [string, string][] = [
      ['Via', `SIP/2.0/WS x.invalid;branch=z9hG4bK${user}${this.#cseq}`],
      ['From', `<sip:${user}@crosspoint>;tag=1`],
      ['To', `<sip:${user}@crosspoint>`],
      ['Call-ID', `${user}@x.invalid`],
      ['CSeq', `${this.#cseq} REGISTER`],
      ['Max-Forwards', '70'],
      ['Contact', `<sip:${user}@x.invalid;transport=ws>`],
      ['Expires', '60'],
    ];
    if (authorization) headers.push(['Authorization', authorization]);
    const answer = once(this.socket, 'message');
    this.socket.send(formatSip({ first: 'REGISTER sip:crosspoint SIP/2.0', headers, body: '' }));
    return parseSip(String((await answer)[0]));
  }

  /** Answers the challenge that it is given. */
  async signIn(password: string, challenged?: SipMessage): Promise<SipMessage> {
    const challenge = headerOf(challenged ?? (await this.register()), 'www-authenticate');
    return this.register(digestAnswer(challenge, 'REGISTER', 'sip:crosspoint', this.user, password));
  }
}

it('registers a browser phone with its password', async () => {
  const { path } = await openTicket();
  const callerId = { number: '1001', name: 'Alice' };
  await test.provisioning.put({ name: 'alice-1', password: 'the-right-one', kind: 'browser', callerId });
  const phone = await WirePhone.open(path, 'alice-1');
  expect(statusOf(await phone.signIn('the-right-one'))).toBe(200);
  phone.socket.terminate();
});

it('closes after five wrong passwords and refuses the ticket for a while', async () => {
  const { path, username } = await openTicket();
  const phone = await WirePhone.open(path, username);
  const closed = once(phone.socket, 'close');
  let answer = await phone.register();
  for (let i = 0; i < 5; i++) {
    answer = await phone.signIn(`guess ${i}`, answer);
    expect(statusOf(answer)).toBe(401);
  }
  const [code, reason] = (await closed) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1008, 'too-many-attempts']);
  await expect(WirePhone.open(path, username)).rejects.toThrow('429');
});
