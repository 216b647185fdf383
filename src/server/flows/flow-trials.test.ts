import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { parseAddress } from '../../protocol/address.ts';
import { type FlowDocument, FlowDocument as Document } from '../../protocol/flows.ts';
import type { FlowTrial, FlowTrialAct } from '../../protocol/flow-trials.ts';
import { FlowTrials } from './flow-trials.ts';

const at = { x: 0, y: 0 };
const said = (text: string) => ({ en: { text } });
const ME = 'user_1';

const SHOP: FlowDocument = Document.parse({
  start: 'greeting',
  nodes: [
    { id: 'greeting', kind: 'say', settings: { prompt: said('Hello {ANI}.') }, exits: { next: 'menu' }, at },
    {
      id: 'menu',
      kind: 'menu',
      settings: {
        prompt: said('Press 1 for orders.'),
        choices: [
          { key: '1', exit: 'orders' },
          { key: '2', exit: 'person' },
        ],
        timeout: 5,
        tries: 2,
        again: said('Pardon?'),
      },
      exits: { orders: 'ask', person: 'ring', failed: 'bye' },
      at,
    },
    {
      id: 'ask',
      kind: 'collect',
      settings: { prompt: said('Your PIN?'), into: 'pin', min: 4, max: 4, masked: true },
      exits: { done: 'find', failed: 'bye' },
      at,
    },
    {
      id: 'find',
      kind: 'lookup',
      settings: {
        object: 'Account',
        field: 'Pin',
        value: '{data:pin}',
        keep: [{ field: 'Name', key: 'name' }],
      },
      exits: { found: 'wait', missing: 'bye', failed: 'bye' },
      at,
    },
    {
      id: 'wait',
      kind: 'queue',
      settings: {
        queueId: 'queue_orders',
        priority: 5,
        requirements: [{ skillId: 'skill_french', minimum: 3 }],
      },
      at,
    },
    {
      id: 'ring',
      kind: 'transfer',
      settings: { to: 'user', userId: 'user_ann' },
      exits: { unanswered: 'bye' },
      at,
    },
    { id: 'bye', kind: 'hangup', settings: { prompt: said('Goodbye.') }, at },
  ],
});

let clock: VirtualClock;
let trials: FlowTrials;
let document: FlowDocument;
let trial: FlowTrial;

beforeEach(() => {
  clock = new VirtualClock();
  document = SHOP;
  trials = new FlowTrials({
    clock,
    flow: () => ({ rev: 7, document }),
    nameOf: (kind, id) =>
      ({ queue: 'Orders', user: 'Ann', skill: 'French', recording: id === 'rec_1' ? 'Chime' : undefined })[
        kind
      ],
    services: {
      hoursAt: () => undefined,
      findRecord: (object, _field, value) =>
        Promise.resolve(
          value === '1234' ? { ref: { object, id: 'a1', name: 'Ada' }, fields: { Name: 'Ada' } } : undefined,
        ),
      request: () => Promise.reject(new Error('unreachable')),
      secret: () => Promise.resolve(undefined),
      knowsQueue: () => true,
      readNumber: (text) => parseAddress(text, 'GB'),
    },
  });
});

async function call(): Promise<void> {
  trial = await trials.begin(ME, 'flow_1', { ani: '020 7946 0958', dnis: '', data: {} });
}

async function act(...acts: FlowTrialAct[]): Promise<void> {
  for (const one of acts) trial = await trials.act(ME, trial.id, one);
}

const keys = (pressed: string): FlowTrialAct => ({ act: 'keys', keys: pressed });
const told = () =>
  trial.entries.map(({ kind, text, exit, nodeId }) =>
    kind === 'exit' ? `${nodeId} → ${exit}` : `${kind}: ${text}`,
  );

describe('a flow that is tried out', () => {
  it('says in words what a caller hears, and waits where he is asked', async () => {
    await call();
    expect(told()).toEqual(['said: Hello +442079460958.', 'greeting → next', 'said: Press 1 for orders.']);
    expect(trial).toMatchObject({
      nodeId: 'menu',
      waitsFor: 'keys',
      nextMs: 5_000,
      over: false,
      draftRev: 7,
    });
  });

  it('goes on by keys, shows what is known and masks a secret, and ends in a queue', async () => {
    await call();
    await act(keys('1'), keys('1234'));
    expect(told().slice(3)).toEqual([
      'keyed: 1',
      'menu → orders',
      'said: Your PIN?',
      'keyed: 1234',
      'event: pin is kept, masked.',
      'ask → done',
      'event: The Account Ada pops.',
      'event: name = Ada',
      'find → found',
      'event: The caller waits in the queue Orders, priority 5, for an agent with French at least 3.',
    ]);
    expect(trial).toMatchObject({ over: true, nodeId: null, nextMs: null });
    expect(trial.data).toEqual([
      { key: 'pin', value: '', masked: true },
      { key: 'name', value: 'Ada', masked: false },
    ]);
  });

  it('lets time pass only when it is told to, and then exactly to the next time-out', async () => {
    await call();
    await clock.advance(60_000);
    await act({ act: 'wait' });
    expect(told().slice(3)).toEqual(['event: 5 seconds pass.', 'said: Pardon?', 'said: Press 1 for orders.']);
    expect(trial.ms).toBe(5_000);
    await act({ act: 'wait' });
    expect(told().slice(-3)).toEqual(['menu → failed', 'said: Goodbye.', 'event: The flow hangs up.']);
  });

  it('goes on from a transfer when nobody answers', async () => {
    await call();
    await act(keys('2'));
    expect(trial).toMatchObject({ waitsFor: 'answer', nodeId: 'ring', over: false });
    await act({ act: 'no-answer' });
    expect(told().slice(-5)).toEqual([
      'event: Ann is rung.',
      'event: Nobody answers.',
      'ring → unanswered',
      'said: Goodbye.',
      'event: The flow hangs up.',
    ]);
  });

  it('ends when the caller hangs up, and nothing happens then', async () => {
    await call();
    await act({ act: 'hang-up' });
    const after = told();
    await act(keys('1'), { act: 'wait' });
    expect([told(), trial.over]).toEqual([after, true]);
  });

  it('with a problem goes as far as it goes, and says why it ends', async () => {
    document = Document.parse({ ...SHOP, nodes: SHOP.nodes.filter(({ id }) => id === 'greeting') });
    await call();
    expect(told().slice(2)).toEqual([
      'event: It fails: there is no node menu.',
      'said: An apology: the flow cannot go on here.',
      'event: The call is over.',
    ]);
  });

  it('that goes round without asking is stopped', async () => {
    const circle = { id: 'a', kind: 'say', settings: { prompt: said('Again.') }, exits: { next: 'a' }, at };
    document = Document.parse({ start: 'a', nodes: [circle] });
    await call();
    expect(trial.over).toBe(true);
    expect(told().at(-3)).toMatch(/goes round at a: 500 nodes without asking/);
  });

  it('plays recordings by their name', async () => {
    const chime = {
      id: 'a',
      kind: 'say',
      settings: { prompt: { en: { recordingId: 'rec_1' } } },
      exits: { next: 'b' },
      at,
    };
    document = Document.parse({ start: 'a', nodes: [chime, { id: 'b', kind: 'hangup', at }] });
    await call();
    expect(trial.entries[0]).toMatchObject({ kind: 'said', text: 'Chime', recordingId: 'rec_1' });
  });
});

describe('try-outs', () => {
  it('are each for the one who began it', async () => {
    await call();
    await expect(trials.act('somebody else', trial.id, keys('1'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('are forgotten after half an hour, when there are more of one person, and at the end', async () => {
    await call();
    const first = trial.id;
    await clock.advance(29 * 60_000);
    await act(keys('9'));
    await clock.advance(29 * 60_000);
    await act(keys('9'));
    for (let more = 0; more < 3; more++) await call();
    await expect(trials.act(ME, first, keys('1'))).rejects.toMatchObject({ code: 'not-found' });
    await clock.advance(30 * 60_000);
    await expect(trials.act(ME, trial.id, keys('1'))).rejects.toMatchObject({ code: 'not-found' });
    await call();
    await trials.close();
    expect(clock.pending).toBe(0);
  });
});

describe('speech in a try-out', () => {
  const SPOKEN: FlowDocument = Document.parse({
    start: 'ask',
    nodes: [
      {
        id: 'ask',
        kind: 'speech',
        settings: {
          prompt: said('Sales or support?'),
          choices: [
            { words: 'sales, new order', key: '1', exit: 'sales' },
            { words: 'support', key: '2', exit: 'help' },
          ],
          timeout: 5,
          tries: 2,
        },
        exits: { sales: 'bye', help: 'bye', failed: 'bye' },
        at,
      },
      { id: 'bye', kind: 'hangup', settings: { prompt: said('Goodbye.') }, at },
    ],
  });

  beforeEach(async () => {
    document = SPOKEN;
    await call();
  });

  it('is typed, and understood as on the telephone', async () => {
    expect(trial).toMatchObject({ nodeId: 'ask', waitsFor: 'speech', nextMs: 5_000 });
    await act({ act: 'speak', text: 'a new order, please' });
    expect(told()).toContain('spoke: a new order, please');
    expect(told()).toContain('ask → sales');
  });

  it('that is no answer is asked for again; keys and silence work, too', async () => {
    await act({ act: 'speak', text: 'bananas' });
    expect(trial).toMatchObject({ nodeId: 'ask', waitsFor: 'speech' });
    await act(keys('2'));
    expect(told()).toContain('ask → help');

    await call();
    await act({ act: 'wait' }, { act: 'wait' });
    expect(told()).toContain('ask → failed');
  });

  it('to which nobody listens is refused', async () => {
    document = SHOP;
    await call();
    await expect(act({ act: 'speak', text: 'hello' })).rejects.toMatchObject({ code: 'bad-input' });
  });
});
