/**
 * Builds the server (dist/server), the pages (dist/web) and what is published for connectors (dist/sdk). What is unchanged since the last build is skipped:
 * each part leaves a stamp, the hash of everything that went into it. A part is built beside the old one and then
 * swapped in, so that a running server never serves half a build.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const COMMON = ['package-lock.json', 'scripts/build.mjs', 'src/lib', 'src/protocol'];

const PARTS = [
  { name: 'server', inputs: [...COMMON, 'src/server'], build: buildServer },
  {
    name: 'sdk',
    inputs: [
      ...COMMON,
      'tsconfig.base.json',
      'tsconfig.sdk.json',
      'src/sdk',
      'src/server',
      'test/conformance',
      'test/harness',
    ],
    build: buildSdk,
  },
  { name: 'web', inputs: [...COMMON, 'vite.config.ts', 'src/web'], build: buildWeb },
];

/** Builds what is stale of these parts. `say` gets one short line per step. Resolves to the names of the parts that were built. */
export async function build(say = (line) => console.log(line), names = PARTS.map(({ name }) => name)) {
  const stale = PARTS.filter(({ name }) => names.includes(name))
    .map((part) => ({ ...part, stamp: hash(part.inputs) }))
    .filter((part) => !isFresh(part));
  for (const part of stale) {
    const began = performance.now();
    await buildAside(part);
    say(`built ${part.name} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  return stale.map((part) => part.name);
}

function isFresh({ name, stamp }) {
  const file = join(root, 'dist', name, '.stamp');
  return existsSync(file) && readFileSync(file, 'utf8') === stamp;
}

async function buildAside({ name, stamp, build }) {
  const target = join(root, 'dist', name);
  const fresh = `${target}.new-${process.pid}`;
  const old = `${target}.old-${process.pid}`;
  try {
    await build(fresh);
    writeFileSync(join(fresh, '.stamp'), stamp);
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

async function buildServer(outdir) {
  const { build: bundle } = await import('esbuild');
  await bundle({
    entryPoints: {
      main: join(root, 'src/server/main.ts'),
      'speech-worker': join(root, 'src/server/telephony/speech/speech-worker.ts'),
      simulate: join(root, 'src/server/simulator/command.ts'),
      'simulator-worker': join(root, 'src/server/simulator/simulator-worker.ts'),
    },
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** What is published for connectors: modules that share what they have in common, and their types. */
async function buildSdk(outdir) {
  const { build: bundle } = await import('esbuild');
  await bundle({
    entryPoints: {
      telephony: join(root, 'src/sdk/telephony.ts'),
      crm: join(root, 'src/sdk/crm.ts'),
      conformance: join(root, 'test/conformance/published.ts'),
    },
    outdir,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'warning',
  });
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(tsc, ['-p', 'tsconfig.sdk.json', '--outDir', join(outdir, 'types')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the types of what is published: ${stdout}`);
}

async function buildWeb(outDir) {
  const { build: bundle } = await import('vite');
  const before = process.env.NODE_ENV;
  try {
    process.env.NODE_ENV = 'production';
    await bundle({
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir, emptyOutDir: true },
    });
  } finally {
    // The server is imported into this process afterwards and decides for itself.
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
  await buildAdapterScripts(join(outDir, 'opencti'));
}

/** What Open CTI adapters load: one file each, without a module system, in ES5. esbuild refuses what it cannot put so. */
async function buildAdapterScripts(outdir) {
  const { build: bundle } = await import('esbuild');
  const scripts = {
    opencti: 'lightning',
    opencti_min: 'lightning',
    interaction: 'classic',
    integration: 'console',
    'voice-host': 'voice-host',
  };
  for (const [file, source] of Object.entries(scripts)) {
    await bundle({
      entryPoints: { [file]: join(root, `src/web/opencti/adapter/${source}.ts`) },
      outdir,
      bundle: true,
      format: 'iife',
      target: 'es5',
      minify: file.endsWith('_min'),
      tsconfigRaw: '{"compilerOptions":{"alwaysStrict":true}}',
      logLevel: 'warning',
    });
  }
}

/** One hash over the paths and contents of files and folders; tests do not count. */
function hash(paths) {
  const sum = createHash('sha256');
  for (const path of paths.flatMap(listFiles).sort()) {
    sum
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return sum.digest('hex');
}

function listFiles(path) {
  const entries = statSync(join(root, path)).isDirectory()
    ? readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    : undefined;
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await build();
  if (built.length === 0) console.log('nothing to build: dist is up to date');
}
