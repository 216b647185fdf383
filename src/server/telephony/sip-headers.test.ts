import { expect, it } from 'vitest';
import { CodedError } from '../../protocol/errors.ts';
import { checkHeaders } from './sip-headers.ts';

it('takes X- headers with plain values, or none', () => {
  checkHeaders();
  checkHeaders({});
  checkHeaders({ 'X-Case': '4711', 'X-Note': 'a "quoted"; one' });
});

it.each([
  { From: 'x' },
  { 'X-Crosspoint-Leg': 'x' },
  { 'x-crosspoint-answer': 'x' },
  { 'X-A': 'a\r\nVia: b' },
  { 'X-A': 'é' },
  { 'X-A)': 'x' },
  { 'X-A': 'x'.repeat(501) },
  { [`X-${'a'.repeat(39)}`]: 'x' },
] as Record<string, string>[])('refuses %o', (headers) => {
  expect(() => checkHeaders(headers)).toThrow(CodedError);
});
