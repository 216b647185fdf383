/** The published exports as a stranger uses them: the example passes the suites of its roles, and what breaks it is said. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutsideConnector } from './harness/outside-connector.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SETTINGS = ['--settings', 'settings.json', '--secrets', 'secrets.json'];
const PATIENT_MS = 180_000;

let outside: OutsideConnector;

beforeAll(() => {
  outside = new OutsideConnector();
});
afterAll(() => outside.remove());

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1);

/** A copy of the example that does one thing wrong, checked with little patience. */
function broken(name: string, change: string, driver = ''): string {
  writeFileSync(
    join(outside.folder, name),
    `import { createConnector as make } from './index.js';
import { createConformanceDriver as makeDriver } from './conformance.js';
export function createConnector(context) {
  const connector = make(context);
  const node = connector.switch;
  const emit = node.events.emit.bind(node.events);
  ${change}
  return connector;
}
export async function createConformanceDriver(context) {
  const driver = await makeDriver(context);
  driver.pace = { deadlineMs: 700 };
  ${driver}
  return driver;
}
`,
  );
  return name;
}

describe('the example of a connector', () => {
  it(
    'passes the suites of its roles, and shows what it lacks with the reason',
    async () => {
      const { code, output } = await outside.conformance('./index.js', ...SETTINGS);
      expect(output).not.toContain('FAILED');
      expect(lastLine(output)).toMatch(/^\d{2,} passed, 0 failed$/);
      expect(code).toBe(0);
      expect(output).toContain('the toy PBX: Switch');
      expect(output).toContain('the toy PBX: Provisioning');
      expect(output).toContain(
        'not run have what the leg says and what it hears: lacks record: it has no sound',
      );
    },
    PATIENT_MS,
  );

  it(
    'has types that fit what is published',
    async () => {
      const check = () => outside.types();
      expect(check()).toBe('');
      const right = readFileSync(outside.module, 'utf8');
      writeFileSync(
        outside.module,
        right.replace("type: 'leg.connected', legId", "type: 'leg.conected', legId"),
      );
      expect(check).toThrow();
      writeFileSync(outside.module, right);
    },
    PATIENT_MS,
  );
});

describe('a connector that', () => {
  const wrongs: [what: string, only: string, change: string, said: string, driver?: string][] = [
    [
      'loses a fact',
      'are answered once',
      `node.events.emit = (event, fact) => fact.type === 'leg.connected' ? undefined : emit(event, fact);`,
      'leg.connected of ch-',
    ],
    [
      'clears twice',
      'are cleared once when we hang up',
      `node.events.emit = (event, fact) => { emit(event, fact); if (fact.type === 'leg.cleared') emit(event, fact); };`,
      "the causes of all leg.cleared of this leg: expected [ 'normal', 'normal' ] to equal [ 'normal' ]",
    ],
    [
      'ignores deadlines',
      'ends at its deadline',
      'const music = node.startMusic; node.startMusic = (legId) => music(legId, { deadlineMs: 1e8 });',
      'an outcome: not within 1400 ms',
    ],
    [
      'says nothing of what it cannot',
      'are deleted, twice',
      `node.capabilities = { ...node.capabilities, missing: { ...node.capabilities.missing } }; delete node.capabilities.missing.record;`,
      'This device cannot do that.',
      'delete driver.lacks.record;',
    ],
    [
      'lacks more than it declares',
      'declares what it lacks',
      `node.capabilities = { ...node.capabilities, missing: {} };`,
      'capabilities.missing: expected [] to equal',
    ],
    [
      'has not every method',
      'has every method',
      'node.armFallback = undefined;',
      "methods that switch has not: expected [ 'armFallback' ] to equal []",
    ],
  ];

  it.concurrent.each(wrongs)(
    '%s fails, and it is said what was seen',
    async (what, only, change, said, driver) => {
      const module = broken(`${what.replaceAll(' ', '-')}.js`, change, driver);
      const results = await outside.check(module, only);
      expect(results).toMatchObject([{ outcome: 'failed' }]);
      expect(results[0]?.reason).toContain(said);
    },
    PATIENT_MS,
  );

  it(
    'fails is printed with what was seen, and the command says so',
    async () => {
      const [what = '', only = '', change = '', said] = wrongs[1] ?? [];
      const module = broken(`printed-${what.replaceAll(' ', '-')}.js`, change);
      const { code, output } = await outside.conformance(module, ...SETTINGS, '--only', only);
      expect(output).toContain('FAILED');
      expect(output).toContain(said);
      expect(lastLine(output)).toBe('0 passed, 1 failed');
      expect(code).toBe(1);
    },
    PATIENT_MS,
  );

  it(
    'has no driver fails, with what there is to do',
    async () => {
      mkdirSync(join(outside.folder, 'alone'));
      const module = join(outside.folder, 'alone/index.js');
      writeFileSync(module, "export { createConnector } from '../index.js';");
      const { code, output } = await outside.conformance(module, ...SETTINGS);
      expect(output).toContain(
        'export createConformanceDriver from the module or from conformance.js beside it',
      );
      expect(lastLine(output)).toBe('3 passed, 1 failed');
      expect(code).toBe(1);
    },
    PATIENT_MS,
  );

  it(
    'cannot be loaded is no conformance, and says why',
    async () => {
      const { code, output } = await outside.conformance('./not-there.js');
      expect(code).toBe(2);
      expect(output).toContain('not-there.js');
    },
    PATIENT_MS,
  );
});

describe('the example of a PBX that routes by itself', () => {
  let pbx: OutsideConnector;
  beforeAll(() => {
    pbx = new OutsideConnector('pbx-connector');
  });
  afterAll(() => pbx.remove());

  it(
    'passes the suites of call control, agent states and reconciliation, and has types that fit',
    async () => {
      const results = await pbx.check('index.js');
      expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
      const suites = new Set(results.map(({ path: [suite] }) => suite));
      const name = 'the toy PBX that routes by itself';
      expect([...suites]).toEqual([
        'The module',
        `call control on ${name}`,
        `agent states and offers on ${name}`,
        `reconciliation with ${name}`,
      ]);
      expect(pbx.types()).toBe('');
    },
    PATIENT_MS,
  );

  it(
    'fails when it does not say who hears whom, or has not every method',
    async () => {
      const wrong = `import { createPbx as make } from './index.js';
export { createPbxDriver } from './conformance.js';
export function createPbx(context) {
  const pbx = make(context);
  const parties = pbx.parties.bind(pbx);
  pbx.parties = () => parties().map(({ together, ...party }) => party);
  delete pbx.calls.park;
  return pbx;
}
`;
      writeFileSync(join(pbx.folder, 'deaf.js'), wrong);
      expect(await pbx.check('deaf.js', 'goes on with a call that lives')).toMatchObject([
        { outcome: 'failed', reason: expect.stringContaining('Ann to talk') as string },
      ]);
      expect(await pbx.check('deaf.js', 'has every method')).toMatchObject([
        { outcome: 'failed', reason: expect.stringContaining("'park'") as string },
      ]);
    },
    PATIENT_MS,
  );
});

describe('the command', () => {
  it(
    'says how it is used when it is used otherwise',
    async () => {
      const { code, output } = await outside.conformance();
      expect(code).toBe(2);
      expect(output).toContain('Usage: crosspoint conformance MODULE');
    },
    PATIENT_MS,
  );

  it(
    'is packed with what the exports name',
    () => {
      const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [packed] = JSON.parse(text) as { files: { path: string }[] }[];
      const files = packed?.files.map(({ path }) => path) ?? [];
      const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
        bin: Record<string, string>;
        exports: Record<string, string | Record<string, string>>;
      };
      const named = Object.values(manifest.exports).flatMap((one) =>
        typeof one === 'string' ? [one] : Object.values(one),
      );
      for (const path of [...named, ...Object.values(manifest.bin)])
        expect(files).toContain(path.replace('./', ''));
      expect(files.filter((path) => path.includes('node_modules'))).toEqual([]);
    },
    PATIENT_MS,
  );
});
