import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { gatherWrites } from './gather-writes.ts';

function recorder(): { stream: Writable; sent: string[] } {
  const sent: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      sent.push(chunk);
      done();
    },
    writev(chunks, done) {
      sent.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  return { stream, sent };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('sends what one turn of the event loop writes at once, whoever corks it meanwhile', async () => {
  const { stream, sent } = recorder();
  gatherWrites(stream);
  stream.write('a');
  stream.cork();
  stream.write('b');
  stream.uncork();
  await Promise.resolve();
  stream.write('c');
  expect(sent).toEqual([]);
  await turn();
  expect(sent).toEqual(['abc']);
  stream.write('d');
  await turn();
  expect(sent).toEqual(['abc', 'd']);
});

it('keeps nothing back when the stream ends in the same turn', async () => {
  const { stream, sent } = recorder();
  gatherWrites(stream);
  stream.write('a');
  const told = new Promise((resolve) => stream.write('b', resolve));
  await new Promise<void>((resolve) => stream.end(resolve));
  await told;
  expect(sent.join('')).toBe('ab');
  await turn();
});
