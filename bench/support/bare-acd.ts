/**
 * What Crosspoint's routing of a call is measured against, on one Asterisk of its own: the barest ARI program that answers,
 * rings a free agent and bridges the two (`100`), and app_queue doing the same inside Asterisk (`200`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { asteriskFiles } from '../../src/server/bundled/asterisk-config.ts';
import { asteriskFolder, fetchedAsterisk } from '../../src/server/bundled/asterisk-fetch.ts';
import { programInFolder } from '../../src/server/bundled/asterisk-program.ts';
import { cacheFolder } from '../../src/server/bundled/cache-folder.ts';
import { freePort } from '../../test/e2e/product.ts';

const PASSWORD = 'bench';
const BOOT_MS = 20_000;

export class BareAcd {
  readonly sipPort: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ari: WebSocket;

  private constructor(sipPort: number, folder: string, child: ChildProcess, ari: WebSocket) {
    this.sipPort = sipPort;
    this.#folder = folder;
    this.#child = child;
    this.#ari = ari;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @param agents how many; all their phones are at `phonesPort`. */
  static async start(agents: number, phonesPort: number): Promise<BareAcd> {
    const fetched = await fetchedAsterisk(asteriskFolder(cacheFolder()));
    if (!fetched) throw new Error('Asterisk was not fetched: run `npm run fetch` first');
    const program = programInFolder(fetched.dir);
    const folder = mkdtempSync(join(tmpdir(), 'bench-ast-'));
    const [sipPort, ariPort] = [await freePort(), await freePort()];
    write(folder, agents, phonesPort, {
      ...asteriskFiles({
        runDir: folder,
        socketDir: join(folder, 'run'),
        moduleDir: program.moduleDir ?? '',
        dataDir: program.dataDir ?? '',
        entityId: '02:00:00:00:00:03',
        ariPort,
        ariPassword: PASSWORD,
        sipHost: '127.0.0.1',
        sipPort,
        rtpStart: 20_000,
        rtpEnd: 25_998,
      }),
    });
    const child = spawn(program.command, [...program.prefix, '-f', '-C', join(folder, 'etc/asterisk.conf')], {
      stdio: 'ignore',
    });
    return new BareAcd(sipPort, folder, child, await connect(ariPort, agents));
  }

  async stop(): Promise<void> {
    this.#ari.terminate();
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function write(folder: string, agents: number, phonesPort: number, files: Record<string, string>): void {
  const numbers = Array.from({ length: agents }, (_, n) => n + 1);
  const phone = (n: number) => `[agent${n}]
type = endpoint
context = public
disallow = all
allow = ulaw
aors = agent${n}
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
[agent${n}]
type = aor
contact = sip:agent${n}@127.0.0.1:${phonesPort}
`;
  files['pjsip.conf'] += numbers.map(phone).join('');
  files['modules.conf'] += 'load = app_queue.so\n';
  files['queues.conf'] = `[general]
[bench]
strategy = fewestcalls
timeout = 60
retry = 1
ringinuse = no
wrapuptime = 0
${numbers.map((n) => `member => PJSIP/agent${n}\n`).join('')}`;
  files['extensions.conf'] = `[public]
exten => 100,1,Stasis(bench)
exten => 200,1,Queue(bench)
`;
  for (const name of ['etc', 'lib/keys', 'log', 'run', 'spool/tmp', 'spool/recording'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'etc', name), text);
}

async function connect(ariPort: number, agents: number): Promise<WebSocket> {
  const until = performance.now() + BOOT_MS;
  for (;;) {
    const ari = new WebSocket(`ws://127.0.0.1:${ariPort}/ari/events?app=bench`, {
      auth: `crosspoint:${PASSWORD}`,
    });
    const open = await new Promise<boolean>((resolve) =>
      ari.once('open', () => resolve(true)).once('error', () => resolve(false)),
    );
    if (open) {
      serve(ari, agents);
      return ari;
    }
    if (performance.now() > until) throw new Error('the Asterisk of the bench did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface AriEvent {
  type: string;
  channel?: { id: string };
  args?: string[];
}

/** Answers, takes the agent who has been free for longest, rings him, bridges on his answer, ends both when one goes. */
function serve(ari: WebSocket, agents: number): void {
  const free = Array.from({ length: agents }, (_, n) => `agent${n + 1}`);
  const waiting: string[] = [];
  /** By either leg. */
  const talks = new Map<string, { caller: string; leg: string; agent: string }>();
  let requests = 0;
  const send = (method: string, uri: string, body: object = {}) =>
    ari.send(
      JSON.stringify({
        type: 'RESTRequest',
        request_id: String(++requests),
        transaction_id: String(requests),
        method,
        uri,
        content_type: 'application/json',
        message_body: JSON.stringify(body),
      }),
    );
  const ring = () => {
    while (free.length > 0 && waiting.length > 0) {
      const [agent, caller] = [free.shift() ?? '', waiting.shift() ?? ''];
      const leg = `leg-${caller}`;
      const talk = { caller, leg, agent };
      talks.set(caller, talk).set(leg, talk);
      const number = numbers.get(caller) ?? '';
      send('POST', 'channels', {
        endpoint: `PJSIP/${agent}`,
        app: 'bench',
        appArgs: 'agent',
        channelId: leg,
        callerId: number,
      });
    }
  };
  const numbers = new Map<string, string>();
  const started = (event: AriEvent & { channel: { id: string; caller: { number: string } } }) => {
    const { id, caller } = event.channel;
    const talk = talks.get(id);
    if (!talk) {
      numbers.set(id, caller.number);
      send('POST', `channels/${id}/answer`);
      waiting.push(id);
      return ring();
    }
    send('POST', `bridges/b-${talk.caller}`, { type: 'mixing' });
    send('POST', `bridges/b-${talk.caller}/addChannel`, { channel: [talk.caller, talk.leg] });
  };
  const ended = (id: string) => {
    const talk = talks.get(id);
    if (!talk) return;
    talks.delete(talk.caller);
    talks.delete(talk.leg);
    numbers.delete(talk.caller);
    send('DELETE', `channels/${id === talk.caller ? talk.leg : talk.caller}`);
    send('DELETE', `bridges/b-${talk.caller}`);
    free.push(talk.agent);
    ring();
  };
  ari.on('message', (data) => {
    const event = JSON.parse(String(data)) as AriEvent;
    if (!event.channel) return;
    if (event.type === 'StasisStart') started(event as Parameters<typeof started>[0]);
    if (event.type === 'StasisEnd') ended(event.channel.id);
  });
  const types = ['StasisStart', 'StasisEnd', 'RESTResponse'].map((type) => ({ type }));
  send('PUT', 'applications/bench/eventFilter', { allowed: types });
}
