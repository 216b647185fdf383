/** The load of `bench floor`: agents who change their state once a second, and the supervisor who is to see it. */
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION } from '../../src/protocol/socket.ts';
import { percentile } from './figures.ts';

const { port, way, agents, warmUpS, measuredS } = JSON.parse(process.env.FLOOR_LOAD ?? '{}') as {
  port: number;
  way: 'floor' | 'relay';
  agents: number;
  warmUpS: number;
  measuredS: number;
};

/** Agents who connect at a time. */
const AT_ONCE = 200;
/** Each second's events are spread evenly over so many steps. */
const STEPS = 100;

interface Agent {
  id: string;
  socket: WebSocket;
  state: 'ready' | 'logged-out';
  /** When its newest event went out; 0 when the supervisor has seen it. */
  sentAt: number;
}

const byId = new Map<string, Agent>();
const delays: number[] = [];
let measuring = false;
let [events, missed, frames, bytes, changes] = [0, 0, 0, 0, 0];

function saw(id: string, state: string): void {
  const agent = byId.get(id);
  if (!agent || agent.sentAt === 0 || state !== agent.state) return;
  if (measuring) delays.push(performance.now() - agent.sentAt);
  agent.sentAt = 0;
}

async function open(path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`, { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

async function openAgent(index: number): Promise<void> {
  const id = `user_${index}`;
  const socket = await open(`${way === 'floor' ? 'agent' : 'relay'}/${id}`);
  const hello = { tabId: `tab-${index}-floor`, canAudio: false, canPop: false, legs: [] };
  socket.send(JSON.stringify({ type: 'hello', protocol: PROTOCOL_VERSION, ...hello }));
  socket.on('message', () => socket.send('{"type":"pong"}'));
  byId.set(id, { id, socket, state: 'logged-out', sentAt: 0 });
}

async function openSupervisor(): Promise<void> {
  const socket = await open(way === 'floor' ? 'supervisor' : 'relay-supervisor');
  socket.on('message', (data) => {
    const text = String(data);
    if (text === '{"type":"ping"}') return socket.send('{"type":"pong"}');
    if (measuring) {
      frames++;
      bytes += text.length;
    }
    const message = JSON.parse(text) as {
      id?: string;
      state?: string;
      patch?: { agents?: { id: string; state: string }[] };
    };
    if (message.id) saw(message.id, message.state ?? '');
    for (const row of message.patch?.agents ?? []) saw(row.id, row.state);
  });
}

function change(agent: Agent): void {
  if (measuring) {
    events++;
    if (agent.sentAt !== 0) missed++;
  }
  agent.state = agent.state === 'ready' ? 'logged-out' : 'ready';
  agent.sentAt = performance.now();
  const command = { commandId: `change-${++changes}`, verb: 'agent.state', state: agent.state };
  agent.socket.send(JSON.stringify({ type: 'command', command }));
}

async function run(): Promise<void> {
  for (let from = 0; from < agents; from += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, agents - from) }, (_, index) => openAgent(from + index)),
    );
  await openSupervisor();
  const all = [...byId.values()];
  const share = Math.ceil(all.length / STEPS);
  const began = performance.now();
  // By the clock and not by the timer: a step that comes late does not make the load smaller.
  for (let step = 0; step < (warmUpS + measuredS) * STEPS; step++) {
    measuring = step >= warmUpS * STEPS;
    const wait = began + step * (1_000 / STEPS) - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
    const first = (step % STEPS) * share;
    for (const agent of all.slice(first, first + share)) change(agent);
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [p50 = 0, p95 = 0, p99 = 0] = [50, 95, 99].map((p) => percentile(delays, p));
  const max = delays.reduce((most, one) => Math.max(most, one), 0);
  process.send?.({ events, missed, frames, bytes, p50, p95, p99, max });
}

await run();
