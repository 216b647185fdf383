/** Speech: which engine hears callers, whose voices speak, and how to try them. Bodies of `/api/speech`. */
import { z } from 'zod';

const text = (max: number) => z.string().trim().max(max, `at most ${max} characters`);
const address = text(300).refine((url) => url === '' || /^https?:\/\/[^\s@]+$/.test(url), {
  message: 'an address that begins with http:// or https://, without a password in it',
});
const timeout = (ms: number) =>
  z.number().int().min(1_000, 'at least 1 second').max(60_000, 'at most 60 seconds').default(ms);

/** A language tag (BCP 47) such as `en` or `pt-BR`. */
export const SpeechLanguage = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/, 'a language tag such as en or pt-BR');

const settings = {
  /** `offline`: PocketSphinx on this machine, English. `http`: a server with OpenAI's transcription API. `off`: keypad only. */
  hearing: z.enum(['offline', 'http', 'off']).default('offline'),
  /** Up to and without `/audio/transcriptions`. */
  hearingUrl: address.default(''),
  hearingModel: text(100).default('whisper-1'),
  hearingTimeoutMs: timeout(8_000),
  /** `offline`: Flite for English, eSpeak NG for other languages. `http`: a server with OpenAI's speech API. */
  speaking: z.enum(['offline', 'http']).default('offline'),
  /** Up to and without `/audio/speech`. */
  speakingUrl: address.default(''),
  speakingModel: text(100).default('tts-1'),
  speakingVoice: text(100).default('alloy'),
  speakingTimeoutMs: timeout(15_000),
  /** Of eSpeak NG. */
  wordsPerMinute: z.number().int().min(80, 'at least 80').max(300, 'at most 300').default(150),
};

function needsAddress(
  { hearing, hearingUrl, speaking, speakingUrl }: z.output<z.ZodObject<typeof settings>>,
  context: z.RefinementCtx,
): void {
  const message = 'the address of the engine is needed';
  if (hearing === 'http' && hearingUrl === '')
    context.addIssue({ code: 'custom', path: ['hearingUrl'], message });
  if (speaking === 'http' && speakingUrl === '')
    context.addIssue({ code: 'custom', path: ['speakingUrl'], message });
}

export const SpeechSettings = z.object(settings).superRefine(needsAddress);
export type SpeechSettings = z.infer<typeof SpeechSettings>;

/** Keys of the engines: left out they stay as they are, empty they go. */
export const SpeechInput = z
  .object({
    ...settings,
    hearingSecret: z.string().max(500, 'at most 500 characters').optional(),
    speakingSecret: z.string().max(500, 'at most 500 characters').optional(),
  })
  .superRefine(needsAddress);
export type SpeechInput = z.infer<typeof SpeechInput>;

export const SpeechView = z.object({
  ...settings,
  /** There is a key; nobody is shown it. */
  hearingSecretSet: z.boolean(),
  speakingSecretSet: z.boolean(),
});
export type SpeechView = z.infer<typeof SpeechView>;

export const SpeechState = z.object({
  settings: SpeechView,
  /** The offline engines on this machine. */
  offline: z.object({
    /** Such as `5.1.1`; null: they are not here. */
    version: z.string().nullable(),
    /** A fetch goes on. */
    fetching: z.object({ text: z.string(), percent: z.number() }).nullable(),
    /** Why the last fetch failed. */
    failure: z.string().nullable(),
  }),
  /** Why callers who speak English are not heard now; null: they are. */
  problem: z.string().nullable(),
});
export type SpeechState = z.infer<typeof SpeechState>;

export const SpeechExpectation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('yes-no') }),
  z.object({
    kind: z.literal('digits'),
    min: z.number().int().min(1).max(30),
    max: z.number().int().min(1).max(30),
  }),
  z.object({
    kind: z.literal('choices'),
    choices: z
      .array(z.object({ name: z.string().max(40), phrases: z.array(z.string().max(80)).min(1).max(50) }))
      .min(1)
      .max(50),
  }),
]);

/** Something to listen to: a WAV file, 16 bits, mono, any usual rate, half a minute at most. */
export const SpeechTry = z.object({
  wav: z.string().max(4_200_000, 'at most 3 MB').describe('The file, base64'),
  language: SpeechLanguage.default('en'),
  expected: SpeechExpectation,
});

export const SpeechTried = z.object({
  /** What the engine wrote down, the best first. */
  heard: z.array(z.object({ text: z.string(), confidence: z.number().optional() })),
  /** What that means: the digits, `yes` or `no`, a choice's name; null: nothing of it. */
  value: z.string().nullable(),
  /** Several that fit equally. */
  ambiguous: z.array(z.string()),
  engine: z.string(),
  tookMs: z.number(),
});
export type SpeechTried = z.infer<typeof SpeechTried>;

export const SpeechSay = z.object({
  text: text(500).min(1, 'this is needed'),
  language: SpeechLanguage.default('en'),
});

/** An 8 kHz mono WAV file, base64. */
export const SpeechSaid = z.object({ wav: z.string() });
export type SpeechSaid = z.infer<typeof SpeechSaid>;
