/**
 * What `npm start` runs: looks whether this machine can run Crosspoint, builds what is stale, and then becomes the
 * server: it is imported into this very process, so that a signal sent to npm reaches it.
 * `start.mjs fetch`, `start.mjs stop` and `start.mjs doctor` go the same way; the server's main reads the word.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const problem = findProblem();
if (problem) {
  console.error(problem);
  process.exit(1);
}

const { build } = await import('./build.mjs');
if (process.argv[2] !== 'stop' || !existsSync(`${root}dist/server/main.js`)) await buildOrExit();
await import('../dist/server/main.js');

function findProblem() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    return `Crosspoint needs Node.js 20.19 or newer; this is ${process.versions.node}. Install a newer one and start again.`;
  }
  if (!existsSync(`${root}node_modules/fastify`)) {
    return 'The packages are not installed. Run "npm install" in this folder first, then "npm start".';
  }
  return undefined;
}

async function buildOrExit() {
  try {
    // the doctor's report may be read by a program
    const say = (line) => (process.argv[2] === 'doctor' ? console.error(line) : console.log(line));
    await build(say, ['server', 'web']);
  } catch (error) {
    console.error(`The build failed: ${error.message}`);
    process.exit(1);
  }
}
