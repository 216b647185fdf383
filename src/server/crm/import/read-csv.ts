/** A CSV file (RFC 4180, and as spreadsheets write it) as rows, piece by piece: only a few rows are ever in memory. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Parser, parse } from 'csv-parse';
import { CodedError } from '../../../protocol/errors.ts';
import { DELIMITERS, type Encoding } from '../../../protocol/imports.ts';
import { TextOf } from './decode.ts';

export interface ReadCsvOptions {
  /** Bytes at most: 200 MB by default. */
  maxBytes?: number;
  delimiter?: string;
  encoding?: Encoding;
}

/** How the file was read; complete when its last row has been. */
export interface CsvDialect {
  encoding: Encoding;
  delimiter: string;
}

const MAX_BYTES = 200 * 1024 * 1024;
/** The delimiter is chosen by this many characters. */
const SAMPLE_LENGTH = 64 * 1024;
const MAX_ROW_LENGTH = 256 * 1024;

/** Yields each row that is not empty, the first one too; `dialect` is filled in meanwhile. */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  dialect: Partial<CsvDialect>,
  options: ReadCsvOptions = {},
): AsyncGenerator<string[], void, undefined> {
  const pieces = piecesOf(source, dialect, options);
  const sample: string[] = [];
  for (let length = 0; length < SAMPLE_LENGTH; ) {
    const piece = await pieces.next();
    if (piece.done) break;
    sample.push(piece.value);
    length += piece.value.length;
  }
  dialect.delimiter = options.delimiter ?? delimiterOf(sample.join(''));
  const parser = parserFor(dialect.delimiter);
  const reading = pipeline(Readable.from(joined(sample, pieces)), parser);
  // Its error comes out of the parser too.
  reading.catch(() => undefined);
  try {
    for await (const row of parser as AsyncIterable<string[]>) yield row.map((cell) => cell.trim());
  } catch (error) {
    throw coded(error);
  }
}

async function* joined(first: readonly string[], rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield* first;
  yield* rest;
}

async function* piecesOf(
  source: AsyncIterable<Uint8Array>,
  dialect: Partial<CsvDialect>,
  { encoding, maxBytes = MAX_BYTES }: ReadCsvOptions,
): AsyncGenerator<string, void, undefined> {
  const text = new TextOf(encoding);
  let read = 0;
  for await (const bytes of source) {
    read += bytes.length;
    if (read > maxBytes)
      throw new CodedError('too-large', { limit: `${Math.floor(maxBytes / 1024 / 1024)} MB` });
    yield text.next(bytes);
    dialect.encoding = text.encoding;
  }
  yield text.end();
  dialect.encoding = text.encoding;
}

function parserFor(delimiter: string): Parser {
  return parse({
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: MAX_ROW_LENGTH,
    // A quotation mark inside a value that is not quoted, such as 5" pipe, is just that.
    relax_quotes: true,
  });
}

function coded(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const detail =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? 'a row is very long: a quotation mark may be missing'
      : `the file cannot be read as CSV: ${error.message}`;
  return new CodedError('bad-input', { field: 'file', detail });
}

/** The delimiter that cuts most lines into the same number of pieces, more than one; a comma if none does. */
export function delimiterOf(sample: string): string {
  const lines = sample
    .replace(/"(?:[^"]|"")*"/g, '""')
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== '')
    .slice(0, 50);
  const whole = lines.length > 1 && sample.length >= SAMPLE_LENGTH ? lines.slice(0, -1) : lines;
  const score = (delimiter: string) => {
    const wide = (whole[0] ?? '').split(delimiter).length;
    if (wide < 2) return 0;
    return whole.filter((line) => line.split(delimiter).length === wide).length * 1_000 + wide;
  };
  const best = [...DELIMITERS].sort((a, b) => score(b) - score(a))[0] ?? ',';
  return score(best) === 0 ? ',' : best;
}
