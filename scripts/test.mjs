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
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isRoot = process.getuid?.() === 0;
const NEEDED = [
  { file: '/usr/bin/chromium', package: 'chromium' },
  { file: '/usr/bin/sipp', package: 'sip-tester' },
  { file: '/usr/sbin/ip', package: 'iproute2' },
];
/** A documentation address (RFC 5737) on lo: Asterisk offers no 127.0.0.1 as ICE candidate by itself. */
const NAMESPACE = 'ip link set lo up && ip addr add 198.51.100.1/32 dev lo && exec "$@"';
const PROJECTS = ['unit', 'real', 'e2e'];

const wanted = process.argv.slice(2);
const projects = wanted.length > 0 ? wanted : PROJECTS;
const unknown = projects.find((name) => !PROJECTS.includes(name));
if (unknown) fail(`there are no tests called ${unknown}: choose of ${PROJECTS.join(', ')}`);

if (projects.some((name) => name !== 'unit')) {
  installPackages();
  run('download the private parts', ['node', 'scripts/start.mjs', 'fetch']);
}
if (projects.includes('e2e')) run('build', ['node', 'scripts/build.mjs']);

const folder = mkdtempSync(join(tmpdir(), 'crosspoint-test-'));
let passed = 0;
let failed = 0;
for (const project of projects) runProject(project);
rmSync(folder, { recursive: true, force: true });
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
    : { numPassedTests: 0, numFailedTests: 0 };
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  // A run that broke outside of any test has failed all the same.
  if (status !== 0 && result.numFailedTests === 0) failed++;
}

function inNamespace(command) {
  const user = isRoot ? [] : ['--map-root-user'];
  return [
    'unshare',
    ...user,
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'sh',
    '-c',
    NAMESPACE,
    'sh',
    ...command,
  ];
}

function installPackages() {
  const missing = NEEDED.filter(({ file }) => !existsSync(file)).map((need) => need.package);
  if (missing.length === 0) return;
  const sudo = isRoot ? [] : ['sudo'];
  console.log(`installing ${missing.join(', ')}`);
  run('apt-get update', [...sudo, 'apt-get', '-q', 'update']);
  run('apt-get install', [
    ...sudo,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    '-y',
    '--no-install-recommends',
    'install',
    ...missing,
  ]);
}

function run(what, [program, ...args]) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(`${what} failed${error ? `: ${error.message}` : ''}. The tests need it.`);
}

function fail(sentence) {
  console.error(sentence);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
