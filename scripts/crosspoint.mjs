#!/usr/bin/env node
/**
 * The command of the package `crosspoint`, for authors of connectors:
 *
 *     npx crosspoint conformance ./my-connector.js --settings settings.json
 *
 * The product itself is started with `npm start` in its own folder.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `Usage: crosspoint conformance MODULE [options]

Runs the conformance suites of every role that the connector in MODULE declares: of a telephone system, or of a CRM.

  --settings FILE   JSON: the settings that the connector gets
  --secrets FILE    JSON: its secrets
  --driver FILE     the module that plays the far end; default MODULE itself or conformance.js beside it
  --only TEXT       only checks whose title, with those of its groups, contains this
  --parallel N      checks at the same time; default: what the driver says, else 1
  --help            this text

The last line is "N passed, N failed". The exit code is 0 when nothing failed, 1 when something did, 2 when the command is wrong.`;

const root = fileURLToPath(new URL('..', import.meta.url));

const MARKS = { passed: 'ok     ', failed: 'FAILED ', 'not run': 'not run' };

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function main(words) {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      settings: { type: 'string' },
      secrets: { type: 'string' },
      driver: { type: 'string' },
      only: { type: 'string' },
      parallel: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [command, module, ...more] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (command !== 'conformance' || !module || more.length > 0) throw new Error(USAGE);
  if (values.parallel !== undefined && !(Number(values.parallel) >= 1))
    throw new Error('--parallel is a number, 1 or more');
  return checkConnector(resolve(module), values);
}

async function checkConnector(module, values) {
  const { crmSuitesOf, runSuites, suitesOf } = await published();
  const options = {
    module,
    driver: values.driver && resolve(values.driver),
    settings: readJson(values.settings),
    secrets: readJson(values.secrets),
  };
  const crm = await crmSuitesOf(options);
  const made = crm ? { suites: crm, parallel: 1 } : await suitesOf(options);
  const parallel = Number(values.parallel ?? made.parallel);
  const results = await runSuites(made.suites, { only: values.only, parallel, onResult: printer() });
  return summary(results);
}

/** In the folder of the product it is built first. */
async function published() {
  if (existsSync(`${root}src/sdk`)) {
    const { build } = await import('./build.mjs');
    await build((line) => console.error(line), ['sdk']);
  }
  return import('../dist/sdk/conformance.js');
}

function readJson(path) {
  if (path === undefined) return {};
  const value = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${path} is not a JSON object`);
  return value;
}

/** Prints each result under the titles of its groups, which are printed once. */
function printer() {
  let shown = [];
  return ({ path, outcome, reason }) => {
    const groups = path.slice(0, -1);
    const same = groups.findIndex((title, depth) => title !== shown[depth]);
    if (same >= 0) groups.slice(same).forEach((title, i) => console.log(`${'  '.repeat(same + i)}${title}`));
    shown = groups;
    const indent = '  '.repeat(groups.length);
    console.log(`${indent}${MARKS[outcome]} ${path.at(-1)}${outcome === 'not run' ? `: ${reason}` : ''}`);
    if (outcome === 'failed')
      console.log(`${indent}        ${reason.replaceAll('\n', `\n${indent}        `)}`);
  };
}

function summary(results) {
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) console.log('\nFailed:');
  for (const { path } of failed) console.log(`  ${path.join(' › ')}`);
  if (count('not run') > 0) console.log(`\n${count('not run')} not run: declared as lacking`);
  console.log(`${count('passed')} passed, ${failed.length} failed`);
  // nothing that a connector left open may keep the command from ending
  setTimeout(() => process.exit(), 1_000).unref();
  return failed.length > 0 || count('passed') === 0 ? 1 : 0;
}
