import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { pageAddress, progressPrinter, publicAddress, welcome } from './welcome.ts';

const ROOT = '/srv/crosspoint';
const config = (env: Record<string, string> = {}) => readConfig({ env, root: ROOT, uid: 1000 });
const AGENT = { username: 'agent', password: 'crosspoint', name: 'Alice Moreau' };
const printed = (facts: Partial<Parameters<typeof welcome>[0]> = {}) =>
  welcome({ config: config(), users: [AGENT], seconds: 1.23, ...facts }).join('\n');

describe('the progress of a start', () => {
  it('is a line for everything that begins and for each tenth of a download, and none twice', () => {
    const lines: string[] = [];
    const print = progressPrinter((line) => lines.push(line));
    print({ part: 'postgres', text: 'Starting PostgreSQL' });
    for (const percent of [0, 1, 9, 10, 10, 19, 100])
      print({ part: 'asterisk', text: 'Downloading', percent });
    print({ part: 'postgres', text: 'PostgreSQL is ready' });
    expect(lines).toEqual([
      '  Starting PostgreSQL',
      '  Downloading (0 %)',
      '  Downloading (10 %)',
      '  Downloading (100 %)',
      '  PostgreSQL is ready',
    ]);
  });
});

describe('the address of the pages', () => {
  it('is the one that is listened on, in brackets when it is IPv6', () => {
    expect(pageAddress(config())).toBe('http://127.0.0.1:8080');
    expect(pageAddress(config({ CROSSPOINT_HOST: '::1', CROSSPOINT_PORT: '9000' }))).toBe(
      'http://[::1]:9000',
    );
  });

  it('is one that others can reach when all are listened on', () => {
    expect(pageAddress(config({ CROSSPOINT_OFFICE: 'on' }))).toMatch(
      /^https:\/\/(?!0\.0\.0\.0)[\w.-]+:8080$/,
    );
  });
});

describe('the address that people know', () => {
  it('is that of the pages, or of what stands in front of them', () => {
    expect(publicAddress(config())).toBe('http://127.0.0.1:8080');
    const behind = config({ CROSSPOINT_PUBLIC_URL: 'https://Phones.example.com:443/' });
    expect(publicAddress(behind)).toBe('https://phones.example.com');
    expect(pageAddress(behind), 'where we are is another matter').toBe('http://127.0.0.1:8080');
  });
});

describe('the welcome', () => {
  it('names the pages, the users and the way to a first call', () => {
    const text = printed({ rtp: { start: 10_000, end: 11_999 } });
    expect(text).toContain('ready after 1.2 s');
    expect(text).toContain('http://127.0.0.1:8080/call');
    expect(text).toContain('agent  crosspoint  (Alice Moreau)');
    expect(text).toContain('sip:100@127.0.0.1:5060');
    expect(text).not.toContain('Firewall');
  });

  it('says why there is no audio, and what to do', () => {
    const text = printed({ asteriskMissing: 'There is no apt here.' });
    expect(text).toContain('There is no audio');
    expect(text).toContain('There is no apt here. Install apt, or set ASTERISK_BIN');
    expect(text).not.toContain('SIP phones');
  });

  it('says in the office what a firewall has to let in, and that browsers ask about the certificate', () => {
    const text = printed({
      config: config({ CROSSPOINT_OFFICE: 'on' }),
      rtp: { start: 10_000, end: 11_999 },
    });
    expect(text).toContain('let in TCP 8080, UDP and TCP 5060 for SIP phones, UDP 10000-11999 for audio');
    expect(text).toContain('Certificate');
    expect(text).not.toContain('sip:100@');
  });

  it('names no users when there is nobody whose password is known', () => {
    expect(printed({ users: [] })).not.toContain('Sign in as');
  });
});
