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
  const missing = NEEDED.filter(({ file }) => !existsSync(file)).map((need) => need.package);
  if (missing.length === 0) return undefined;
  const sudo = isRoot ? [] : ['sudo'];
  console.log(`installing ${missing.join(', ')}`);
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  return (
    run('apt-get update', [...apt, 'update']) ??
    run('apt-get install', [...apt, '-y', '--no-install-recommends', 'install', ...missing])
  );
}

function run(what, [program, ...args]) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  return status === 0 ? undefined : `${what} failed${error ? `: ${error.message}` : ''}.`;
}
