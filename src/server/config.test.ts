import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { OPTIONS } from './config-options.ts';
import { configurationPage } from './config-page.ts';

const read = (env: Record<string, string> = {}, file?: string, uid = 1000) =>
  readConfig({ env, root: '/srv/my clone', uid, readFile: () => file ?? '' });

const refusal = (env: Record<string, string>, file?: string): string => {
  try {
    read(env, file);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'accepted';
};

describe('without any setting', () => {
  it('listens on loopback only, without HTTPS', () => {
    expect(read()).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      sipPort: 5060,
      office: false,
      tls: undefined,
      drainMs: 30_000,
      country: 'GB',
    });
  });

  it('keeps its state in the clone, for root in a folder per clone that others can reach', () => {
    expect(read().dataFolder).toBe('/srv/my clone/data');
    const root = read({}, undefined, 0).dataFolder;
    expect(root).toMatch(/^\/var\/lib\/crosspoint\/[0-9a-f]{12}$/);
    expect(readConfig({ env: {}, root: '/srv/other', uid: 0 }).dataFolder).not.toBe(root);
  });

  it('takes what is set but empty as not set', () => {
    expect(read({ CROSSPOINT_PORT: '', DATABASE_URL: ' ' })).toMatchObject({
      port: 8080,
      databaseUrl: undefined,
    });
  });
});

describe('the office setting', () => {
  it('opens all addresses with HTTPS', () => {
    expect(read({ CROSSPOINT_OFFICE: 'on' })).toMatchObject({ host: '0.0.0.0', office: true, tls: {} });
  });

  it('is needed for an address that others can reach', () => {
    expect(refusal({ CROSSPOINT_HOST: '0.0.0.0' })).toContain('CROSSPOINT_OFFICE=on');
    expect(read({ CROSSPOINT_HOST: '192.0.2.7', CROSSPOINT_OFFICE: 'on' }).host).toBe('192.0.2.7');
  });
});

describe('a file', () => {
  it('gives options, below the environment', () => {
    const file =
      '# comment\nCROSSPOINT_PORT=9000\nexport CROSSPOINT_SIP_PORT = "5070" # why\nDATABASE_URL=postgres://u:p#q@h/d\n\n';
    const config = read({ CROSSPOINT_CONFIG: 'my.env', CROSSPOINT_PORT: '9001' }, file);
    expect(config).toMatchObject({ port: 9001, sipPort: 5070, databaseUrl: 'postgres://u:p#q@h/d' });
  });

  it('that cannot be read is named', () => {
    expect(() => readConfig({ env: { CROSSPOINT_CONFIG: 'nowhere.env' }, root: '/srv', uid: 1 })).toThrow(
      /CROSSPOINT_CONFIG.*\/srv\/nowhere\.env/,
    );
  });

  it('with a line that says nothing is refused with its number', () => {
    expect(refusal({ CROSSPOINT_CONFIG: 'x' }, 'CROSSPOINT_PORT=1\nhello there')).toMatch(/line 2/);
  });

  it('may not hold names that nobody knows', () => {
    expect(refusal({ CROSSPOINT_CONFIG: 'x' }, 'PORT=80')).toMatch(/no option PORT/);
  });
});

describe('a wrong value', () => {
  it.each([
    ['CROSSPOINT_PORT', 'eighty', '1 to 65535'],
    ['CROSSPOINT_PORT', '70000', '1 to 65535'],
    ['CROSSPOINT_PORT', '8080.5', '1 to 65535'],
    ['CROSSPOINT_OFFICE', 'maybe', 'on or off'],
    ['CROSSPOINT_HOST', 'my-host', 'IP address'],
    ['CROSSPOINT_PUBLIC_URL', 'phones.example.com', 'https://phones.example.com'],
    ['CROSSPOINT_PUBLIC_URL', 'https://phones.example.com/cti', 'without a path'],
    ['CROSSPOINT_PUBLIC_URL', 'https://ann:secret@phones.example.com', 'without a path'],
    ['CROSSPOINT_STUN', 'http://stun', 'stun:'],
    ['CROSSPOINT_RTP_PORTS', '20000-10000', '10000-11999'],
    ['CROSSPOINT_COUNTRY', 'england', 'GB'],
    ['CROSSPOINT_ZONE', 'Mars/Olympus', 'Europe/London'],
    ['CROSSPOINT_LOCALE', '!', 'en-GB'],
    ['CROSSPOINT_RING_SECONDS', '1', '3 to 300'],
    ['CROSSPOINT_DRAIN_SECONDS', '-1', '0 to 86400'],
    ['CROSSPOINT_SWITCH', 'asterix', 'simulated'],
    ['CROSSPOINT_LOG_LEVEL', 'loud', 'warn'],
    ['CROSSPOINT_ASTERISK_MIRROR', 'ftp://x', 'http'],
  ])('%s=%s names the option, the value and what is allowed', (name, value, allowed) => {
    const sentence = refusal({ [name]: value });
    expect(sentence).toContain(name);
    expect(sentence).toContain(value);
    expect(sentence).toContain(allowed);
    expect(sentence).toMatch(/^[^\n]+\.$/);
  });

  it('that is a secret is not repeated', () => {
    expect(refusal({ DATABASE_URL: 'mysql://root:hunter2@h/d' })).toMatch(/^DATABASE_URL((?!hunter2).)*$/);
  });

  it('of half a pair says what is missing', () => {
    expect(refusal({ CROSSPOINT_TLS_CERT: 'a.pem' })).toContain('CROSSPOINT_TLS_KEY');
    expect(refusal({ CROSSPOINT_TURN: 'turn:t.example' })).toContain('CROSSPOINT_TURN_SECRET');
    expect(refusal({ CROSSPOINT_TURN: 'turn:t.example', CROSSPOINT_TURN_USER: 'u' })).toContain(
      'CROSSPOINT_TURN_PASSWORD',
    );
    expect(
      refusal({ CROSSPOINT_S3_ENDPOINT: 'https://s3.example', CROSSPOINT_S3_BUCKET: 'calls' }),
    ).toContain('CROSSPOINT_S3_KEY_ID, CROSSPOINT_S3_SECRET');
  });
});

it('refuses an unknown name and suggests the near one', () => {
  expect(refusal({ CROSSPOINT_PROT: '80' })).toContain('Did you mean CROSSPOINT_PORT?');
  expect(refusal({ CROSSPOINT_SIPPORT: '80' })).toContain('CROSSPOINT_SIP_PORT');
  expect(refusal({ CROSSPOINT_ZZZZZZZZZZZZZZZ: '1' })).toContain('docs/configuration.md');
});

it('reads the units that the page gives', () => {
  const config = read({
    CROSSPOINT_RING_SECONDS: '15',
    CROSSPOINT_RTP_PORTS: '20000-20999',
    CROSSPOINT_STUN: 'stun:a, stun:b:1',
    CROSSPOINT_RECORDING_SPOOL_MB: '64',
  });
  expect(config.recording).toEqual({ spoolBytes: 67_108_864 });
  expect(config.ringMs).toBe(15_000);
  expect(config.asterisk.rtp).toEqual({ start: 20_000, end: 20_999 });
  expect(config.ice.stun).toEqual(['stun:a', 'stun:b:1']);
});

// `UPDATE_DOCS=1 npx vitest run src/server/config.test.ts` writes the page anew.
it('is documented: docs/configuration.md is current', () => {
  const file = new URL('../../docs/configuration.md', import.meta.url);
  if (process.env.UPDATE_DOCS) writeFileSync(file, configurationPage());
  expect(readFileSync(file, 'utf8')).toBe(configurationPage());
  expect(
    Object.values(OPTIONS).every(
      (option) => option.description.endsWith('.') || option.description.endsWith('`.'),
    ),
  ).toBe(true);
});
