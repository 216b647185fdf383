/**
 * The host's end of the line to an adapter's script: checks who speaks, does the calls, tells events, and keeps what was said
 * for the page of live traffic.
 *
 *     adapter ── hello ──► welcome;   call ──► answer;   clicks, navigation and messages ──► events
 *
 * Only the adapter's own window, at the origin of its address and with the nonce that this address carried, is listened to.
 */
import type { RecordRef } from '../../../protocol/facts.ts';
import {
  AdapterMessage,
  type CtiError,
  type HostMessage,
  type Surface,
  type Traffic,
} from '../../../protocol/opencti.ts';
import { callClassic, pageInfo } from './classic-calls.ts';
import { callConsole, ConsoleMemory } from './console-calls.ts';
import { CtiFailure } from './failure.ts';
import { callLightning, type CallContext, describeView } from './lightning-calls.ts';
import type { Operations, View } from './operations.ts';

export interface HostOptions {
  operations: Operations;
  /** The adapter's window, once it is there. */
  frame: () => Window | null;
  /** Of the address that the frame shows now. */
  adapterOrigin: () => string;
  /** Our own origin, for addresses that adapters get. */
  origin: string;
  nonce: string;
  /** UTC milliseconds. */
  now: () => number;
  onTraffic: (traffic: Traffic) => void;
  /** A new load of the adapter's page: whatever the one before had set is gone. */
  onNewPage: () => void;
}

/** A message as a window gets it. */
export interface IncomingMessage {
  origin: string;
  source: unknown;
  data: unknown;
}

/** A number that was clicked, and the record that it stands in. */
export interface Click {
  number: string;
  record: RecordRef | null;
}

type Call = Extract<AdapterMessage, { type: 'call' }>;
type Body = HostMessage extends infer M
  ? M extends HostMessage
    ? Omit<M, 'crosspointCti' | 'nonce'>
    : never
  : never;

const MAX_SHOWN = 8_000;

export class OpenCtiHost {
  readonly #o: HostOptions;
  readonly #joined = new Set<Surface>();
  /** Channels by subscription. */
  readonly #subscriptions = new Map<string, string>();
  #memory = new ConsoleMemory();
  #page = '';
  #lastSubscription = 0;
  readonly #refused = new Set<string>();

  constructor(options: HostOptions) {
    this.#o = options;
  }

  /** Takes a message from `window`'s message event. */
  receive({ origin, source, data }: IncomingMessage): void {
    if (source === null || source !== this.#o.frame()) return;
    const { crosspointCti, nonce, type, id, surface } = (data ?? {}) as Record<string, unknown>;
    if (crosspointCti !== 1) return;
    const expected = this.#o.adapterOrigin();
    if (origin !== expected)
      return this.#refuse(`The page is at ${origin}, but the adapter's address is at ${expected}.`);
    if (nonce !== this.#o.nonce)
      return this.#refuse('The page has another nonce than the address that it was loaded with.');
    const message = AdapterMessage.safeParse(data);
    if (message.success) return this.#handle(message.data);
    if (type !== 'call' || typeof id !== 'string') return;
    const error: CtiError = { code: 'INVALID_PARAM', description: 'The call cannot be read.' };
    this.#send({ type: 'answer', surface: surface as Surface, id, error });
  }

  /** The page gets no answer; who looks at the live traffic is told why, once for each reason. */
  #refuse(reason: string): void {
    if (this.#refused.has(reason)) return;
    this.#refused.add(reason);
    this.#note(
      'host',
      'lightning',
      'refused',
      [],
      { code: 'SOFTPHONE_CONTAINER_ERROR', description: reason },
      false,
      0,
    );
  }

  /** Click-to-dial. */
  click({ number, record }: Click): void {
    const { objects } = this.#o.operations.desk;
    this.#tell('lightning', 'clickToDial', {
      number,
      recordId: record?.id ?? '',
      recordName: record?.name ?? '',
      objectType: record?.object ?? '',
      params: '',
    });
    this.#tell('classic', 'clickToDial', {
      number,
      objectId: record?.id ?? '',
      objectName: record?.name ?? '',
      object: record?.object ?? '',
      displayName: objects.find((one) => one.name === record?.object)?.label ?? '',
    });
  }

  /** The person looks at something else now. */
  navigated(view: View): void {
    this.#tell('lightning', 'navigation', describeView(view, this.#o.origin));
    this.#tell('classic', 'navigation', pageInfo(view, this.#o.operations, this.#o.origin));
    for (const event of ['onFocusedPrimaryTab', 'onFocusedSubtab'])
      this.#tell('console', event, { id: view.path, objectId: view.record?.id ?? null });
  }

  /** A message on a channel, of whichever tab. */
  message(channelName: string, payload: unknown): void {
    for (const [id, name] of this.#subscriptions)
      if (name === channelName) this.#tell('lightning', 'channel', payload, id);
  }

  #handle(message: AdapterMessage): void {
    if (message.type === 'call') return void this.#call(message);
    if (message.page !== this.#page) this.#newPage(message.page);
    this.#joined.add(message.surface);
    this.#send({ type: 'welcome', surface: message.surface });
  }

  #newPage(page: string): void {
    this.#page = page;
    this.#joined.clear();
    this.#subscriptions.clear();
    this.#memory = new ConsoleMemory();
    this.#o.onNewPage();
  }

  async #call(call: Call): Promise<void> {
    const { surface, id, method } = call;
    const began = this.#o.now();
    let answer: { value: unknown } | { error: CtiError };
    try {
      answer = { value: (await this.#run(call)) ?? null };
    } catch (error) {
      answer = { error: toCtiError(error) };
    }
    this.#send({ type: 'answer', surface, id, ...answer });
    const ok = 'value' in answer;
    const shown = 'value' in answer ? answer.value : answer.error;
    this.#note('call', surface, method, call.args, shown, ok, this.#o.now() - began);
  }

  #run({ surface, method, args, functions }: Call): Promise<unknown> {
    const { operations, origin } = this.#o;
    if (surface === 'console')
      return callConsole(method, args, {
        operations,
        origin,
        functions,
        memory: this.#memory,
        tell: (event, payload) => this.#tell('console', event, payload),
      });
    const context: CallContext = {
      operations,
      origin,
      functions,
      subscribe: (channelName) => {
        const id = `subscription-${++this.#lastSubscription}`;
        this.#subscriptions.set(id, channelName);
        return { id, channelName };
      },
      unsubscribe: (id) => this.#subscriptions.delete(id),
    };
    return surface === 'lightning'
      ? callLightning(method, args, context)
      : callClassic(method, args, context);
  }

  #tell(surface: Surface, event: string, payload: unknown, target?: string): void {
    if (!this.#joined.has(surface)) return;
    this.#send({ type: 'event', surface, event, payload, ...(target === undefined ? {} : { target }) });
    this.#note('event', surface, event, payload, null, true, 0);
  }

  #send(body: Body): void {
    const message = { crosspointCti: 1, nonce: this.#o.nonce, ...body };
    this.#o.frame()?.postMessage(message, this.#o.adapterOrigin());
  }

  #note(
    kind: Traffic['kind'],
    surface: Surface,
    method: string,
    args: unknown,
    answer: unknown,
    ok: boolean,
    ms: number,
  ): void {
    const cut = (value: unknown) => (JSON.stringify(value) ?? '').slice(0, MAX_SHOWN);
    this.#o.onTraffic({
      at: this.#o.now(),
      kind,
      surface,
      method,
      args: cut(args),
      answer: cut(answer),
      ok,
      ms,
    });
  }
}

function toCtiError(error: unknown): CtiError {
  if (error instanceof CtiFailure) return error.error;
  return { code: 'GENERIC_ERROR', description: error instanceof Error ? error.message : String(error) };
}
