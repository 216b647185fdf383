/** The whole product as a user has it: `npm start` in a process of its own, on a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 60_000;

export interface ProductOptions {
  env?: Record<string, string>;
}

export class Product {
  readonly folder = mkdtempSync(join(tmpdir(), 'crosspoint e2e ')); // with a space: so are users' folders
  readonly port: number;
  readonly sipPort: number;
  #env: Record<string, string>;
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, sipPort: number, env: Record<string, string>) {
    this.port = port;
    this.sipPort = sipPort;
    this.#env = env;
    chmodSync(this.folder, 0o755); // the private parts run as a user of their own
  }

  static async start(options: ProductOptions = {}): Promise<Product> {
    const product = new Product(await freePort(), await freePort(), options.env ?? {});
    await product.start();
    return product;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it printed since the last start. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    this.#output = '';
    const child = this.#spawn([]);
    this.#process = child;
    await this.#untilReady(child);
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...(process.env.CROSSPOINT_CACHE ? { CROSSPOINT_CACHE: process.env.CROSSPOINT_CACHE } : {}),
      CROSSPOINT_DATA: join(this.folder, 'data'),
      CROSSPOINT_PORT: String(this.port),
      CROSSPOINT_SIP_PORT: String(this.sipPort),
      CROSSPOINT_DRAIN_SECONDS: '1',
      ...this.#env,
    };
  }

  #spawn(words: string[], env: Record<string, string> = {}): ChildProcess {
    return spawn(process.execPath, ['scripts/start.mjs', ...words], {
      cwd: ROOT,
      env: { ...this.#environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Ends as a user ends it, and starts on the same folder with these settings. Rejects with what it printed. */
  async restart(env: Record<string, string>): Promise<void> {
    await this.#end('SIGTERM');
    this.#env = env;
    await this.start();
  }

  /** Ends as a user ends it; the folder stays. */
  end(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Runs a command such as `fetch` to its end and resolves with what it printed. */
  async command(...words: string[]): Promise<string> {
    return (await outcomeOf(this.#spawn(words))).output;
  }

  /** Starts a second process with these settings changed; resolves with its exit code and what it printed. */
  async tryToStart(env: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
    return outcomeOf(this.#spawn([], env));
  }

  /** SIGTERM, without waiting; `exited` resolves with the exit code. */
  terminate(): { exited: Promise<number | null> } {
    const child = this.#process;
    if (!child) throw new Error('it is not running');
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    child.kill('SIGTERM');
    return { exited };
  }

  /** SIGKILL: nothing of ours gets to say goodbye. PostgreSQL and Asterisk stay. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A REST call with a bearer token. */
  async api<T>(path: string, user = 'agent'): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      headers: { authorization: `Bearer ${await this.#token(user)}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  post<T>(path: string, body: unknown, user = 'agent'): Promise<T> {
    return this.send('POST', path, body, user);
  }

  async send<T>(method: 'POST' | 'PUT', path: string, body: unknown, user = 'agent'): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token(user)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async patch(path: string, body: unknown, user = 'agent'): Promise<void> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${await this.#token(user)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  readonly #tokens = new Map<string, string>();

  async #token(username: string): Promise<string> {
    const known = this.#tokens.get(username);
    if (known) return known;
    const response = await fetch(`${this.url}/api/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: 'crosspoint' }),
    });
    const { token } = (await response.json()) as { token: string };
    this.#tokens.set(username, token);
    return token;
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  #untilReady(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not ready after ${READY_MS} ms:\n${this.#output}`)),
        READY_MS,
      );
      const hear = (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (!this.#output.includes('Ctrl-C ends it')) return; // the last line of what it says
        clearTimeout(timer);
        resolve();
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        // A crash between two tests would only show as refused connections in the next one.
        if (code) console.error(`the product ended with ${code ?? signal}:\n${this.#output.slice(-4_000)}`);
        reject(new Error(`ended with ${code}:\n${this.#output}`));
      });
    });
  }
}

async function outcomeOf(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** A port that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}
