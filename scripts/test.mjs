/**
 * `npm test`: installs what the tests need beside npm's packages (Chromium, SIPp, iproute2 by apt), downloads the private parts,
 * builds the product and runs every test. Whatever has calls in it runs in a network namespace of its own that has only
 * loopback, so that no media can reach the machine's network. The last line is `N passed, N failed`.
 *
 *     npm test                  everything
 *     npm test -- unit          one of: unit, real, e2e
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inNamespace, prepareRealParts, root } from './real-parts.mjs';

const PROJECTS = ['unit', 'real', 'e2e'];

const wanted = process.argv.slice(2);
const projects = wanted.length > 0 ? wanted : PROJECTS;
const unknown = projects.find((name) => !PROJECTS.includes(name));
if (unknown) fail(`there are no tests called ${unknown}: choose of ${PROJECTS.join(', ')}`);

if (projects.some((name) => name !== 'unit')) {
  const problem = prepareRealParts({ built: projects.includes('e2e') });
  if (problem) fail(`${problem} The tests need it.`);
}

/** Files told at the end, so that whoever wants a faster run sees where its time goes. */
const SLOWEST = 10;

const folder = mkdtempSync(join(tmpdir(), 'crosspoint-test-'));
let passed = 0;
let failed = 0;
/** Every test file with how long it took, in milliseconds. */
const files = [];
for (const project of projects) runProject(project);
rmSync(folder, { recursive: true, force: true });
console.log(`The slowest of ${files.length} files:`);
for (const { name, ms } of files.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST))
  console.log(`${(ms / 1_000).toFixed(1).padStart(8)} s  ${relative(root, name)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function runProject(project) {
  const report = join(folder, `${project}.json`);
  const vitest = [
    'npx',
    '--no-install',
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const command = project === 'unit' ? vitest : inNamespace(vitest);
  const { status } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const result = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  for (const { name, startTime, endTime } of result.testResults)
    files.push({ name, ms: endTime - startTime });
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  // A run that broke outside of any test has failed all the same.
  if (status !== 0 && result.numFailedTests === 0) failed++;
}

function fail(sentence) {
  console.error(sentence);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
