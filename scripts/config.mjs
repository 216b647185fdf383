/**
 * `npm run config -- export|plan|apply FILE`: the configuration of a running server as one file, by its REST interface.
 * CROSSPOINT_URL (default: http://127.0.0.1 and CROSSPOINT_PORT), CROSSPOINT_USER (default: admin) and CROSSPOINT_PASSWORD say whose.
 */
import { readFile, writeFile } from 'node:fs/promises';

const USAGE = `npm run config -- export FILE            writes the configuration, without secrets
npm run config -- plan FILE              lists what applying the file would change, and what is wrong with it
npm run config -- apply FILE             applies all of the file, or nothing where anything is wrong
            … --delete-data              fields and objects that go may take values of records with them

CROSSPOINT_URL       address of the server, by default http://127.0.0.1:${process.env.CROSSPOINT_PORT ?? 8080}
CROSSPOINT_USER      an administrator, by default admin
CROSSPOINT_PASSWORD  his password`;

const [command, file, ...options] = process.argv.slice(2);
const base = process.env.CROSSPOINT_URL ?? `http://127.0.0.1:${process.env.CROSSPOINT_PORT ?? 8080}`;

try {
  process.exitCode = await main();
} catch (error) {
  const cause = error.cause ? ` (${error.cause.message ?? error.cause})` : '';
  console.error(`${error.message}${cause}`);
  process.exitCode = 1;
}

async function main() {
  if (!['export', 'plan', 'apply'].includes(command) || !file) {
    console.error(USAGE);
    return 1;
  }
  if (!process.env.CROSSPOINT_PASSWORD)
    throw new Error('Set CROSSPOINT_PASSWORD to the administrator’s password.');
  const token = await signIn();
  if (command === 'export') {
    const configuration = await ask(token, '/api/configuration');
    await writeFile(file, `${JSON.stringify(configuration, null, 2)}\n`);
    console.log(`Written to ${file}.`);
    return 0;
  }
  const configuration = JSON.parse(await readFile(file, 'utf8'));
  const body = { configuration, deleteData: options.includes('--delete-data') };
  const plan = await ask(token, `/api/configuration/${command}`, body);
  for (const change of plan.changes) print(change);
  for (const { path, message } of plan.problems) console.error(`wrong: ${path}: ${message}`);
  console.log(summary(plan));
  return plan.problems.length > 0 ? 1 : 0;
}

async function signIn() {
  const { CROSSPOINT_USER: username = 'admin', CROSSPOINT_PASSWORD: password } = process.env;
  return (await ask(undefined, '/api/tokens', { username, password })).token;
}

async function ask(token, path, body) {
  const response = await fetch(new URL(path, base), {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  for (const line of answer.data?.problems?.split('\n') ?? []) console.error(`wrong: ${line}`);
  throw new Error(answer.message ?? `${response.status} ${response.statusText}`);
}

function print({ action, section, name, fields }) {
  const sign = { add: '+', change: '~', remove: '-' }[action];
  console.log(`${sign} ${section}.${name}`);
  if (action !== 'change') return;
  for (const { path, before, after } of fields)
    console.log(`    ${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`);
}

function summary({ changes, problems, applied }) {
  const count = (action) => changes.filter((one) => one.action === action).length;
  const all = `${count('add')} to add, ${count('change')} to change, ${count('remove')} to remove`;
  if (problems.length > 0) return `Nothing can be applied: ${problems.length} wrong.`;
  if (changes.length === 0) return 'Nothing to change.';
  return applied ? `Applied: ${all.replaceAll('to ', '')}.` : all;
}
