/**
 * What tests and benches with calls in them need beside npm's packages: Chromium, SIPp and iproute2 by apt, the private
 * parts, a build; and a network namespace that has only loopback, so that no media can reach the machine's network.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const isRoot = process.getuid?.() === 0;
const NEEDED = [
  { file: '/usr/bin/chromium', package: 'chromium' },
  { file: '/usr/bin/sipp', package: 'sip-tester' },
  { file: '/usr/sbin/ip', package: 'iproute2' },
];
/** What makes the tests faster, and is not needed. */
const WANTED = [{ file: '/usr/bin/chromium-headless-shell', package: 'chromium-headless-shell' }];
const APT = [...(isRoot ? [] : ['sudo']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
/** A documentation address (RFC 5737) on lo: Asterisk offers no 127.0.0.1 as ICE candidate by itself. */
const NAMESPACE = 'ip link set lo up && ip addr add 198.51.100.1/32 dev lo && exec "$@"';

/** Has everything ready. Returns undefined, or a sentence that says what failed. */
export function prepareRealParts({ built }) {
  return (
    installPackages() ??
    run('Downloading the private parts', ['node', 'scripts/start.mjs', 'fetch']) ??
    (built ? run('The build', ['node', 'scripts/build.mjs']) : undefined)
  );
}

/** The command that runs `command` in a namespace of its own; everything in it ends with it. */
export function inNamespace(command) {
  const own = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  if (isRoot) return ['unshare', ...own, 'sh', '-c', NAMESPACE, 'sh', ...command];
  // Setting up loopback needs root, which an ordinary user is in there only; what runs then must be himself again.
  const self = ['unshare', `--map-user=${process.getuid()}`, `--map-group=${process.getgid()}`];
  return ['unshare', '--map-root-user', ...own, 'sh', '-c', NAMESPACE, 'sh', ...self, ...command];
}

function installPackages() {
  const needed = NEEDED.filter(isMissing);
  const wanted = WANTED.filter(isMissing);
  if (needed.length + wanted.length === 0) return undefined;
  const problem = run('apt-get update', [...APT, 'update']) ?? install(needed);
  if (problem) return needed.length > 0 ? problem : undefined;
  const slower = install(wanted);
  if (slower) console.log(`${slower} The tests go on without it.`);
  return undefined;
}

function isMissing({ file }) {
  return !existsSync(file);
}

function install(packages) {
  if (packages.length === 0) return undefined;
  const names = packages.map((one) => one.package);
  console.log(`installing ${names.join(', ')}`);
  return run('apt-get install', [...APT, '-y', '--no-install-recommends', 'install', ...names]);
}

function run(what, [program, ...args]) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  return status === 0 ? undefined : `${what} failed${error ? `: ${error.message}` : ''}.`;
}
