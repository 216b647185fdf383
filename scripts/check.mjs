/**
 * `npm run check`: types, lint, format, import rules and unit tests, side by side. Each one's output is printed when it
 * ends, prefixed with its name, and only when it failed; the exit code is 1 when any did.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const CHECKS = {
  types: ['tsc', '-b'],
  lint: ['oxlint', '--type-aware', '--quiet', '--format=unix', 'src', 'test', 'bench', 'scripts'],
  format: ['biome', 'format', '--max-diagnostics=20', '.'],
  // The import rules are test/boundaries.test.ts, part of this project.
  unit: ['vitest', 'run', '--project', 'unit', '--reporter=dot'],
};

const began = performance.now();
const results = await Promise.all(Object.entries(CHECKS).map(([name, command]) => run(name, command)));
const failed = results.filter((result) => !result.ok).map((result) => result.name);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(
  failed.length === 0 ? `all checks passed in ${seconds} s` : `failed: ${failed.join(', ')} (${seconds} s)`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(name, [program, ...args]) {
  return new Promise((resolve) => {
    const started = performance.now();
    const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}`, NO_COLOR: '1' };
    delete env.FORCE_COLOR;
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (code !== 0) print(name, output);
      console.log(`${name.padEnd(7)}${code === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
      resolve({ name, ok: code === 0 });
    });
  });
}

function print(name, output) {
  for (const line of output.split('\n')) {
    if (line.trim() !== '') console.log(`${name.padEnd(7)}| ${line.trimEnd()}`);
  }
}
