/**
 * `npm test`: installs what the tests need beside npm's packages (Chromium, SIPp, iproute2 by apt), downloads the private parts,
 * builds the product and runs every test. Whatever has calls in it runs in network namespaces of its own that have only
 * loopback, so that no media can reach the machine's network: two at a time, since such tests wait more than they compute.
 * The last line is `N passed, N failed`.
 *
 *     npm test                  everything
 *     npm test -- unit          one of: unit, real, e2e
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { inNamespace, prepareRealParts, root } from './real-parts.mjs';

/** In how many runs of about the same length the files of a project are done. */
const SHARDS = { unit: 1, real: 6, e2e: 8 };
/** Runs with calls in them at the same time. */
const LANES = 2;
/** Files told at the end, so that whoever wants a faster run sees where its time goes. */
const SLOWEST = 10;

const wanted = process.argv.slice(2);
const projects = wanted.length > 0 ? wanted : Object.keys(SHARDS);
const unknown = projects.find((name) => !(name in SHARDS));
if (unknown) fail(`there are no tests called ${unknown}: choose of ${Object.keys(SHARDS).join(', ')}`);

if (projects.some((name) => name !== 'unit')) {
  const problem = prepareRealParts({ built: projects.includes('e2e') });
  if (problem) fail(`${problem} The tests need it.`);
}

const folder = mkdtempSync(join(tmpdir(), 'crosspoint-test-'));
let passed = 0;
let failed = 0;
/** Every test file with how long it took, in milliseconds. */
const files = [];
// Unit tests compute: they have the machine to themselves.
if (projects.includes('unit')) await runShard({ project: 'unit', shard: 1 });
const queue = interleaved(projects.filter((name) => name !== 'unit'));
await Promise.all(Array.from({ length: LANES }, runLane));
rmSync(folder, { recursive: true, force: true });
console.log(`The slowest of ${files.length} files:`);
for (const { name, ms } of files.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST))
  console.log(`${(ms / 1_000).toFixed(1).padStart(8)} s  ${relative(root, name)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Shards of each project in turn: those of `real` compute least, and run beside those of `e2e`. */
function interleaved(names) {
  const longest = Math.max(0, ...names.map((name) => SHARDS[name]));
  return Array.from({ length: longest }, (_, index) => index + 1).flatMap((shard) =>
    names.filter((name) => shard <= SHARDS[name]).map((project) => ({ project, shard })),
  );
}

async function runLane() {
  for (let next = queue.shift(); next; next = queue.shift()) await runShard(next);
}

async function runShard({ project, shard }) {
  const of = SHARDS[project];
  const report = join(folder, `${project}-${shard}.json`);
  const vitest = [
    'npx',
    '--no-install',
    'vitest',
    'run',
    '--project',
    project,
    `--shard=${shard}/${of}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const status = await told(
    of === 1 ? project : `${project} ${shard}/${of}`,
    project === 'unit' ? vitest : inNamespace(vitest),
  );
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

/** Runs the command and passes on what it prints, each line with the run's name before it. Gives its exit status. */
function told(name, [program, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => console.log(`${name} │ ${line}`));
    child.once('error', reject).once('close', resolve);
  });
}

function fail(sentence) {
  console.error(sentence);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
