/**
 * One flow being tried out: the interpreter itself, with a line that writes down what a caller would hear, and with a clock that
 * stands still until it is let go on. The services that ask (CRM, web, hours) are the real ones; those that do something to
 * people (rings, queues, recordings) are written down instead.
 *
 *     talking ─► waits for keys, speech, time ── act ──► talking ─► …
 *        ├─► somebody is rung ── no answer ──► talking
 *        └─► in a queue, hung up, or failed: over
 */
import { setImmediate } from 'node:timers/promises';
import { VirtualClock } from '../../lib/clock.ts';
import type { Address } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { FlowDocument } from '../../protocol/flows.ts';
import type { FlowTrial, FlowTrialAct, FlowTrialEntry } from '../../protocol/flow-trials.ts';
import type { Heard } from '../speech/hear.ts';
import { understand } from '../speech/understand.ts';
import type { Media } from '../telephony/ports.ts';
import { runDialogue } from './dialogue.ts';
import type { FlowServices, KeyReading } from './node.ts';
import { LiveTalk, type Listening } from './talk.ts';

/** What is asked of the real program. */
export type TrialServices = Pick<
  FlowServices,
  'hoursAt' | 'findRecord' | 'request' | 'secret' | 'knowsQueue' | 'readNumber'
>;

export interface TrialOptions {
  id: string;
  flowId: string;
  draftRev: number;
  document: FlowDocument;
  ani: Address;
  dnis: Address;
  /** When the call seems to come: UTC milliseconds. */
  at: number;
  data: Readonly<Record<string, string>>;
  services: TrialServices;
  /** What a queue, a user or an uploaded recording is called. */
  nameOf(kind: 'queue' | 'user' | 'skill' | 'recording', id: string): string | undefined;
}

/** A try-out goes on for so many nodes between two acts: more would be a circle. */
const MAX_STEPS = 500;
const MAX_ENTRIES = 2_000;
/** What a queue seems to be like. */
const QUEUE = { waiting: 2, waitMs: 180_000 };
const RECORDING = 'recording:';

type Waiting = Exclude<FlowTrial['waitsFor'], 'nothing'>;

/** The talk of a try-out knows what it waits for. */
class TrialTalk extends LiveTalk {
  waits: Waiting | undefined;
  onSet: (key: string, value: string, sensitive: boolean) => void = () => {};

  override async readKeys(reading: KeyReading): ReturnType<LiveTalk['readKeys']> {
    return this.#while('keys', super.readKeys(reading));
  }

  override async ask(...asked: Parameters<LiveTalk['ask']>): ReturnType<LiveTalk['ask']> {
    return this.#while('speech', super.ask(...asked));
  }

  override async pause(ms: number): Promise<void> {
    return this.#while('time', super.pause(ms));
  }

  override set(values: Readonly<Record<string, string>>, options: { sensitive?: boolean } = {}): void {
    super.set(values, options);
    for (const [key, value] of Object.entries(values)) this.onSet(key, value, options.sensitive === true);
  }

  async #while<T>(waits: Waiting, work: Promise<T>): Promise<T> {
    this.waits = waits;
    try {
      return await work;
    } finally {
      this.waits = undefined;
    }
  }
}

export class Trial {
  readonly #o: TrialOptions;
  readonly #clock: VirtualClock;
  readonly #entries: FlowTrialEntry[] = [];
  readonly #data = new Map<string, { value: string; masked: boolean }>();
  /** Questions to the real program that are on their way. */
  readonly #asking = new Set<Promise<unknown>>();
  #talk: TrialTalk;
  #nodeId: string | null = null;
  #steps = 0;
  #rung: { nodeId: string; since: number } | undefined;
  #inVain = false;
  /** Somebody listens to what the caller says. */
  #onSpoken: ((text: string) => void) | undefined;
  #over = false;

  private constructor(options: TrialOptions) {
    this.#o = options;
    this.#clock = new VirtualClock(options.at);
    for (const [key, value] of Object.entries(options.data)) this.#data.set(key, { value, masked: false });
    this.#talk = this.#newTalk();
  }

  /** The call comes, and goes as far as it goes by itself. */
  static async begin(options: TrialOptions): Promise<Trial> {
    const trial = new Trial(options);
    trial.#run({ nodeId: options.document.start });
    await trial.#settle();
    return trial;
  }

  /** What the one in the caller's place does. Once it is over, nothing happens. */
  async act(act: FlowTrialAct): Promise<void> {
    if (this.#over) return;
    this.#steps = 0;
    switch (act.act) {
      case 'keys':
        this.#note('keyed', act.keys);
        for (const key of act.keys) this.#talk.press(key);
        break;
      case 'speak':
        if (!this.#onSpoken)
          throw new CodedError('bad-input', { field: 'text', detail: 'nobody listens to speech now' });
        this.#note('spoke', act.text);
        this.#onSpoken(act.text);
        break;
      case 'wait':
        await this.#letTimePass();
        break;
      case 'no-answer':
        this.#goOnInVain();
        break;
      case 'hang-up':
        this.#end('The caller hangs up.');
        break;
    }
    await this.#settle();
  }

  show(): FlowTrial {
    const { id, flowId, draftRev, at } = this.#o;
    const next = this.#clock.next;
    return {
      id,
      flowId,
      draftRev,
      nodeId: this.#over ? null : this.#nodeId,
      waitsFor: this.#over ? 'nothing' : this.#rung ? 'answer' : (this.#talk.waits ?? 'nothing'),
      nextMs: this.#over || next === undefined ? null : Math.max(0, next - this.#clock.now()),
      over: this.#over,
      ms: this.#clock.now() - at,
      entries: this.#entries,
      data: [...this.#data].map(([key, { value, masked }]) => ({ key, value, masked })),
    };
  }

  /** Nothing of it goes on. Idempotent. */
  close(): void {
    this.#over = true;
    this.#talk.end();
  }

  async #letTimePass(): Promise<void> {
    const { next } = this.#clock;
    if (next === undefined) return;
    const ms = next - this.#clock.now();
    this.#note('event', `${ms / 1_000} seconds pass.`);
    await this.#clock.advance(ms);
  }

  #goOnInVain(): void {
    if (!this.#rung) return;
    const { nodeId, since } = this.#rung;
    this.#rung = undefined;
    this.#inVain = true;
    this.#note('event', 'Nobody answers.');
    this.#talk = this.#newTalk();
    this.#run({ nodeId, since });
  }

  #run(start: { nodeId: string | null; since?: number }): void {
    const talk = this.#talk;
    void runDialogue(
      {
        document: this.#o.document,
        talk,
        enter: (nodeId) => this.#enter(nodeId),
        left: (nodeId, exit) => this.#note('exit', '', { nodeId, exit }),
        apologise: () => {
          this.#note('said', 'An apology: the flow cannot go on here.');
          this.#end('The call is over.');
          return Promise.resolve();
        },
        onError: (_what, error) =>
          this.#note('event', `It fails: ${error instanceof Error ? error.message : 'for no known reason'}.`),
      },
      start,
    );
  }

  #enter(nodeId: string): Promise<void> {
    this.#nodeId = nodeId;
    this.#inVain = false;
    if (++this.#steps > MAX_STEPS || this.#entries.length > MAX_ENTRIES)
      return Promise.reject(new Error('it goes round in circles'));
    return Promise.resolve();
  }

  #newTalk(): TrialTalk {
    const { id, ani, dnis, at, document } = this.#o;
    const talk = new TrialTalk({
      clock: this.#clock,
      services: this.#services(),
      languages: document.languages,
      recordingFile: (recordingId) =>
        Promise.resolve(
          this.#o.nameOf('recording', recordingId) === undefined ? undefined : `${RECORDING}${recordingId}`,
        ),
      line: {
        conversationId: id,
        callId: id,
        ani,
        dnis,
        startedAt: at,
        play: (media) => {
          for (const one of media) this.#hear(one);
          return Promise.resolve();
        },
        hush: () => Promise.resolve(),
        listen: (question) => this.#listen(question),
        get: (key) => this.#data.get(key)?.value,
        set: () => {},
        rungInVain: () => this.#inVain,
      },
    });
    talk.onSet = (key, value, masked) => {
      this.#data.set(key, { value: masked ? '' : value, masked });
      this.#note('event', masked ? `${key} is kept, masked.` : `${key} = ${value}`);
    };
    return talk;
  }

  /** What is typed is understood as what is said would be. */
  #listen({ expected, language, silenceMs, signal }: Listening): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        this.#onSpoken = undefined;
        signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        end();
        reject(signal.reason as Error);
      };
      const cancel = this.#clock.after(silenceMs, () => {
        end();
        resolve({ kind: 'silence' });
      });
      signal.addEventListener('abort', abort);
      this.#onSpoken = (text) => {
        end();
        resolve(understand([{ text }], expected, language));
      };
    });
  }

  #hear(media: Media): void {
    if (media.kind === 'text') return this.#note('said', media.text);
    if (media.kind !== 'file' || !media.path.startsWith(RECORDING)) return;
    const recordingId = media.path.slice(RECORDING.length);
    this.#note('said', this.#o.nameOf('recording', recordingId) ?? recordingId, { recordingId });
  }

  #services(): FlowServices {
    const { services, nameOf } = this.#o;
    const tell = (text: string) => {
      this.#note('event', text);
      return Promise.resolve();
    };
    const ring = (who: string) => {
      this.#rung = { nodeId: this.#nodeId ?? '', since: this.#clock.now() };
      return tell(`${who} is rung.`);
    };
    return {
      hoursAt: (id, at) => services.hoursAt(id, at),
      knowsQueue: (id) => services.knowsQueue(id),
      readNumber: (text) => services.readNumber(text),
      secret: (name) => this.#ask(services.secret(name)),
      findRecord: (object, field, value) => this.#ask(services.findRecord(object, field, value)),
      request: (request) => {
        this.#note('event', `${request.method} ${new URL(request.url).host}`);
        return this.#ask(services.request(request));
      },
      waitingIn: () => QUEUE,
      match: (_talk, { ref }) => this.#note('event', `The ${ref.object} ${ref.name} pops.`),
      enqueue: (_talk, { queueId, priority, requirements = [] }) => {
        const rank = priority === 0 ? '' : `, priority ${priority}`;
        const skills = requirements.map(
          ({ skillId, minimum }) => `${nameOf('skill', skillId) ?? skillId} at least ${minimum}`,
        );
        const asked = skills.length === 0 ? '' : `, for an agent with ${skills.join(' and ')}`;
        this.#end(`The caller waits in the queue ${nameOf('queue', queueId) ?? queueId}${rank}${asked}.`);
        return Promise.resolve();
      },
      ringUser: (_talk, userId) => ring(nameOf('user', userId) ?? userId),
      ringNumber: (_talk, number) => ring(number.value),
      record: (_talk, on) => tell(on ? 'Recording begins.' : 'Recording ends.'),
      callback: (_talk, { queueId }) => {
        this.#end(
          `The caller confirms his number, and is called back by the queue ${nameOf('queue', queueId) ?? queueId}.`,
        );
        return Promise.resolve(true);
      },
      voicemail: (_talk, { kind, id }) => {
        this.#end(`The caller leaves a message for ${nameOf(kind, id) ?? id}.`);
        return Promise.resolve();
      },
      hangUp: () => {
        this.#end('The flow hangs up.');
        return Promise.resolve();
      },
    };
  }

  #ask<T>(question: Promise<T>): Promise<T> {
    this.#asking.add(question);
    question.then(
      () => this.#asking.delete(question),
      () => this.#asking.delete(question),
    );
    return question;
  }

  #end(text: string): void {
    this.#note('event', text);
    this.close();
  }

  #note(kind: FlowTrialEntry['kind'], text: string, more: Partial<FlowTrialEntry> = {}): void {
    if (this.#over) return;
    this.#entries.push({ ms: this.#clock.now() - this.#o.at, nodeId: this.#nodeId, kind, text, ...more });
  }

  /** Until the flow waits for the caller: no promise is open but those of the clock, which stands still. */
  async #settle(): Promise<void> {
    do {
      await Promise.allSettled(this.#asking);
      await setImmediate();
    } while (this.#asking.size > 0);
  }
}
