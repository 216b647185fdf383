import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../../lib/clock.ts';
import { toWideBand } from './band.ts';
import { grammarOf } from './grammar.ts';
import { HttpRecogniser } from './http-recogniser.ts';
import { type LocalPrograms, Pocketsphinx } from './pocketsphinx.ts';
import type { Expectation, RecognitionRequest } from './ports.ts';
import { arpabet, Dictionary } from './pronunciation.ts';
import { loudness } from './endpointer.ts';
import { tone } from './sound.fixture.ts';
import { Turns } from './turns.ts';

async function* spoken(): AsyncGenerator<Uint8Array> {
  yield tone(300, 3_000);
  yield tone(300, 3_000);
}

const MENU: Expectation = {
  kind: 'choices',
  choices: [
    { name: 'sales', phrases: ['Sales', 'new order'] },
    { name: 'krosspoint', phrases: ['Krosspoint', 'line 2'] },
    { name: 'nowhere', phrases: ['東京'] },
  ],
};

function request(more: Partial<RecognitionRequest> = {}): RecognitionRequest {
  return { audio: spoken(), expected: MENU, language: 'en', deadlineMs: 2_000, ...more };
}

describe('what PocketSphinx listens for', () => {
  it('a path of words for each phrase that can be spoken', () => {
    const { words, text } = grammarOf(MENU, (word) => /^[a-z]+$/.test(word) && word !== 'krosspoint');
    expect(words).toEqual(['sales', 'new', 'order', 'line', 'two']);
    expect(text).toMatch(/^TRANSITION 0 1 0\.3333\d* sales$/m);
    expect(text).not.toContain('krosspoint');
  });

  it('digits in their number: a doubled one is two', () => {
    const { words, text } = grammarOf({ kind: 'digits', min: 2, max: 3 }, () => true);
    expect(words).toContain('double');
    expect(text).toContain('FINAL_STATE 3');
    expect(text).toContain('TRANSITION 2 3 1.000000\n'); // two are enough
    expect(text).not.toMatch(/TRANSITION 1 3 1.000000\n/);
    const lengths = grammarOf({ kind: 'digits', min: 20, max: 30 }, () => true).text.split('\n').length;
    expect(lengths).toBeLessThan(1_200);
  });
});

describe('how words sound', () => {
  it('is read in the dictionary, with its variants', () => {
    const dictionary = new Dictionary(Buffer.from('a AH\na(2) EY\nab AE B\nzero Z IH R OW\n'));
    expect(dictionary.lines('a')).toEqual(['a AH', 'a(2) EY']);
    expect(dictionary.lines('zero')).toEqual(['zero Z IH R OW']);
    expect(dictionary.lines('b')).toEqual([]);
  });

  it('or made of what eSpeak says', () => {
    expect(arpabet('kɹˈɔspɔɪnt\n')).toBe('K R AO S P OY N T');
    expect(arpabet('tʃˈɑːɹli')).toBe('CH AA R L IY');
    expect(arpabet('œ')).toBeUndefined();
    expect(arpabet('')).toBeUndefined();
  });
});

it('telephone audio at twice the rate is as loud, and as long', () => {
  const narrow = tone(200, 8_000);
  const wide = toWideBand(narrow);
  expect(wide.length).toBe(2 * narrow.length);
  expect(loudness(wide)).toBeCloseTo(loudness(narrow), 0);
});

describe('PocketSphinx', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'crosspoint-speech-'));
    await writeFile(
      join(dir, 'words.dict'),
      'line L AY N\nnew N UW\norder AO R D ER\nsales S EY L Z\ntwo T UW\n',
    );
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const SAID = '{"t":"sales(2)","w":[{"t":"<sil>","p":1,"d":1},{"t":"sales","p":0.8,"d":0.4}]}';

  function engine(answer: (name: string, args: readonly string[]) => Promise<string> | string, ready = true) {
    const runs: { name: string; args: readonly string[]; bytes: number }[] = [];
    const programs: LocalPrograms = {
      ready,
      model: { acoustic: '/model', dictionary: join(dir, 'words.dict') },
      async run(name, args, options = {}) {
        runs.push({ name, args, bytes: options.input?.length ?? 0 });
        if (name === 'espeak-ng') return Buffer.from('kɹˈɔspɔɪnt');
        const aborted = new Promise<never>((_, reject) =>
          options.signal?.addEventListener('abort', () => reject(new Error('ended'))),
        );
        return Buffer.from(await Promise.race([answer(name, args), aborted]));
      },
    };
    const clock = new VirtualClock();
    return {
      runs,
      clock,
      sphinx: new Pocketsphinx({ programs, dir: join(dir, 'grammars'), atOnce: 1, clock }),
    };
  }

  it('gets the utterance, the words and their sounds, and says what it heard', async () => {
    const { sphinx, runs } = engine(() => SAID);
    expect(await sphinx.recognise(request())).toEqual([{ text: 'sales', confidence: 0.8 }]);
    await sphinx.recognise(request());
    const [guess, run, again] = runs;
    expect(guess).toMatchObject({ name: 'espeak-ng', args: ['-v', 'en-us', '-q', '--ipa', 'krosspoint'] });
    expect(run).toMatchObject({ name: 'pocketsphinx', bytes: 64 + 2 * 16 * 600 });
    expect(again?.name).toBe('pocketsphinx'); // what it listens for is made once
    const dictionary = await readFile(run?.args[(run?.args.indexOf('-dict') ?? 0) + 1] ?? '', 'utf8');
    expect(dictionary).toContain('krosspoint K R AO S P OY N T');
    expect(dictionary).not.toContain('東京');
  });

  it('that hears nothing says nothing', async () => {
    const { sphinx } = engine(() => '{"t":"","w":[]}');
    expect(await sphinx.recognise(request())).toEqual([]);
  });

  it('is not there, or knows no such language', async () => {
    const { sphinx } = engine(() => SAID, false);
    await expect(sphinx.recognise(request())).rejects.toMatchObject({ code: 'speech-unavailable' });
    expect(engine(() => SAID).sphinx.missing('de')).toContain('English only');
    expect(engine(() => SAID).sphinx.missing('en-GB')).toBeUndefined();
  });

  it('is ended when it is late, when nobody waits any more, and at the end', async () => {
    const late = engine(() => new Promise(() => {}));
    const one = late.sphinx.recognise(request());
    one.catch(() => undefined);
    await expect.poll(() => late.runs.length).toBeGreaterThan(1);
    await late.clock.advance(2_000);
    await expect(one).rejects.toMatchObject({ code: 'timeout' });
    expect(late.clock.pending).toBe(0);

    const gone = new AbortController();
    const two = late.sphinx.recognise(request({ signal: gone.signal }));
    gone.abort(new Error('hung up'));
    await expect(two).rejects.toThrow('hung up');

    const three = late.sphinx.recognise(request());
    three.catch(() => undefined);
    await late.sphinx.close();
    await expect(three).rejects.toMatchObject({ code: 'draining' });
  });

  it('that fails says so', async () => {
    const { sphinx } = engine(() => Promise.reject(new Error('ended with 1')));
    await expect(sphinx.recognise(request())).rejects.toMatchObject({ code: 'speech-unavailable' });
  });
});

describe('turns', () => {
  it('are taken in order, few at once, and refused beyond', async () => {
    const turns = new Turns(1, 'too much');
    const never = new AbortController().signal;
    const done: number[] = [];
    const work = [1, 2, 3].map((n) =>
      turns.run(never, async () => {
        await Promise.resolve();
        done.push(n);
      }),
    );
    await Promise.all(work);
    expect(done).toEqual([1, 2, 3]);

    let finish = () => {};
    const first = turns.run(never, () => new Promise<void>((resolve) => (finish = resolve)));
    const gone = new AbortController();
    const waiting = Array.from({ length: 8 }, () => turns.run(gone.signal, async () => done.push(0)));
    const refused = Promise.allSettled(waiting);
    await expect(turns.run(never, async () => 0)).rejects.toMatchObject({ code: 'speech-unavailable' });
    gone.abort();
    expect((await refused).map(({ status }) => status)).not.toContain('fulfilled');
    finish();
    await first;
    await turns.idle();
    expect(await turns.run(never, async () => 'free')).toBe('free');
  });
});

describe('an engine that is reached by HTTP', () => {
  let server: Server;
  let answer: { status: number; body: string } | 'nothing';
  let asked: { url?: string; authorization?: string; form: FormData } | undefined;

  beforeEach(async () => {
    answer = { status: 200, body: '{"text":" Sales, please. "}' };
    asked = undefined;
    server = createServer((incoming, response) => {
      void formOf(incoming).then((form) => {
        asked = { url: incoming.url, authorization: incoming.headers.authorization, form };
        if (answer !== 'nothing') response.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  function recogniser(more = {}): HttpRecogniser {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v1/`;
    return new HttpRecogniser({
      url,
      key: 'k3y',
      model: 'whisper-1',
      timeoutMs: 2_000,
      clock: realClock,
      ...more,
    });
  }

  it('is asked as its documentation says', async () => {
    expect(await recogniser().recognise(request({ language: 'pt-BR' }))).toEqual([
      { text: 'Sales, please.' },
    ]);
    expect(asked).toMatchObject({ url: '/v1/audio/transcriptions', authorization: 'Bearer k3y' });
    const form = asked?.form;
    expect(form?.get('model')).toBe('whisper-1');
    expect(form?.get('language')).toBe('pt');
    expect(form?.get('response_format')).toBe('json');
    expect(form?.get('prompt')).toContain('new order');
    const file = form?.get('file') as File;
    expect(file.name).toBe('caller.wav');
    expect(file.size).toBe(44 + 16 * 600);
  });

  it('may need no key', async () => {
    await recogniser({ key: undefined }).recognise(request());
    expect(asked?.authorization).toBeUndefined();
  });

  it.each([
    [{ status: 401, body: '{"error":{"message":"Incorrect API key"}}' }, /401: Incorrect API key/],
    [{ status: 500, body: 'oops' }, /answers 500/],
    [{ status: 200, body: '<html>' }, /is its address right/],
    [{ status: 200, body: JSON.stringify({ text: 'x'.repeat(70_000) }) }, /more than 64000/],
  ])('that answers %j is unavailable', async (wrong, said) => {
    answer = wrong;
    const failing = recogniser().recognise(request());
    await expect(failing).rejects.toMatchObject({ code: 'speech-unavailable' });
    await expect(failing).rejects.toThrow(said);
    await expect(failing).rejects.not.toThrow('k3y');
  });

  it('that is not there is unavailable, one that is silent late', async () => {
    await expect(recogniser({ url: 'http://127.0.0.1:1/v1' }).recognise(request())).rejects.toThrow(
      /cannot be reached/,
    );
    answer = 'nothing';
    const clock = new VirtualClock();
    const late = recogniser({ clock }).recognise(request());
    late.catch(() => undefined);
    await expect.poll(() => asked).toBeDefined();
    await clock.advance(2_000);
    await expect(late).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is left when the caller has pressed a key', async () => {
    answer = 'nothing';
    const key = new AbortController();
    const waiting = recogniser().recognise(request({ signal: key.signal }));
    waiting.catch(() => undefined);
    await expect.poll(() => asked).toBeDefined();
    key.abort(new Error('key'));
    await expect(waiting).rejects.toThrow('key');
  });
});

async function formOf(incoming: IncomingMessage): Promise<FormData> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return await new Response(Buffer.concat(pieces), {
    headers: { 'content-type': incoming.headers['content-type'] ?? '' },
  }).formData();
}
