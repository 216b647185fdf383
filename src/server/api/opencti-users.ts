import { createHash } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A user's id as adapters expect it: 15 characters that begin with 005, the same for the same user always. */
export function userRecordId(userId: string): string {
  const bytes = createHash('sha256').update(userId).digest().subarray(0, 12);
  return `005${[...bytes].map((byte) => DIGITS[byte % DIGITS.length]).join('')}`;
}
