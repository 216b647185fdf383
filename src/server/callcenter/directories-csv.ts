/** A pasted table of directory entries. All rows are right, or none is taken and each wrong one is named. */
import { setImmediate } from 'node:timers/promises';
import { CodedError } from '../../protocol/errors.ts';
import { DirectoryEntryInput } from '../../protocol/directories.ts';

/** Wrong rows that are named at most. */
const MAX_NAMED = 20;
/** Rows that are read at a time. */
const SLICE = 200;

/** Whether a number can be dialled: undefined, or what is wrong with it. */
export type PhoneProblem = (phone: string) => string | undefined;

/** @throws `bad-input` with field `csv`, and `problems`: a line per wrong row; the first row is 1. */
export async function readEntries(csv: string, phoneProblem: PhoneProblem): Promise<DirectoryEntryInput[]> {
  const [head, ...rows] = parseTable(csv);
  const columns = (head?.cells ?? []).map((cell) => cell.trim());
  const names = columns.map((column) => column.toLowerCase());
  const name = names.indexOf('name');
  const description = names.indexOf('description');
  const phones = names.flatMap((column, index) =>
    index !== name && index !== description && column !== '' ? [index] : [],
  );
  if (name < 0 || phones.length === 0)
    refuse(['row 1: needs a column called name and at least one for numbers, such as phone']);
  const problems: string[] = [];
  const entries: DirectoryEntryInput[] = [];
  const readRow = ({ cells, row }: Row) => {
    const at = (index: number) => (cells[index] ?? '').trim();
    if (cells.length > columns.length) problems.push(`row ${row}: more cells than the first row has`);
    const numbers = phones.flatMap((index) => {
      const phone = at(index);
      const problem = phone === '' ? undefined : phoneProblem(phone);
      if (problem) problems.push(`row ${row}: ${columns[index]}: ${problem}`);
      const label = names[index] === 'phone' ? '' : (columns[index] ?? '');
      return phone === '' ? [] : [{ label, phone }];
    });
    const read = DirectoryEntryInput.safeParse({ name: at(name), numbers, description: at(description) });
    if (read.success) return entries.push(read.data);
    const [issue] = read.error.issues;
    return problems.push(`row ${row}: ${String(issue?.path[0] ?? '')}: ${issue?.message ?? 'not valid'}`);
  };
  for (const [index, row] of rows.entries()) {
    // Reading numbers takes time that calls need, too.
    if (index % SLICE === SLICE - 1) await setImmediate();
    if (row.cells.some((cell) => cell.trim() !== '')) readRow(row);
  }
  if (problems.length > 0) refuse(problems);
  if (entries.length === 0) refuse(['there is no row below the first one']);
  return entries;
}

function refuse(problems: string[]): never {
  const named = problems.slice(0, MAX_NAMED);
  const more = problems.length > named.length ? `, and ${problems.length - named.length} more` : '';
  throw new CodedError('bad-input', {
    field: 'csv',
    detail: `csv: nothing was imported; ${named[0] ?? ''}${problems.length > 1 ? `; ${problems.length} problems in all` : ''}`,
    problems: named.join('\n') + more,
  });
}

interface Row {
  cells: string[];
  /** Counts lines as a spreadsheet does: a quoted line break is none. */
  row: number;
}

/** RFC 4180, with the separator that the first row uses: tab, semicolon or comma. */
function parseTable(text: string): Row[] {
  const csv = text.replace(/^\uFEFF/, '');
  const first = /^[^\r\n]*/.exec(csv)?.[0] ?? '';
  const separator = ['\t', ';'].find((one) => first.includes(one)) ?? ',';
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  const endCell = () => {
    cells.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    rows.push({ cells, row: rows.length + 1 });
    cells = [];
  };
  for (let i = 0; i < csv.length; i++) {
    const c = csv[i] ?? '';
    if (quoted) {
      if (c !== '"') cell += c;
      else if (csv[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === separator) endCell();
    else if (c === '\n') endRow();
    else if (c !== '\r') cell += c;
  }
  if (quoted) refuse([`row ${rows.length + 1}: a quotation mark is not closed`]);
  if (cell !== '' || cells.length > 0) endRow();
  return rows;
}
