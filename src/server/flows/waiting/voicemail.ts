/**
 * Lets a caller leave a message.
 *
 *     led here ─► greeting ─► tone ─► recorded ─┬─ key #, silence, longest time ─► thanked ─► hung up
 *                                               └─ he hangs up ─► that was it
 *
 * The recording is the journal's: after a restart one that goes on is listened to until its end, and who had not heard the tone
 * hears the greeting again.
 */
import type { Clock } from '../../../lib/clock.ts';
import type { VoicemailBox, VoicemailSettings } from '../../../protocol/waiting.ts';
import type { Conversations } from '../../telephony/conversations.ts';
import { customerLeg, type RecordingOfLeg } from '../../telephony/model.ts';
import type { AudioTap } from '../../telephony/ports.ts';
import { type CallerEar, type Ears, isOver } from './ears.ts';
import { languageOf, phrasesIn, speech, textIn } from './phrases.ts';

/** Records what a caller says. */
export interface MessageRecorder {
  /** Resolves when it is being recorded: `recording.started` stands in the journal. @throws CodedError `not-capable`. */
  begin(conversationId: string, callId: string, box: VoicemailBox): Promise<void>;
  end(conversationId: string, recording: RecordingOfLeg): Promise<void>;
}

export interface VoicemailOptions {
  conversations: Conversations;
  clock: Clock;
  ears: Ears;
  calls: {
    answerCaller(conversationId: string, callId: string): Promise<void>;
    hangupCaller(conversationId: string, callId: string): Promise<void>;
    /** What he says. @throws CodedError `not-capable` where the switch cannot give it. */
    tapCaller(conversationId: string, callId: string): Promise<AudioTap>;
  };
  recorder: MessageRecorder;
  settings(box: VoicemailBox): VoicemailSettings;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

/** Loudness (mean of the samples' absolute values, 16 bit) below which a frame counts as silence: a quiet telephone line has some 20. */
const SILENT = 150;

export class VoicemailDialogue {
  readonly #o: VoicemailOptions;

  constructor(options: VoicemailOptions) {
    this.#o = options;
  }

  /** Resolves when he has been hung up, or has hung up. Rejects when nothing can be recorded. */
  async take(conversationId: string, callId: string, box: VoicemailBox): Promise<void> {
    const conversation = this.#o.conversations.get(conversationId);
    const leg = conversation && customerLeg(conversation, callId);
    if (!leg) return;
    const { ears, calls, recorder } = this.#o;
    const language = languageOf(conversation);
    const settings = this.#o.settings(box);
    const ear = ears.open(conversationId, callId);
    if (leg.connectedAt === undefined) await calls.answerCaller(conversationId, callId);
    if (!this.#running(ear)) {
      const greeting = textIn(settings.greeting, language) ?? phrasesIn(language).leaveMessage;
      await ear.say(speech([greeting], language));
      await ear.key(0); // a key cuts the greeting short
      await ear.say([{ kind: 'sound', name: 'beep' }]);
      if (ear.closed) return;
      await recorder.begin(conversationId, callId, box);
    }
    await this.#listen(ear, settings);
    if (ear.closed) return;
    await ear.say(speech([phrasesIn(language).messageNoted], language));
    await calls.hangupCaller(conversationId, callId);
  }

  /** Until he has finished. */
  async #listen(ear: CallerEar, { maxMs, silenceMs }: VoicemailSettings): Promise<void> {
    const recording = this.#running(ear);
    if (!recording) return;
    const left = recording.startedAt + maxMs - this.#o.clock.now();
    const stop = silenceMs === 0 ? () => {} : await this.#onSilence(ear, silenceMs, () => ear.press('#'));
    try {
      const end = this.#o.clock.now() + Math.max(0, left);
      for (let key = await ear.key(left); key !== undefined && key !== '#'; )
        key = await ear.key(Math.max(0, end - this.#o.clock.now()));
    } finally {
      stop();
    }
    await this.#o.recorder.end(ear.conversationId, recording);
  }

  /** Calls `silent` once, when he has said nothing for so long. @returns what ends it. */
  async #onSilence(ear: CallerEar, ms: number, silent: () => void): Promise<() => void> {
    const { clock, calls } = this.#o;
    const ids = { conversationId: ear.conversationId, callId: ear.callId };
    let cancel = clock.after(ms, silent);
    try {
      const tap = await calls.tapCaller(ear.conversationId, ear.callId);
      const unheard = tap.events.on('frame', (pcm) => {
        if (loudness(pcm) < SILENT) return;
        cancel();
        cancel = clock.after(ms, silent);
      });
      return () => {
        cancel();
        unheard();
        tap.close().catch((error: unknown) => this.#o.onError('let go of a caller’s sound', error, ids));
      };
    } catch (error) {
      // Without his sound, silence cannot be told from talking: the longest time ends the message.
      cancel();
      if (!isOver(error)) this.#o.onError('hear whether a caller is silent', error, ids);
      return () => {};
    }
  }

  #running({ conversationId, callId }: CallerEar): RecordingOfLeg | undefined {
    return [...(this.#o.conversations.get(conversationId)?.recordings.values() ?? [])].find(
      (one) => one.why === 'voicemail' && one.callId === callId && one.stoppedAt === undefined,
    );
  }
}

/** Mean of the absolute values of 16-bit little-endian samples. */
export function loudness(pcm: Uint8Array): number {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength - (pcm.byteLength % 2));
  let sum = 0;
  for (let at = 0; at < view.byteLength; at += 2) sum += Math.abs(view.getInt16(at, true));
  return view.byteLength === 0 ? 0 : sum / (view.byteLength / 2);
}
