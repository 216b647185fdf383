/** A CSV file of people, as large as it is asked for, and how its columns go to fields. */
import { ImportPlan } from '../../src/protocol/imports.ts';

const PIECE = 500;

export async function* contactFile(rows: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('First name,Last name,E-mail,Phone\n');
  for (let from = 0; from < rows; from += PIECE) {
    const lines = Array.from({ length: Math.min(PIECE, rows - from) }, (_, i) => {
      const digits = String(from + i).padStart(6, '0');
      return `Person,Number${from + i},p${from + i}@import.example,020 7${digits.slice(0, 3)} ${digits.slice(2)}\n`;
    });
    yield Buffer.from(lines.join(''));
  }
}

export const CONTACT_PLAN = ImportPlan.parse({
  object: 'Contact',
  mode: 'insert',
  columns: ['FirstName', 'LastName', 'Email', 'Phone'].map((field, column) => ({ column, field })),
});
