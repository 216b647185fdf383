import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/clock.ts';
import { parseAddress } from '../../../protocol/address.ts';
import type { Heard } from '../../speech/hear.ts';
import { understand } from '../../speech/understand.ts';
import type { FlowServices } from '../node.ts';
import { LiveTalk, type Listening } from '../talk.ts';
import { speech } from './speech.ts';

const CHOICES = [
  { words: 'sales, new order', key: '1', exit: 'sales' },
  { words: 'support', key: '2', exit: 'help' },
];

/** A caller whose answers are written down; each is what he says, or a key, or what the engine makes of him. */
function caller(answers: readonly (string | Heard | undefined)[]) {
  const clock = new VirtualClock();
  const said: string[] = [];
  const asked: Listening[] = [];
  const data: Record<string, string> = {};
  const next = [...answers];
  const talk: LiveTalk = new LiveTalk({
    clock,
    services: {} as FlowServices,
    languages: ['en', 'de'],
    recordingFile: () => Promise.resolve(undefined),
    line: {
      conversationId: 'c',
      callId: 'c',
      ani: parseAddress('100', 'GB'),
      dnis: parseAddress('200', 'GB'),
      startedAt: clock.now(),
      play: (media) => {
        said.push(...media.map((one) => (one.kind === 'text' ? one.text : one.kind)));
        return Promise.resolve();
      },
      hush: () => Promise.resolve(),
      listen: (question) => {
        asked.push(question);
        const answer = next.shift();
        if (answer?.toString().startsWith('key ')) {
          const pressed = new Promise<never>((_, reject) =>
            question.signal.addEventListener('abort', () => reject(question.signal.reason as Error)),
          );
          for (const key of (answer as string).slice(4)) talk.press(key);
          return pressed;
        }
        return Promise.resolve(
          typeof answer === 'string'
            ? understand([{ text: answer }], question.expected, question.language)
            : answer,
        );
      },
      get: (key) => data[key],
      set: (values) => void Object.assign(data, values),
      rungInVain: () => false,
    },
  });
  return { clock, said, asked, data, talk };
}

const PROMPTS = { prompt: { en: { text: 'Which?' } }, again: { en: { text: 'Pardon?' } } };

function run(settings: object, answers: readonly (string | Heard | undefined)[]) {
  const party = caller(answers);
  const outcome = speech.run(speech.settings.parse({ ...PROMPTS, ...settings }), party.talk);
  return { ...party, outcome };
}

describe('words', () => {
  it('lead to their exit, however they are said', async () => {
    const { outcome, asked } = run({ choices: CHOICES }, ['a new order, please']);
    expect(await outcome).toMatchObject({ exit: 'sales' });
    expect(asked[0]).toMatchObject({ language: 'en', silenceMs: 6_000 });
  });

  it('that are not understood are asked for again, and not for ever', async () => {
    const { outcome, said } = run({ choices: CHOICES, tries: 2, into: 'topic' }, [
      'bananas',
      'sales or support',
    ]);
    expect(await outcome).toEqual({ exit: 'failed' });
    expect(said).toEqual(['Which?', 'Pardon?', 'Which?']);
  });

  it('are kept where it is wanted', async () => {
    const { outcome, data } = run({ choices: CHOICES, into: 'topic' }, [{ kind: 'silence' }, 'support']);
    expect(await outcome).toMatchObject({ exit: 'help' });
    expect(data).toEqual({ topic: 'help' });
  });
});

describe('keys', () => {
  it('win over speech at once', async () => {
    expect(await run({ choices: CHOICES }, ['key 2']).outcome).toMatchObject({ exit: 'help' });
    expect(await run({ expects: 'yes-no' }, ['key 2']).outcome).toMatchObject({
      exit: 'no',
      otherwise: 'failed',
    });
  });

  it('that mean nothing are asked for again', async () => {
    expect(await run({ choices: CHOICES }, ['key 9', 'key 1']).outcome).toMatchObject({ exit: 'sales' });
  });

  it('are digits up to #', async () => {
    const { outcome, data } = run({ expects: 'digits', min: 3, max: 8, into: 'account' }, ['key 4072#']);
    expect(await outcome).toMatchObject({ exit: 'digits' });
    expect(data).toEqual({ account: '4072' });
  });

  it('remain where nobody hears him', async () => {
    const party = run({ choices: CHOICES, timeout: 5 }, [undefined]);
    await party.clock.advance(3_000);
    party.talk.press('1');
    expect(await party.outcome).toMatchObject({ exit: 'sales' });
  });

  it('that nobody presses either end it', async () => {
    const party = run({ choices: CHOICES, timeout: 5, tries: 1 }, [undefined]);
    await party.clock.advance(5_000);
    expect(await party.outcome).toEqual({ exit: 'failed' });
    expect(party.clock.pending).toBe(0);
  });
});

it('digits and yes or no are understood in the language of the dialogue', async () => {
  const digits = run({ expects: 'digits', min: 4, max: 4 }, ['vier null', 'four oh double two']);
  expect(await digits.outcome).toMatchObject({ exit: 'digits' });
  const party = caller(['ja, genau']);
  party.talk.set({ language: 'de' });
  const outcome = await speech.run(speech.settings.parse({ ...PROMPTS, expects: 'yes-no' }), party.talk);
  expect(outcome).toMatchObject({ exit: 'yes' });
});

describe('settings', () => {
  it.each([
    [{ ...PROMPTS }, 'one at least'],
    [{ ...PROMPTS, choices: [CHOICES[0], { ...CHOICES[1], key: '1' }] }, 'a key stands in two entries'],
    [{ ...PROMPTS, choices: [CHOICES[0], { ...CHOICES[1], words: 'Sales' }] }, 'the same words'],
    [{ ...PROMPTS, expects: 'digits', min: 5, max: 2 }, 'not less than at least'],
    [{ choices: CHOICES }, 'prompt'],
  ])('%# are refused', (settings, said) => {
    expect(JSON.stringify(speech.settings.safeParse(settings).error?.issues)).toContain(said);
  });

  it('are a form', () => {
    const { info } = speech;
    expect(info.fields.map(({ name }) => name)).toContain('into');
    expect(info.fields.find(({ name }) => name === 'choices')?.columns?.map(({ name }) => name)).toEqual([
      'words',
      'key',
      'exit',
    ]);
  });
});
