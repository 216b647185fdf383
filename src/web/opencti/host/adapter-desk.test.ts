import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/clock.ts';
import type { MyAdapter } from '../../../protocol/opencti.ts';
import { AdapterDesk, type Channel } from './adapter-desk.ts';
import type { Locks } from './leader.ts';

const ADAPTER: MyAdapter = {
  callCenterId: 'c1',
  displayName: 'Demo',
  adapterUrl: 'https://adapter.example/phone',
  standbyUrl: 'https://spare.example/phone',
  timeoutMs: 5_000,
  height: 400,
  width: 320,
  mode: 'Lightning',
  voice: false,
  settings: {},
};

/** The locks of one browser: one holder, the others in a row; a thief goes before all. */
class BrowserLocks implements Locks {
  #holder: ((error: Error) => void) | undefined;
  #row: (() => void)[] = [];

  request(
    _name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    work: () => Promise<void>,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const hold = () => {
        this.#holder = reject;
        void work().then(() => {
          if (this.#holder !== reject) return;
          this.#holder = undefined;
          resolve();
          this.#row.shift()?.();
        });
      };
      options.signal?.addEventListener('abort', () => {
        this.#row = this.#row.filter((one) => one !== hold);
        if (this.#holder !== reject) reject(new Error('aborted'));
      });
      if (options.steal) {
        this.#holder?.(new Error('stolen'));
        hold();
      } else if (this.#holder) this.#row.push(hold);
      else hold();
    });
  }
}

/** The server: one browser, which is elected until it is told otherwise. */
let elected: boolean;
let tellElected: (elected: boolean) => void;
let takes: number;

/** Scripts that were begun. */
let started: unknown[];

let clock: VirtualClock;
let locks: BrowserLocks;
let channels: { hear: (word: unknown) => void }[];
let session: Map<string, string>;

beforeEach(() => {
  elected = true;
  takes = 0;
  started = [];
  clock = new VirtualClock();
  locks = new BrowserLocks();
  channels = [];
  session = new Map();
});

class Tab {
  readonly shown: string[] = [];
  readonly sent: { type: string; event?: string; value?: unknown; payload?: unknown }[] = [];
  readonly desk: AdapterDesk;
  readonly window = {
    postMessage: (message: (typeof this.sent)[number]) => this.sent.push(message),
  } as unknown as Window;

  constructor(tabId: string) {
    const me: { hear: (word: unknown) => void } = { hear: () => {} };
    channels.push(me);
    const channel: Channel = {
      postMessage: (word) => channels.filter((one) => one !== me).forEach((one) => one.hear(word)),
      addEventListener: (_, listener) => {
        me.hear = (data) => listener({ data });
      },
      close: () => channels.splice(channels.indexOf(me), 1),
    };
    this.desk = new AdapterDesk({
      adapter: ADAPTER,
      objects: [{ name: 'Contact', label: 'Contact', prefix: '003' }],
      server: { startScript: async (start: unknown) => void started.push(start) } as never,
      channel,
      locks,
      lockName: 'x',
      election: {
        join: (tell) => {
          tellElected = tell;
          tell(elected);
          return () => {};
        },
        take: () => takes++,
      },
      tabId,
      origin: 'https://crm.example',
      nonce: 'n',
      now: () => clock.now(),
      after: (ms, work) => clock.after(ms, work),
      session: {
        getItem: (key) => session.get(key) ?? null,
        setItem: (key, value) => void session.set(key, value),
      },
      refresh: () => {},
      sendTraffic: () => {},
    });
    this.desk.start(
      () => this.window,
      (path) => this.shown.push(path),
    );
  }

  /** What the adapter's script says. */
  says(body: object, from: { origin?: string; nonce?: string } = {}): void {
    const { origin = 'https://adapter.example', nonce = 'n' } = from;
    const data = { crosspointCti: 1, nonce, surface: 'lightning', ...body };
    this.desk.receive({ origin, source: this.window, data } as unknown as MessageEvent);
  }

  async calls(method: string, argument: object = {}): Promise<void> {
    this.says({ type: 'call', id: method, method, args: [argument], functions: [] });
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const HELLO = { type: 'hello', page: 'p1', version: '57.0' };

describe('one tab of many', () => {
  it('runs the adapter; the next takes over when it closes, another when it is told to', async () => {
    const [one, two] = [new Tab('one'), new Tab('two')];
    await settle();
    expect([one, two].map(({ desk }) => desk.getState().leading)).toEqual([true, false]);
    expect(two.desk.getState().address).toBeUndefined();
    one.desk.close();
    await settle();
    expect(two.desk.getState().leading).toBe(true);
    const three = new Tab('three');
    three.desk.take();
    await settle();
    expect([two, three].map(({ desk }) => desk.getState().leading)).toEqual([false, true]);
  });

  it('runs it only where the server elects this browser, and asks for that when it is told to', async () => {
    elected = false;
    const tab = new Tab('one');
    await settle();
    expect(tab.desk.getState()).toMatchObject({ leading: false, place: 'other-browser' });
    tab.desk.take();
    expect(takes).toBe(1);
    tellElected(true);
    const { load } = tab.desk.getState();
    expect(tab.desk.getState()).toMatchObject({ leading: true, place: 'here' });
    tellElected(true);
    expect(tab.desk.getState().load).toBe(load);
    tellElected(false);
    expect(tab.desk.getState()).toMatchObject({ leading: false, address: undefined });
    const two = new Tab('two');
    two.desk.take();
    await settle();
    expect(takes).toBe(2);
  });

  it('shows pops in the tab that was looked at last, and dials what was clicked in any', async () => {
    const [one, two] = [new Tab('one'), new Tab('two')];
    one.says(HELLO);
    await one.calls('enableClickToDial');
    two.desk.setView({ path: '/Contact', record: null }, true);
    await one.calls('screenPop', { type: 'objecthome', params: { scope: 'Contact' } });
    expect([one.shown, two.shown]).toEqual([[], ['/Contact']]);
    expect(two.desk.getState().clickToDial).toBe(true);
    two.desk.click({ number: '123', record: null });
    expect(one.sent.find(({ event }) => event === 'clickToDial')).toMatchObject({
      payload: { number: '123' },
    });
  });

  it('lets no click through while dialling by click is off, and forgets it with a new page of the adapter', async () => {
    const tab = new Tab('one');
    tab.says(HELLO);
    tab.desk.click({ number: '123', record: null });
    expect(tab.sent.some(({ type }) => type === 'event')).toBe(false);
    await tab.calls('enableClickToDial');
    tab.says({ ...HELLO, page: 'p2' });
    expect(tab.desk.getState().clickToDial).toBe(false);
  });
});

describe('the adapter', () => {
  it('is heard at its own origin and with its nonce only', async () => {
    const tab = new Tab('one');
    tab.says(HELLO, { origin: 'https://evil.example' });
    tab.says(HELLO, { nonce: 'guess' });
    tab.desk.receive({
      origin: 'https://adapter.example',
      source: {},
      data: HELLO,
    } as unknown as MessageEvent);
    expect(tab.sent).toEqual([]);
    tab.says(HELLO);
    expect(tab.sent).toMatchObject([{ type: 'welcome' }]);
  });

  it('is told once of each page that is looked at, a record’s when the record is known', () => {
    const tab = new Tab('one');
    tab.says(HELLO);
    const record = { id: '003000000000001', object: 'Contact', name: 'Ada' };
    const path = `/Contact/${record.id}`;
    tab.desk.setView({ path, record: null }, false);
    tab.desk.setView({ path, record }, true);
    tab.desk.setView({ path, record }, true);
    expect(tab.sent.filter(({ event }) => event === 'navigation')).toMatchObject([
      { payload: { url: `https://crm.example/lightning/r/Contact/${record.id}/view`, recordName: 'Ada' } },
    ]);
  });

  it('that does not say in time that it is ready gives way to its stand-by page until the session ends', async () => {
    const tab = new Tab('one');
    expect(tab.desk.getState()).toMatchObject({ starting: true, standby: false });
    await clock.advance(5_000);
    expect(tab.desk.getState()).toMatchObject({ starting: false, standby: true });
    expect(tab.desk.getState().address).toContain('https://spare.example/phone?mode=Lightning');
    tab.says(HELLO);
    expect(tab.sent).toEqual([]);
    tab.says(HELLO, { origin: 'https://spare.example' });
    expect(tab.sent).toHaveLength(1);
    tab.desk.close();
    await settle();
    const next = new Tab('two');
    await settle();
    expect(next.desk.getState().standby).toBe(true);
  });

  it('pops a flow: an agent script with the arguments as answers', async () => {
    const tab = new Tab('one');
    tab.says(HELLO);
    const flowArgs = [
      { name: 'reason', type: 'String', value: 'order' },
      { name: 'object', type: 'SObject', value: { Id: 'x' } },
    ];
    await tab.calls('screenPop', { type: 'flow', params: { flowDevName: 'Intake', flowArgs } });
    await tab.calls('screenPop', { type: 'FLOW', params: { flowDevName: 'Intake', recordId: '003x' } });
    expect(started).toEqual([
      { name: 'Intake', answers: { reason: 'order' } },
      { name: 'Intake', answers: {}, recordId: '003x' },
    ]);
    for (const params of [{}, { flowDevName: 'no name' }, { flowDevName: 'Intake', flowArgs: { a: 1 } }])
      await tab.calls('screenPop', { type: 'flow', params });
    expect(started).toHaveLength(2);
    expect(tab.sent.slice(-3)).toMatchObject(Array(3).fill({ error: { code: 'INVALID_PARAM' } }));
  });

  it('that says so stays', async () => {
    const tab = new Tab('one');
    tab.says(HELLO);
    await tab.calls('notifyInitializationComplete');
    await clock.advance(60_000);
    expect(tab.desk.getState()).toMatchObject({ starting: false, standby: false });
  });
});
