/** The example of a CRM's connector as a stranger runs it, against the published exports alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutsideConnector } from './harness/outside-connector.ts';

const PATIENT_MS = 180_000;
let outside: OutsideConnector;

beforeAll(() => {
  outside = new OutsideConnector('crm-connector');
});
afterAll(() => outside.remove());

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1);

it(
  'passes the suite, and shows what it lacks with the reason',
  async () => {
    const { code, output } = await outside.conformance('./index.js', '--settings', 'settings.json');
    expect(output).not.toContain('FAILED');
    expect(lastLine(output)).toMatch(/^\d{2,} passed, 0 failed$/);
    expect(output).toContain('lacks own-accounts: everybody sees every card');
    expect(code).toBe(0);
  },
  PATIENT_MS,
);

it(
  'fails when it writes a log twice, and it is said what was seen',
  async () => {
    const right = readFileSync(outside.module, 'utf8');
    const wrong = right.replace('`/calls/${encodeURIComponent(key)}`', '`/calls/${Math.random()}`');
    writeFileSync(join(outside.folder, 'twice.js'), wrong);
    const { code, output } = await outside.conformance('./twice.js', '--only', 'answer to its write is lost');
    expect(output).toContain('FAILED');
    expect(lastLine(output)).toBe('0 passed, 1 failed');
    expect(code).toBe(1);
  },
  PATIENT_MS,
);
