/** The product with a floor of agents at their SIP phones, all ready, in one queue. */
import { newId } from '../../src/lib/ids.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/socket.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Product } from '../../test/e2e/product.ts';
import { SipPhone } from '../../test/harness/sip-phone.ts';

const PASSWORD = 'crosspoint';
const NUMBER = '777';
/** Asterisk asks every 10 s or so whether a phone is there: one that was not is back within that. */
const MOST_REFUSALS = 300;

interface Seat {
  username: string;
  userId: string;
  deviceId: string;
}

export class ProductFloor {
  readonly product: Product;
  readonly number = NUMBER;
  readonly #sockets: WebSocket[] = [];

  private constructor(product: Product) {
    this.product = product;
  }

  /**
   * @param phonesPort where all agents' phones will be. Each registers from there, so nothing may listen there yet;
   * `startPhones` is called when all have.
   */
  static async start(
    agents: number,
    phonesPort: number,
    startPhones: () => Promise<unknown>,
  ): Promise<ProductFloor> {
    const floor = new ProductFloor(await Product.start());
    const seats: Seat[] = [];
    for (let n = 1; n <= agents; n++) seats.push(await floor.#seat(`load${n}`, phonesPort));
    await startPhones();
    for (const seat of seats) await floor.#sit(seat);
    const memberIds = seats.map(({ userId }) => userId);
    const queue = { label: 'Load', ringMs: 60_000, wrapMs: 0, memberIds };
    const { id: queueId } = await floor.product.post<{ id: string }>('/api/queues', queue, 'admin');
    await floor.product.post('/api/numbers', { dnis: NUMBER, label: 'Load', queueId }, 'admin');
    return floor;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await this.product.stop();
  }

  /** Process ids of our own program, of its Asterisk and of its PostgreSQL, whose children serve its connections. */
  pids(): { server: number; asterisk: number; postgres: number } {
    const all = [this.product.pid, ...familyOf(this.product.folder)];
    const asterisk = all.find((pid) => commandOf(pid).includes('/usr/sbin/asterisk'));
    const postgres = all.find((pid) => commandOf(pid).includes('/postgres/data'));
    if (!asterisk || !postgres) throw new Error('the product has no Asterisk, or no PostgreSQL');
    return { server: this.product.pid, asterisk, postgres };
  }

  /** One agent and his phone, registered. */
  async #seat(username: string, phonesPort: number): Promise<Seat> {
    const { product } = this;
    const person = { username, name: username, roles: ['agent'], locale: 'en-GB', zone: 'Europe/London' };
    const user = await product.post<{ id: string }>(
      '/api/users',
      { ...person, country: 'GB', password: PASSWORD },
      'admin',
    );
    const made = await product.post<{ device: { id: string; username: string }; password: string }>(
      '/api/devices',
      { label: 'Desk' },
      username,
    );
    const phone = await SipPhone.open({
      server: { host: '127.0.0.1', port: product.sipPort },
      user: made.device.username,
      password: made.password,
      port: phonesPort,
    });
    const status = await phone.register(3_600);
    phone.close();
    if (status !== 200) throw new Error(`the phone of ${username} did not register: ${status}`);
    return { username, userId: user.id, deviceId: made.device.id };
  }

  /** The softphone of an agent who only answers his telephone: it says hello, takes the device, is ready, and pongs. */
  async #sit({ username, deviceId }: Seat): Promise<void> {
    const { product } = this;
    const response = await fetch(`${product.url}/api/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    const { token } = (await response.json()) as { token: string };
    const socket = new WebSocket(`${product.url.replace('http', 'ws')}/api/socket`, {
      headers: { authorization: `Bearer ${token}` },
    });
    this.#sockets.push(socket);
    const say = (message: object) => socket.send(JSON.stringify(message));
    const command = (wish: object) => {
      const commandId = newId('command');
      say({ type: 'command', command: { ...wish, commandId } });
      return commandId;
    };
    await new Promise<void>((resolve, reject) => {
      let asked: string | undefined;
      let refusals = 0;
      socket.once('error', reject);
      socket.once('open', () =>
        say({
          type: 'hello',
          protocol: PROTOCOL_VERSION,
          tabId: newId('tab'),
          canAudio: false,
          canPop: false,
          legs: [],
        }),
      );
      socket.on('message', (data) => {
        const text = String(data);
        // What concerns others is not even parsed: this is the load, not the product.
        if (text.startsWith('{"type":"ping"')) return say({ type: 'pong' });
        if (text.startsWith('{"type":"snapshot"') && asked === undefined)
          asked = command({ verb: 'device', deviceId });
        if (!text.startsWith('{"type":"result"')) return;
        const result = JSON.parse(text) as { commandId: string; ok: boolean };
        if (result.ok && result.commandId !== asked) return resolve();
        // The registration may not have come round yet: it is asked again a few times.
        if (!result.ok && ++refusals > MOST_REFUSALS)
          return reject(new Error(`${username} cannot get ready: ${text}`));
        setTimeout(() => command({ verb: 'agent.state', state: 'ready' }), result.ok ? 0 : 100);
      });
    });
  }
}

/** Processes whose command line names this folder. */
function familyOf(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && commandOf(pid).includes(folder));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(join('/proc', String(pid), 'cmdline'), 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
