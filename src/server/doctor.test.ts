import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { runDoctor } from './doctor.ts';

async function run(args: string[], env: Record<string, string> = { ASTERISK_PASSWORD: 'hush-hush' }) {
  const said: string[] = [];
  const complained: string[] = [];
  const output = {
    say: (line: string) => said.push(line),
    complain: (line: string) => complained.push(line),
  };
  return {
    code: await runDoctor(args, env, output),
    said: said.join('\n'),
    complained: complained.join('\n'),
  };
}

const NOWHERE = ['asterisk', '--url', 'http://127.0.0.1:1/ari', '--user', 'u'];

describe('npm run doctor', () => {
  it('says in words what is wrong and what to do, with exit code 1', async () => {
    const { code, said } = await run(NOWHERE);
    expect(code).toBe(1);
    expect(said).toContain('WRONG Address: Nothing answers at 127.0.0.1, port 1 (ECONNREFUSED).');
    expect(said).toContain('What to do: Set enabled = yes');
    expect(said).toContain('-     User and password: Not looked at, because of asterisk-ari.');
    expect(said).not.toContain('hush-hush');
  });

  it('says that the speech engines are not here', async () => {
    const { code, said } = await run(['speech'], { CROSSPOINT_CACHE: '/nowhere' });
    expect(code).toBe(1);
    expect(said).toContain('What to do: npm run fetch');
  });

  it('says it as JSON', async () => {
    const { code, said } = await run([...NOWHERE, '--json']);
    const report = JSON.parse(said) as { ok: boolean; checks: { code: string; status: string }[] };
    expect(code).toBe(1);
    expect(report.ok).toBe(false);
    expect(report.checks[0]).toMatchObject({ code: 'asterisk-address', status: 'wrong' });
    expect(report.checks.slice(1).map(({ status }) => status)).toEqual(Array(16).fill('skipped'));
  });

  it('tells a web server that is no Asterisk', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end('<html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { said } = await run(['asterisk', '--url', `http://127.0.0.1:${port}/ari`, '--user', 'u']);
    expect(said).toContain('WRONG ARI: A web server answers, but not ARI (status 404).');
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['nothing to look at', []],
    ['a word that is none', ['freeswitch']],
    ['an option that is none', [...NOWHERE, '--colour']],
    ['an address that is none', ['asterisk', '--url', 'pbx', '--user', 'u']],
    ['no user', ['asterisk', '--url', 'http://127.0.0.1:1/ari']],
    ['a file that is not there', [...NOWHERE, '--ca', '/nowhere.pem']],
  ])('with %s explains itself, with exit code 2', async (_what, args) => {
    const { code, complained } = await run(args);
    expect(code).toBe(2);
    expect(complained).toContain('Usage:');
  });

  it('takes the password from the environment only', async () => {
    expect((await run(NOWHERE, {})).complained).toContain('ASTERISK_PASSWORD');
  });
});
