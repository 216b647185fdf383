/** The product opened to the office: reached by an address of this machine that is not 127.0.0.1, by https. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { must } from '../../src/lib/must.ts';
import { ownAddress } from '../../src/server/bundled/hosts.ts';
import { SipPhone } from '../harness/sip-phone.ts';
import { AgentDesk, newContext } from './browser.ts';
import { Product } from './product.ts';

export interface Created {
  device: { id: string; label: string; username: string; domain: string; port: number };
  password: string;
}

export class OfficeSite {
  readonly product: Product;
  readonly address = must(ownAddress(), 'this machine has no address besides 127.0.0.1');
  /** Of the demo users, as the first start printed them. */
  readonly passwords: Map<string, string>;
  readonly #phones: SipPhone[] = [];
  readonly #tokens = new Map<string, string>();

  private constructor(product: Product) {
    this.product = product;
    this.passwords = printedPasswords(product.output);
  }

  static async open(env: Record<string, string> = {}): Promise<OfficeSite> {
    return new OfficeSite(await Product.start({ env: { CROSSPOINT_OFFICE: 'on', ...env } }));
  }

  get url(): string {
    return `https://${this.address}:${this.product.port}`;
  }

  /** The generated certificate. */
  get certificate(): string {
    return readFileSync(join(this.product.folder, 'data', 'tls', 'cert.pem'), 'utf8');
  }

  password(username: string): string {
    return must(this.passwords.get(username), `no password of ${username} was printed`);
  }

  /** A context whose user has told the browser to trust the certificate. */
  context(browser: Browser): Promise<BrowserContext> {
    return newContext(browser, { ignoreHTTPSErrors: true });
  }

  /** The agent's desk, free of what an attempt that failed may have left on it. */
  async desk(context: BrowserContext, username: string): Promise<AgentDesk> {
    const desk = await AgentDesk.open(context, this.url, username, this.password(username));
    await desk.leave();
    return desk;
  }

  /** Makes a SIP account of this user by REST. */
  async device(username: string, label: string): Promise<Created> {
    return (await this.post('/api/devices', { label }, await this.#token(username))) as Created;
  }

  /** A SIP phone with this account, on the office's address unless told otherwise. */
  async phone(user: string, password: string, host = this.address): Promise<SipPhone> {
    const server = { host: this.address, port: this.product.sipPort };
    const phone = await SipPhone.open({ server, user, password, host });
    this.#phones.push(phone);
    return phone;
  }

  /** By https, trusting the certificate for this address only; rejects when it does not fit. */
  post(path: string, body: object, token?: string): Promise<unknown> {
    const headers = {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        host: this.address,
        port: this.product.port,
        path,
        headers,
        ca: this.certificate,
      };
      const sent = request(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          (response.statusCode ?? 500) < 300
            ? resolve(JSON.parse(text))
            : reject(new Error(`${path}: ${response.statusCode} ${text}`)),
        );
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(body));
    });
  }

  closePhones(): void {
    for (const phone of this.#phones.splice(0)) phone.close();
  }

  async close(): Promise<void> {
    this.closePhones();
    await this.product.stop();
  }

  async #token(username: string): Promise<string> {
    const known = this.#tokens.get(username);
    if (known) return known;
    const { token } = (await this.post('/api/tokens', { username, password: this.password(username) })) as {
      token: string;
    };
    this.#tokens.set(username, token);
    return token;
  }
}

/** Lines such as `    agent       kx7…  (Alice Moreau)`. */
export function printedPasswords(output: string): Map<string, string> {
  return new Map(
    [...output.matchAll(/^ {4}(\w+) +(\S+) {2}\(.+\)$/gm)].map(([, user = '', password = '']) => [
      user,
      password,
    ]),
  );
}
