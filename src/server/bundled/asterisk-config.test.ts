import { describe, expect, it } from 'vitest';
import { type AsteriskSettings, asteriskFiles } from './asterisk-config.ts';
import { ASTERISK_MODULES } from './asterisk-modules.ts';

const settings: AsteriskSettings = {
  runDir: '/srv/my data/asterisk',
  socketDir: '/run/cp',
  moduleDir: '/opt/ast/modules',
  dataDir: '/opt/ast/share',
  entityId: '02:00:00:00:00:01',
  ariPort: 18_088,
  ariPassword: 'secretone',
  readPassword: 'secrettwo',
  ami: { port: 18_038, password: 'secretthree' },
  sipHost: '127.0.0.1',
  sipPort: 5_060,
  tlsPort: 18_061,
  rtpStart: 12_000,
  rtpEnd: 13_999,
  iceAddress: '192.0.2.7',
};

function fileOf(name: string, changes: Partial<AsteriskSettings> = {}): string {
  return asteriskFiles({ ...settings, ...changes })[name] ?? '';
}

describe('the configuration of the private Asterisk', () => {
  it('keeps ARI on loopback, whatever address SIP has', () => {
    const http = fileOf('http.conf', { sipHost: '192.0.2.7' });
    expect(http).toContain('bindaddr = 127.0.0.1\nbindport = 18088\n');
    expect(http).not.toContain('192.0.2.7');
  });

  it('lets strangers call in from this machine only', () => {
    expect(fileOf('pjsip.conf')).toContain('[anonymous]\ntype = endpoint\ncontext = public\n');
    expect(fileOf('pjsip.conf', { sipHost: '::1' })).toContain('[anonymous]');
    for (const sipHost of ['192.0.2.7', '0.0.0.0', '::']) {
      expect(fileOf('pjsip.conf', { sipHost })).not.toContain('anonymous]');
    }
  });

  it('binds SIP to the address and port asked for, also by IPv6', () => {
    expect(fileOf('pjsip.conf').match(/bind = 127\.0\.0\.1:5060\n/g)).toHaveLength(2);
    expect(fileOf('pjsip.conf', { sipHost: '::1', sipPort: 5_070 })).toContain('bind = [::1]:5070\n');
  });

  it('checks the certificate of whom it connects to by TLS, against its own list or the one that is given', () => {
    const conf = fileOf('pjsip.conf');
    expect(conf).toContain('bind = 127.0.0.1:18061\nmethod = tlsv1_2\n');
    expect(conf).toContain('ca_list_file = /srv/my data/asterisk/etc/authorities.pem\nverify_server = yes\n');
    expect(fileOf('pjsip.conf', { authorities: '/etc/ca.pem' })).toContain('ca_list_file = /etc/ca.pem\n');
    expect(fileOf('pjsip.conf', { tlsPort: undefined })).not.toContain('tls');
  });

  it('offers loopback as a candidate for browsers on this machine, and never from a network address', () => {
    expect(fileOf('rtp.conf')).toContain('[ice_host_candidates]\n192.0.2.7 => 127.0.0.1\n');
    expect(fileOf('rtp.conf', { sipHost: '192.0.2.7' })).not.toContain('=>');
    expect(fileOf('rtp.conf', { iceAddress: undefined })).not.toContain('=>');
  });

  it('has each secret in one file, and no second user without a second secret', () => {
    const holding = (secret: RegExp) =>
      Object.entries(asteriskFiles(settings)).flatMap(([name, text]) => (secret.test(text) ? [name] : []));
    expect(holding(/secret(one|two)/)).toEqual(['ari.conf']);
    expect(holding(/secretthree/)).toEqual(['manager.conf']);
    expect(fileOf('ari.conf', { readPassword: undefined })).not.toContain('read_only = yes');
  });

  it('has AMI on loopback, and none without a port of its own', () => {
    expect(fileOf('manager.conf')).toContain('bindaddr = 127.0.0.1\nport = 18038\n');
    expect(fileOf('manager.conf', { ami: undefined })).toContain('enabled = no');
  });

  it('lets no channel be transferred by Asterisk itself', () => {
    const ours = fileOf('extensions.conf').split('Stasis(').slice(0, -1);
    for (const before of ours) expect(before).toContain('Set(PJSIP_TRANSFER_HANDLING()=ari-only)');
    expect(fileOf('pjsip.conf')).toContain('[anonymous]\ntype = endpoint\n');
    expect(fileOf('pjsip.conf')).toContain('allow_transfer = no');
  });

  it('writes a path with a space as it is and a semicolon so that it begins no comment', () => {
    expect(fileOf('asterisk.conf')).toContain('astetcdir = /srv/my data/asterisk/etc\n');
    expect(fileOf('asterisk.conf', { runDir: '/a;b' })).toContain('astetcdir = /a\\;b/etc\n');
  });

  it('leaves the compiled-in folders alone for an Asterisk that is installed on the machine', () => {
    const conf = fileOf('asterisk.conf', { moduleDir: undefined, dataDir: undefined });
    expect(conf).not.toMatch(/astmoddir|astdatadir|undefined/);
  });

  it('loads each module once, and only those listed', () => {
    expect(new Set(ASTERISK_MODULES).size).toBe(ASTERISK_MODULES.length);
    expect(fileOf('modules.conf').match(/^load = /gm)).toHaveLength(ASTERISK_MODULES.length);
    expect(fileOf('modules.conf')).toContain('autoload = no');
  });

  it('has a fallback in every context that calls come through', () => {
    const contexts = fileOf('extensions.conf').split(/^(?=\[)/m);
    for (const name of ['public', 'device', 'visitor', 'crosspoint-leg']) {
      const text = contexts.find((context) => context.startsWith(`[${name}]`));
      expect(text, name).toContain('include => crosspoint-fallback');
    }
  });
});
