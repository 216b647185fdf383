import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CodedError, ERROR_CODES, type ErrorCode, isTooLate } from './errors.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([\w-]+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, code = '', status = '', sentence = '', todo = '']) => ({
    code: code as ErrorCode,
    status,
    sentence,
    todo,
  }),
);

/** Data that puts every placeholder of the sentence back in its own place. */
const placeholders = (sentence: string) =>
  Object.fromEntries([...sentence.matchAll(/\{(\w+)\}/g)].map(([whole, name = '']) => [name, whole]));

describe('docs/errors.md', () => {
  it('lists every code of the catalogue, in its order, and no other', () => {
    expect(rows.map((row) => row.code)).toEqual(ERROR_CODES);
  });

  it.each(rows)(
    'has the status and the sentence of $code, and says what to do',
    ({ code, status, sentence, todo }) => {
      const error = new CodedError(code, placeholders(sentence));
      expect({ status: error.status, sentence: error.message }).toEqual({ status: Number(status), sentence });
      expect(todo.length).toBeGreaterThan(10);
    },
  );
});

describe('the catalogue', () => {
  const src = fileURLToPath(new URL('..', import.meta.url));
  const code = readdirSync(src, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\.test\.|protocol\/errors\.ts$/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

  it('has no code that nothing uses', () => {
    expect(ERROR_CODES.filter((each) => !code.includes(`'${each}'`))).toEqual([]);
  });
});

describe('a coded error', () => {
  it('fills its sentence from its data', () => {
    const error = new CodedError('port-taken', { port: 8080, host: '127.0.0.1', setting: 'CROSSPOINT_PORT' });
    expect(error.message).toBe(
      'Port 8080 of 127.0.0.1 is taken by another program. Stop it, or set CROSSPOINT_PORT to another port.',
    );
  });

  it('takes data as it is, even where it looks like a placeholder or a pattern', () => {
    expect(new CodedError('bad-input', { detail: '{code} $& $1' }).message).toBe(
      'The request is not valid: {code} $& $1',
    );
  });

  it('goes over the wire as code, sentence and data', () => {
    expect(new CodedError('wrong-state', { state: 'held' }).toBody()).toEqual({
      code: 'wrong-state',
      message: 'This cannot be done while the call is held.',
      data: { state: 'held' },
    });
  });

  it.each(ERROR_CODES)('says a whole sentence for %s, with an error status', (code) => {
    const error = new CodedError(code);
    expect(error.message).toMatch(/^[A-Z ].*/);
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.status).toBeLessThan(600);
    expect(error.message).not.toMatch(/[{}]/);
  });

  it('is too late when the call or the offer is gone, and for nothing else', () => {
    const late = ERROR_CODES.filter((code) => isTooLate(new CodedError(code)));
    expect(late.sort()).toEqual(['no-such-line', 'offer-gone']);
    expect(isTooLate(new Error('no-such-line'))).toBe(false);
  });
});

describe('a CodedError', () => {
  it('is one across copies of the module: a connector brings its own', async () => {
    const copy = './errors.ts?copy';
    const other = (await import(/* @vite-ignore */ copy)) as { CodedError: typeof CodedError };
    expect(other.CodedError).not.toBe(CodedError);
    expect(new other.CodedError('no-such-line')).toBeInstanceOf(CodedError);
    expect(isTooLate(new other.CodedError('no-such-line'))).toBe(true);
    for (const none of [new Error('no-such-line'), { code: 'no-such-line' }, null])
      expect(none instanceof CodedError).toBe(false);
  });
});
