import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../protocol/errors.ts';
import { type CsvDialect, delimiterOf, readCsv, type ReadCsvOptions } from './read-csv.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size = 1, options: ReadCsvOptions = {}) {
  const dialect: Partial<CsvDialect> = {};
  const rows: string[][] = [];
  for await (const row of readCsv(inPieces(bytes, size), dialect, options)) rows.push(row);
  return { ...dialect, rows };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof CodedError ? error.message : 'it was not refused';
}

describe('the characters of a file, however it is cut into pieces', () => {
  const TEXT = 'name,city\nJörg,Zürich\n';
  const ROWS = [
    ['name', 'city'],
    ['Jörg', 'Zürich'],
  ];
  const bigEndian = Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16();

  it.each<[string, Buffer]>([
    ['utf-8', Buffer.from(TEXT)],
    ['utf-8', Buffer.from(`\ufeff${TEXT}`)],
    ['utf-16le', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['utf-16be', bigEndian],
    ['windows-1252', Buffer.from(TEXT, 'latin1')],
  ])('%s', async (encoding, bytes) => {
    for (const size of [1, 2, 3, 7, 1_000]) {
      expect(await read(bytes, size)).toEqual({ encoding, delimiter: ',', rows: ROWS });
    }
  });

  it('are what they are said to be', async () => {
    const { rows } = await read(Buffer.from(TEXT), 5, { encoding: 'windows-1252' });
    expect(rows[1]).toEqual(['JÃ¶rg', 'ZÃ¼rich']);
  });

  it('are refused when they are UTF-8 in one place and not in another', async () => {
    const mixed = Buffer.concat([Buffer.from('é,x\n'), Buffer.from([0xe9, 0x41])]);
    expect(await refusal(read(mixed, 3))).toContain('not UTF-8');
  });
});

describe('rows', () => {
  it('have quoted line breaks and delimiters, stray quotation marks, and no empty lines', async () => {
    const { rows } = await read(Buffer.from('a;b\r\n\r\n"x\ny";"1;5"\r\n;\r\n"x"y;3" pipe'), 4);
    expect(rows).toEqual([
      ['a', 'b'],
      ['x\ny', '1;5'],
      ['"x"y', '3" pipe'],
    ]);
  });

  it.each([
    ['a,b\n"open,1\n2,3\n', 'cannot be read as CSV'],
    [`a,b\n"${'x'.repeat(300_000)}`, 'a quotation mark may be missing'],
  ])('that do not end are refused', async (text, detail) => {
    expect(await refusal(read(Buffer.from(text), 50_000))).toContain(detail);
  });

  it('end where the file is too large', async () => {
    const big = Buffer.alloc(3 * 1024 * 1024, 'x,y\n');
    expect(await refusal(read(big, 65_536, { maxBytes: 1024 * 1024 }))).toContain('1 MB');
  });
});

it.each([
  ['a,b,c\n1,2,3', ','],
  ['a;b\n1,5;2,5\n3,5;4,5', ';'],
  ['a\tb\n1\t2', '\t'],
  ['"a,b"|c\n"1,2,3"|4', '|'],
  ['only\none', ','],
  ['', ','],
])('of %j the delimiter is %j', (sample, delimiter) => {
  expect(delimiterOf(sample)).toBe(delimiter);
});
