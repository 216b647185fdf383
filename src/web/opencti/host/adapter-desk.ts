/**
 * An adapter in the desktop, over all tabs of its user: the leading tab has the adapter's page, the others show what it shows,
 * hand their clicks to it, and get its pops when they were looked at last.
 *
 *     starting ── notifyInitializationComplete ──► ready
 *        └── timeoutMs over ──► stand-by page, until the browser's session ends
 */
import type { RecordRef } from '../../../protocol/facts.ts';
import type { MyAdapter, Traffic } from '../../../protocol/opencti.ts';
import { type Click, OpenCtiHost } from './host.ts';
import { type Election, Leader, type Locks, type Place } from './leader.ts';
import { type CtiServer, Operations, type Panel, type View } from './operations.ts';
import { adapterAddress, type KnownObject } from './urls.ts';

/** What the desktop shows of the adapter. */
export interface AdapterState {
  /** This tab has the adapter's page. */
  leading: boolean;
  place: Place;
  /** Of the frame; undefined while another tab has it. */
  address: string | undefined;
  /** Counts up with every reload of the frame. */
  load: number;
  /** The stand-by page has taken over. */
  standby: boolean;
  /** It must still say that it is ready. */
  starting: boolean;
  clickToDial: boolean;
  panel: Panel;
}

/** What the tabs of a user tell each other. */
type Word =
  | { type: 'ask' }
  | { type: 'state'; clickToDial: boolean; panel: Panel }
  | { type: 'panel'; visible: boolean }
  | { type: 'click'; click: Click }
  | { type: 'view'; tabId: string; view: View; settled: boolean }
  | { type: 'show'; tabId: string; path: string; record?: RecordRef }
  | { type: 'refresh' }
  | { type: 'message'; channelName: string; message: unknown };

/** The part of BroadcastChannel that is used. */
export interface Channel {
  postMessage(word: unknown): void;
  addEventListener(event: 'message', listener: (event: { data: unknown }) => void): void;
  close(): void;
}

export interface AdapterDeskOptions {
  adapter: MyAdapter;
  objects: readonly KnownObject[];
  server: CtiServer;
  /** Of this user's tabs. */
  channel: Channel;
  locks: Locks | undefined;
  lockName: string;
  election: Election;
  tabId: string;
  origin: string;
  nonce: string;
  now: () => number;
  /** Calls after milliseconds; returns what cancels it. */
  after: (ms: number, work: () => void) => () => void;
  /** Kept until the browser's session ends. */
  session: Pick<Storage, 'getItem' | 'setItem'>;
  refresh: () => void;
  sendTraffic: (traffic: Traffic[]) => void;
}

const TRAFFIC_MS = 500;

export class AdapterDesk {
  readonly #o: AdapterDeskOptions;
  readonly #host: OpenCtiHost;
  readonly #leader: Leader;
  readonly #listeners = new Set<() => void>();
  #frame: () => Window | null = () => null;
  #showHere: (path: string, record?: RecordRef) => void = () => {};
  #state: AdapterState;
  /** What the person looks at, in whichever tab. */
  #shown: { tabId: string; view: View };
  /** The last one that the adapter was told. */
  #told: { tabId: string; view: View };
  #cancelStandby: () => void = () => {};
  #traffic: Traffic[] = [];
  #cancelTraffic: (() => void) | undefined;

  constructor(options: AdapterDeskOptions) {
    this.#o = options;
    const { adapter } = options;
    this.#shown = { tabId: options.tabId, view: { path: '/', record: null } };
    this.#told = this.#shown;
    this.#state = {
      leading: false,
      place: 'other-tab',
      address: undefined,
      load: 0,
      standby: false,
      starting: false,
      clickToDial: false,
      panel: {
        visible: true,
        height: adapter.height,
        width: adapter.width,
        label: adapter.displayName,
        icon: 'call',
        itemLabel: adapter.displayName,
        itemIcon: 'call',
      },
    };
    this.#host = new OpenCtiHost({
      operations: this.#operations(),
      frame: () => this.#frame(),
      adapterOrigin: () => new URL(this.#state.address ?? adapter.adapterUrl).origin,
      origin: options.origin,
      nonce: options.nonce,
      now: options.now,
      onTraffic: (one) => this.#note(one),
      onNewPage: () => this.#setState({ clickToDial: false }),
    });
    const { locks, lockName, election } = options;
    this.#leader = new Leader({ locks, lockName, election, onChange: (place) => this.#lead(place) });
    options.channel.addEventListener('message', ({ data }) => this.#hear(data as Word));
  }

  /**
   * @param frame the window of the adapter's frame, once it is there.
   * @param show shows a page in this tab, never over unsaved changes.
   */
  start(frame: () => Window | null, show: (path: string, record?: RecordRef) => void): void {
    this.#frame = frame;
    this.#showHere = show;
    this.#leader.start();
    this.#say({ type: 'ask' });
  }

  getState = (): AdapterState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  receive(event: MessageEvent): void {
    if (this.#state.leading) this.#host.receive(event);
  }

  /** What this tab shows, in which the person is. `settled`: a record's page knows its record. */
  setView(view: View, settled: boolean): void {
    this.#say({ type: 'view', tabId: this.#o.tabId, view, settled });
    this.#looksAt(this.#o.tabId, view, settled);
  }

  /** A number was clicked in this tab. */
  click(click: Click): void {
    if (!this.#state.clickToDial) return;
    if (this.#state.leading) this.#host.click(click);
    else this.#say({ type: 'click', click });
  }

  setVisible(visible: boolean): void {
    if (this.#state.leading) this.#setPanel({ visible });
    else this.#say({ type: 'panel', visible });
  }

  /** Brings the adapter into this tab. */
  take(): void {
    this.#leader.take();
  }

  /** Idempotent. */
  close(): void {
    this.#cancelStandby();
    this.#flush();
    this.#leader.close();
    this.#o.channel.close();
  }

  #operations(): Operations {
    const { adapter, objects, server } = this.#o;
    return new Operations(
      adapter,
      {
        objects,
        view: () => this.#shown.view,
        show: (path, record) => this.#show(path, record),
        refresh: () => {
          this.#o.refresh();
          this.#say({ type: 'refresh' });
        },
        reload: () => this.#setState({ load: this.#state.load + 1 }),
        panel: () => this.#state.panel,
        setPanel: (change) => this.#setPanel(change),
        clickToDial: (on) => this.#setShared({ clickToDial: on }),
        initialised: () => {
          this.#cancelStandby();
          this.#setState({ starting: false });
        },
        publish: (channelName, message) => {
          this.#say({ type: 'message', channelName, message });
          this.#host.message(channelName, message);
        },
      },
      server,
    );
  }

  #lead(place: Place): void {
    // A server that came back says again what it said before.
    if (place === this.#state.place) return;
    this.#setState({ place });
    this.#cancelStandby();
    if (place !== 'here')
      return this.#setState({ leading: false, address: undefined, starting: false, clickToDial: false });
    const { adapter, session } = this.#o;
    if (adapter.standbyUrl !== null && session.getItem(this.#standbyKey()) === '1') return this.#useStandby();
    this.#load(adapter.adapterUrl, { starting: adapter.standbyUrl !== null, standby: false });
    if (adapter.timeoutMs === null) return;
    this.#cancelStandby = this.#o.after(adapter.timeoutMs, () => {
      session.setItem(this.#standbyKey(), '1');
      this.#useStandby();
    });
  }

  #useStandby(): void {
    this.#load(this.#o.adapter.standbyUrl ?? this.#o.adapter.adapterUrl, { starting: false, standby: true });
  }

  #load(url: string, change: Pick<AdapterState, 'starting' | 'standby'>): void {
    const { adapter, origin, nonce } = this.#o;
    const mode = adapter.mode === 'Classic' ? 'Classic' : 'Lightning';
    this.#setState({
      ...change,
      leading: true,
      address: adapterAddress(url, { mode, origin, nonce }),
      load: this.#state.load + 1,
    });
  }

  #standbyKey(): string {
    return `crosspoint.standby.${this.#o.adapter.callCenterId}`;
  }

  /** In the tab that was looked at last. */
  #show(path: string, record?: RecordRef): void {
    if (this.#shown.tabId === this.#o.tabId) this.#showHere(path, record);
    else this.#say({ type: 'show', tabId: this.#shown.tabId, path, record });
  }

  #looksAt(tabId: string, view: View, settled: boolean): void {
    const before = this.#told;
    this.#shown = { tabId, view };
    if (!settled) return;
    this.#told = this.#shown;
    const same =
      before.tabId === tabId && before.view.path === view.path && before.view.record?.id === view.record?.id;
    if (this.#state.leading && !same) this.#host.navigated(view);
  }

  #hear(word: Word): void {
    const { leading } = this.#state;
    switch (word.type) {
      case 'ask':
        return leading ? this.#share() : undefined;
      case 'state':
        return leading ? undefined : this.#setState({ clickToDial: word.clickToDial, panel: word.panel });
      case 'panel':
        return leading ? this.#setPanel({ visible: word.visible }) : undefined;
      case 'click':
        return leading ? this.#host.click(word.click) : undefined;
      case 'view':
        return this.#looksAt(word.tabId, word.view, word.settled);
      case 'show':
        return word.tabId === this.#o.tabId ? this.#showHere(word.path, word.record) : undefined;
      case 'refresh':
        return this.#o.refresh();
      case 'message':
        return leading ? this.#host.message(word.channelName, word.message) : undefined;
    }
  }

  #setPanel(change: Partial<Panel>): void {
    this.#setShared({ panel: { ...this.#state.panel, ...change } });
  }

  #setShared(change: Partial<Pick<AdapterState, 'clickToDial' | 'panel'>>): void {
    this.#setState(change);
    this.#share();
  }

  #share(): void {
    const { clickToDial, panel } = this.#state;
    this.#say({ type: 'state', clickToDial, panel });
  }

  #say(word: Word): void {
    this.#o.channel.postMessage(word);
  }

  #note(traffic: Traffic): void {
    this.#traffic.push(traffic);
    this.#cancelTraffic ??= this.#o.after(TRAFFIC_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancelTraffic?.();
    this.#cancelTraffic = undefined;
    if (this.#traffic.length > 0) this.#o.sendTraffic(this.#traffic.splice(0));
  }

  #setState(change: Partial<AdapterState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
