/** Real Asterisks that are wrong in exactly one way: the doctor names that way, and no other. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Edit, EXAMPLE, ExampleAsterisk } from '../../../../test/harness/example-asterisk.ts';
import { realClock } from '../../../lib/clock.ts';
import { checkAsterisk } from './asterisk.ts';
import type { ProbeSettings } from './probe.ts';

const { url, user, password } = EXAMPLE;
const SETTINGS: ProbeSettings = { url, user, password, application: 'crosspoint' };

interface Case {
  what: string;
  edits?: Record<string, Edit>;
  settings?: Partial<ProbeSettings>;
  code: string;
  status?: 'wrong' | 'warning';
  /** A word of what was found or what to do. */
  says: string;
}

const set =
  (name: string, value: string): Edit =>
  (text) =>
    text.replace(new RegExp(`^${name} = .*$`, 'm'), `${name} = ${value}`);
const without =
  (...modules: string[]): Edit =>
  (text) =>
    text + modules.map((name) => `noload = ${name}\n`).join('');
const gone: Edit = () => '; nothing\n';

const CASES: Case[] = [
  {
    what: 'a port on which nothing listens',
    settings: { url: 'http://127.0.0.1:8090/ari' },
    code: 'asterisk-address',
    says: '8090',
  },
  {
    what: 'a host name that does not exist',
    settings: { url: 'http://pbx.invalid:8088/ari' },
    code: 'asterisk-address',
    says: 'pbx.invalid',
  },
  {
    what: 'http switched off',
    edits: { 'http.conf': set('enabled', 'no') },
    code: 'asterisk-address',
    says: 'http.conf',
  },
  {
    what: 'ARI switched off',
    edits: { 'ari.conf': set('enabled', 'no') },
    code: 'asterisk-ari',
    says: 'ari.conf',
  },
  {
    what: 'a wrong path',
    settings: { url: 'http://127.0.0.1:8088/api' },
    code: 'asterisk-ari',
    says: '/ari',
  },
  {
    what: 'a prefix',
    edits: { 'http.conf': (text) => `${text}\nprefix = pbx\n` },
    code: 'asterisk-ari',
    says: 'PREFIX',
  },
  { what: 'an unknown user', settings: { user: 'nobody' }, code: 'asterisk-user', says: '[nobody]' },
  { what: 'a wrong password', settings: { password: 'wrong' }, code: 'asterisk-user', says: 'password' },
  {
    what: 'a user who may only read',
    edits: { 'ari.conf': set('read_only', 'yes') },
    code: 'asterisk-rights',
    says: 'read_only',
  },
  {
    what: 'a module that is left out',
    edits: { 'modules.conf': without('res_stasis_snoop.so') },
    code: 'asterisk-modules',
    says: 'res_stasis_snoop.so',
  },
  {
    what: 'no codec of telephones',
    edits: { 'modules.conf': without('codec_alaw.so') },
    code: 'asterisk-codecs',
    says: 'codec_alaw.so',
  },
  {
    what: 'no Opus',
    edits: { 'modules.conf': without('codec_opus_open_source.so') },
    code: 'asterisk-codecs',
    status: 'warning',
    says: 'G.711',
  },
  {
    what: 'no sorcery.conf',
    edits: { 'sorcery.conf': gone },
    code: 'asterisk-sorcery',
    says: 'auth/dyn = memory',
  },
  {
    what: 'endpoints that are not mapped',
    edits: { 'sorcery.conf': (text) => text.replace('endpoint/dyn = memory\n', '') },
    code: 'asterisk-sorcery',
    says: 'endpoint/dyn',
  },
  {
    what: 'no lines for trunks',
    edits: { 'sorcery.conf': (text) => text.replace('registration/dyn = memory\n', '') },
    code: 'asterisk-trunks',
    status: 'warning',
    says: 'registration/dyn',
  },
  {
    what: 'an AMI user with too few rights',
    edits: { 'manager.conf': set('write', 'call') },
    settings: { manager: { host: '127.0.0.1', port: 5038, user: 'crosspoint', secret: 'CHANGE-ME' } },
    code: 'asterisk-manager',
    says: 'write = system,call',
  },
  {
    what: 'a dialplan without our contexts',
    edits: { 'extensions.conf': () => '[globals]\nCROSSPOINT_APP = crosspoint\n' },
    code: 'asterisk-dialplan',
    says: '#include',
  },
  {
    what: 'a dialplan that lacks one context',
    edits: { 'extensions.conf': (text) => text.replace('[crosspoint-device]', '[something-else]') },
    code: 'asterisk-dialplan',
    says: 'crosspoint-device',
  },
  {
    what: 'another application in the dialplan',
    edits: { 'extensions.conf': set('CROSSPOINT_APP', 'other') },
    code: 'asterisk-application',
    says: 'other',
  },
  {
    what: 'a range of audio ports that is none',
    edits: { 'rtp.conf': set('rtpend', '9000') },
    code: 'asterisk-rtp',
    says: '10000 to 9000',
  },
  {
    what: 'too few audio ports',
    edits: { 'rtp.conf': set('rtpend', '10010') },
    code: 'asterisk-rtp',
    says: '11 ports',
  },
  {
    what: 'no ICE',
    edits: { 'rtp.conf': set('icesupport', 'no') },
    code: 'asterisk-rtp',
    says: 'icesupport',
  },
  {
    what: 'audio ports of the system',
    edits: { 'rtp.conf': set('rtpend', '40000') },
    code: 'asterisk-rtp',
    status: 'warning',
    says: '32768',
  },
  {
    what: 'SIP over WebSocket elsewhere',
    settings: { sipWebSocket: 'ws://127.0.0.1:8088/sip' },
    code: 'asterisk-sip-websocket',
    says: '/ws',
  },
  {
    what: 'a folder for spoken texts that is not there',
    settings: { sounds: '/nowhere/at/all' },
    code: 'asterisk-sounds',
    says: '/nowhere',
  },
  {
    what: 'https at a port of http',
    settings: { url: 'https://127.0.0.1:8088/ari' },
    code: 'asterisk-tls',
    says: 'http://',
  },
];

let asterisk: ExampleAsterisk | undefined;
let sounds: string;

beforeAll(async () => {
  sounds = await mkdtemp(join(tmpdir(), 'cp-sounds-'));
});
afterAll(() => rm(sounds, { recursive: true, force: true }));
afterEach(async () => {
  await asterisk?.stop();
  asterisk = undefined;
});

async function diagnose(edits: Record<string, Edit>, settings: Partial<ProbeSettings>) {
  asterisk = await ExampleAsterisk.start(edits);
  const report = await checkAsterisk({ ...SETTINGS, sounds, ...settings }, realClock);
  const off = report.checks.filter(({ status }) => status === 'wrong' || status === 'warning');
  return { report, off };
}

it('finds nothing wrong with the examples as they are, and leaves nothing behind', async () => {
  const { report, off } = await diagnose({}, {});
  expect(off).toEqual([]);
  expect(report).toMatchObject({ ok: true });
  expect(report.checks.length).toBe(17);
  const again = await checkAsterisk({ ...SETTINGS, sounds }, realClock);
  expect(again.ok).toBe(true);
});

describe('an Asterisk with', () => {
  it.each(CASES)('$what: $code', async ({ edits = {}, settings = {}, code, status = 'wrong', says }) => {
    const { report, off } = await diagnose(edits, settings);
    expect(off.map((check) => [check.code, check.status])).toEqual([[code, status]]);
    expect(`${off[0]?.found} ${off[0]?.fix}`).toContain(says);
    expect(report.ok).toBe(status === 'warning');
  });
});

describe('an Asterisk with https', () => {
  const encrypted = async (altName: string) => {
    const keys = await mkdtemp(join(tmpdir(), 'cp-keys-'));
    const pem = await generate([{ name: 'commonName', value: 'pbx' }], {
      algorithm: 'sha256',
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: altName },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
    await mkdir(keys, { recursive: true });
    await writeFile(join(keys, 'crt'), pem.cert);
    await writeFile(join(keys, 'key'), pem.private);
    const tls = `tlsenable = yes\ntlsbindaddr = 127.0.0.1:8089\ntlscertfile = ${keys}/crt\ntlsprivatekey = ${keys}/key\n`;
    return { edits: { 'http.conf': (text: string) => text + tls }, ca: pem.cert };
  };
  const https = { url: 'https://127.0.0.1:8089/ari' };

  it('is good with the authority of the company, by which SIP over WebSocket goes, too', async () => {
    const { edits, ca } = await encrypted('localhost');
    const { off } = await diagnose(edits, { ...https, ca });
    expect(off).toEqual([]);
  });

  it('and a certificate that nobody trusts: asterisk-tls', async () => {
    const { edits } = await encrypted('localhost');
    const { off } = await diagnose(edits, https);
    expect(off.map(({ code }) => code)).toEqual(['asterisk-tls']);
    expect(off[0]?.fix).toContain('Certificate authority');
  });

  it('and http in the address: asterisk-tls', async () => {
    const { edits } = await encrypted('localhost');
    const { off } = await diagnose(edits, { url: 'http://127.0.0.1:8089/ari' });
    expect(off.map(({ code }) => code)).toEqual(['asterisk-tls']);
    expect(off[0]?.fix).toContain('https://');
  });
});
