/**
 * `npm run bench -- NAME`: installs, downloads and builds what the bench needs, and runs bench/NAME.ts in a network namespace of
 * its own. The last line that it prints is one JSON object: {"bench": NAME, "figures": {…}}. Without a name: what there is.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inNamespace, prepareRealParts, root } from './real-parts.mjs';

const names = readdirSync(`${root}bench`, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => entry.name.slice(0, -'.ts'.length))
  .sort();
const [name] = process.argv.slice(2);

if (name === undefined) list();
else if (names.includes(name)) run();
else {
  console.error(`There is no bench called ${name}: choose of ${names.join(', ')}.`);
  process.exitCode = 1;
}

function list() {
  for (const each of names) console.log(`${each.padEnd(12)} ${purposeOf(each)}`);
}

/** The first sentence of its doc comment. */
function purposeOf(bench) {
  const comment = /\/\*\*(.*?)\*\//s.exec(readFileSync(`${root}bench/${bench}.ts`, 'utf8'))?.[1] ?? '';
  const text = comment.replaceAll(/\s*\n\s*\*\s?/g, ' ').trim();
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}

function run() {
  const problem = prepareRealParts({ built: true });
  if (problem) {
    console.error(`${problem} The bench needs it.`);
    process.exitCode = 1;
    return;
  }
  const [program, ...args] = inNamespace([
    process.execPath,
    '--import',
    'tsx',
    fileURLToPath(new URL(`../bench/${name}.ts`, import.meta.url)),
  ]);
  const { status, signal } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  process.exitCode = signal ? 1 : (status ?? 1);
}
