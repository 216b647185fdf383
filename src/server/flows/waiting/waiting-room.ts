/**
 * What a caller hears while he waits in a queue, and how he leaves it by a key.
 *
 *     entered ─► (answered) ─► greeting ─► music ◄──► announcement, comfort, offer of a callback
 *                                           │ key
 *                                           ├─ callback ─► asked for the number ─ confirmed ─► led out, called at his place
 *                                           └─ voicemail ─► led out
 *
 * An agent who accepts, a key, and the end of the call stop at once what is being said (ears.ts). After a restart who waits is
 * attended again; when what is due next falls by the time since which he waits.
 */
import type { Clock } from '../../../lib/clock.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import type { Address } from '../../../protocol/address.ts';
import type { QueueWaiting } from '../../../protocol/waiting.ts';
import type { Acd } from '../../routing/ports.ts';
import { waitingLeg } from '../../telephony/call-plan.ts';
import type { Conversations } from '../../telephony/conversations.ts';
import type { Call, Conversation, QueueStay } from '../../telephony/model.ts';
import { askForNumber } from './callback-dialogue.ts';
import { type CallerEar, type Ears, isOver } from './ears.ts';
import { languageOf, phrasesIn, speech, textIn } from './phrases.ts';
import { Schedule } from './schedule.ts';

export interface WaitingRoomCalls {
  answerCaller(conversationId: string, callId: string): Promise<void>;
  musicToCaller(conversationId: string, callId: string): Promise<void>;
}

export interface WaitingRoomOptions {
  conversations: Conversations;
  clock: Clock;
  calls: WaitingRoomCalls;
  ears: Ears;
  forecast: Pick<Acd, 'position' | 'estimate'>;
  settings(queueId: string): QueueWaiting;
  /** The number as it is called back. @throws CodedError for one that may not be called. */
  callable(number: string, platformId: string): Address;
  /** He asks for a callback. */
  callBack(conversation: Conversation, stay: QueueStay, number: Address): void;
  /** He asks for the queue's voicemail. */
  toVoicemail(conversation: Conversation, stay: QueueStay): void;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

/** What failed, such as while the switch was away, is tried again after this many milliseconds. */
const AGAIN_MS = 5_000;
/** While nothing is due he is listened to for this long at a time, in milliseconds. */
const LISTEN_MS = 3_600_000;

export class WaitingRoom {
  readonly #o: WaitingRoomOptions;
  readonly #life: Lifecycle;

  constructor(options: WaitingRoomOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  /** He waits in a queue from now on. @param greeting said first; empty for none. */
  attend(conversationId: string, callId: string, greeting = ''): void {
    const { calls, conversations } = this.#o;
    const conversation = conversations.get(conversationId);
    const leg = conversation && waitingLeg(conversation, callId);
    if (!conversation || !leg) return;
    const ids = { conversationId, callId };
    // A colleague who consults the queue hears music: nobody asks him anything.
    if (leg.role === 'agent')
      return this.#run('let a colleague hear music', ids, calls.musicToCaller(conversationId, callId));
    const ear = this.#o.ears.open(conversationId, callId);
    this.#run('entertain a caller', ids, this.#attend(ear, greeting));
  }

  /** After a restart or a lost connection, with the platform's switch reconciled: who waits is attended again. */
  resume(platformId: string): void {
    for (const conversation of this.#o.conversations.all())
      for (const stay of conversation.queueStays.values())
        if (stay.leftAt === undefined && conversation.calls.get(stay.callId)?.platformId === platformId)
          this.attend(conversation.id, stay.callId);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  async #attend(ear: CallerEar, greeting: string): Promise<void> {
    const found = this.#stayOf(ear);
    if (!found) return;
    const { conversation, call, stay } = found;
    const settings = this.#o.settings(stay.queueId);
    const leg = waitingLeg(conversation, call.id);
    if (leg?.connectedAt === undefined) await this.#o.calls.answerCaller(conversation.id, call.id);
    const language = languageOf(conversation);
    if (greeting !== '') await ear.say(speech([settings.greetings[language] ?? greeting], language));
    const schedule = new Schedule(settings, stay.enteredAt, this.#o.clock.now());
    while (!ear.closed && !this.#life.closed) await this.#next(ear, schedule);
  }

  /** Music until something is due or a key is pressed, and that. */
  async #next(ear: CallerEar, schedule: Schedule): Promise<void> {
    const { clock, calls } = this.#o;
    try {
      await calls.musicToCaller(ear.conversationId, ear.callId);
      const due = schedule.next();
      const key = await ear.key(due ? Math.max(0, due.at - clock.now()) : LISTEN_MS);
      if (ear.closed) return;
      if (key !== undefined) return await this.#pressed(ear, key);
      if (due && due.at <= clock.now()) await ear.say(this.#texts(ear, schedule.take(due, clock.now())));
    } catch (error) {
      if (isOver(error)) return ear.close();
      if (this.#life.closed) return;
      this.#o.onError('entertain a caller', error, {
        conversationId: ear.conversationId,
        callId: ear.callId,
      });
      await ear.key(AGAIN_MS);
    }
  }

  #texts(ear: CallerEar, what: 'announcement' | 'offer' | number) {
    const found = this.#stayOf(ear);
    if (!found) return [];
    const language = languageOf(found.conversation);
    const { comfort, callback, voicemail } = this.#o.settings(found.stay.queueId);
    const phrases = phrasesIn(language);
    if (typeof what === 'number')
      return speech([textIn(comfort.texts[what] ?? {}, language) ?? ''], language);
    const offer = callback.key === null ? '' : phrases.keys.callback(callback.key);
    if (what === 'offer') return speech([offer], language);
    const message = voicemail.key === null ? '' : phrases.keys.voicemail(voicemail.key);
    return speech([...this.place(found.stay, language), offer, message], language);
  }

  /** His position and wait, as far as they are announced in his queue, and honest. */
  place({ itemId, queueId }: QueueStay, language: string, always = false): string[] {
    const { announcements } = this.#o.settings(queueId);
    const { forecast } = this.#o;
    const phrases = phrasesIn(language);
    const position = always || announcements.position ? forecast.position(itemId) : undefined;
    const estimate = always || announcements.wait ? forecast.estimate(itemId) : undefined;
    return [
      ...(position === undefined ? [] : [phrases.position(position)]),
      ...(estimate?.honest ? [phrases.wait(minutesOf(estimate.ms))] : []),
    ];
  }

  async #pressed(ear: CallerEar, key: string): Promise<void> {
    const found = this.#stayOf(ear);
    if (!found) return;
    const { conversation, call, stay } = found;
    const { callback, voicemail } = this.#o.settings(stay.queueId);
    if (key === voicemail.key) return this.#o.toVoicemail(conversation, stay);
    if (key !== callback.key) return;
    const number = await askForNumber(ear, {
      from: call.direction === 'inbound' ? call.ani : call.dnis,
      otherNumber: callback.otherNumber,
      language: languageOf(conversation),
      callable: (typed) => this.#o.callable(typed, call.platformId),
    });
    // An agent may have accepted him meanwhile: then he is there, and needs no callback.
    if (number && !ear.closed && this.#stayOf(ear)) this.#o.callBack(conversation, stay, number);
  }

  #stayOf(ear: CallerEar): { conversation: Conversation; call: Call; stay: QueueStay } | undefined {
    const conversation = this.#o.conversations.get(ear.conversationId);
    const call = conversation?.calls.get(ear.callId);
    const stay =
      conversation &&
      [...conversation.queueStays.values()].findLast(
        (one) => one.callId === ear.callId && one.leftAt === undefined,
      );
    return conversation && call && stay ? { conversation, call, stay } : undefined;
  }

  #run(what: string, ids: Record<string, string>, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isOver(error)) this.#o.onError(what, error, ids);
    });
  }
}

/** Rounded up, as people would rather be surprised by a short wait; 0 for less than one. */
function minutesOf(ms: number): number {
  return ms < 60_000 ? 0 : Math.ceil(ms / 60_000);
}
