/**
 * A PBX that routes by itself, as companies have it: a real Asterisk with queues (app_queue), desk phones with passwords, an
 * incoming trunk, a dial plan of its own with its feature codes, parking, and one AMI user for us with the rights that
 * docs/pbx.md names. Nothing in it knows of Crosspoint.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../src/lib/clock.ts';
import { asteriskFolder, fetchedAsterisk } from '../../src/server/bundled/asterisk-fetch.ts';
import { type AsteriskProgram, programInFolder } from '../../src/server/bundled/asterisk-program.ts';
import { cacheFolder } from '../../src/server/bundled/cache-folder.ts';
import { type AmiAddress, AmiConnection } from '../../src/server/telephony/ami/ami-connection.ts';
import type { AmiFields } from '../../src/server/telephony/ami/ami-message.ts';
import { SipPhone } from './sip-phone.ts';

/** More AMI users, each with something wrong, by name: their `read` and `write`. */
const BROKEN_USERS: Record<string, [read: string, write: string]> = {
  'no-originate': ['call,agent', 'call,agent,system'],
  'no-agent': ['call,agent', 'call,system,originate'],
  'no-system': ['call,agent', 'call,agent,originate'],
  deaf: ['agent', 'call,agent,system,originate'],
};

/** Each rig has ports of its own: the one before may still be letting go of its own. */
let rigs = 0;

const AMI_SECRET = 'a-secret-for-tests';
export const EXTENSIONS = ['201', '202', '203'];
/** What manager.conf lets our user do: the same as docs/pbx.md says, which a test compares. */
export const AMI_READ = 'call,agent';
export const AMI_WRITE = 'call,agent,system,originate';

export class PbxRig {
  readonly sip: { host: string; port: number };
  readonly ami: AmiAddress;
  /** The same AMI by TLS; its certificate (PEM) is `authority`. */
  readonly tlsPort: number;
  authority = '';
  /** The port to which the PBX sends what it dials outside: see `carrier`. */
  readonly carrierPort: number;
  readonly folder: string;
  readonly #program: AsteriskProgram;
  #child: ChildProcess | undefined;
  readonly #phones: SipPhone[] = [];

  private constructor(folder: string, program: AsteriskProgram, number: number) {
    this.folder = folder;
    this.#program = program;
    this.sip = { host: '127.0.0.1', port: 16_060 + number };
    this.ami = { host: '127.0.0.1', port: 15_500 + number, user: 'crosspoint', secret: AMI_SECRET };
    this.carrierPort = 16_500 + number;
    this.tlsPort = 15_700 + number;
  }

  static async start(): Promise<PbxRig> {
    const fetched = await fetchedAsterisk(asteriskFolder(cacheFolder()));
    if (!fetched) throw new Error('Asterisk was not fetched: run `npm run fetch` first');
    const folder = await mkdtemp(join(tmpdir(), 'cp-pbx-'));
    const rig = new PbxRig(folder, programInFolder(fetched.dir), rigs++);
    await rig.#write();
    await rig.boot();
    return rig;
  }

  /** Starts Asterisk; after `kill` once more. Resolves when its AMI lets us in. */
  async boot(): Promise<void> {
    const { command, prefix } = this.#program;
    await rm(join(this.folder, 'r/asterisk.pid'), { force: true });
    this.#child = spawn(command, [...prefix, '-f', '-C', join(this.folder, 'etc/asterisk.conf')], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: this.folder },
    });
    const until = Date.now() + 20_000;
    while (!(await this.#answers())) {
      if (Date.now() > until)
        throw new Error(
          `the PBX did not start: ${await readFile(join(this.folder, 'log/messages'), 'utf8')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** It dies, with all its calls. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** A desk phone, registered. */
  async phone(extension: string): Promise<SipPhone> {
    const phone = await SipPhone.open({ server: this.sip, user: extension, password: `pass-${extension}` });
    this.#phones.push(phone);
    let status = 0;
    // AMI answers before SIP does
    for (let tries = 0; tries < 5 && status !== 200; tries++) status = await phone.register().catch(() => 0);
    if (status !== 200) throw new Error(`${extension} could not register: ${status}`);
    return phone;
  }

  /** The other end of the PBX's trunk: calls in from here, and gets what is dialled with 9 in front. */
  async carrier(): Promise<SipPhone> {
    const phone = await SipPhone.open({ server: this.sip, user: 'carrier', port: this.carrierPort });
    this.#phones.push(phone);
    return phone;
  }

  async stop(): Promise<void> {
    for (const phone of this.#phones) phone.close();
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Names of the channels that there are. */
  async channels(): Promise<string[]> {
    return this.#asAdministrator(async (ami) =>
      (await ami.list('CoreShowChannels')).map((one) => one.get('Channel')),
    );
  }

  /** What the PBX's own administrator does, or another program that has an AMI user; a refusal is no error. */
  async action(action: string, fields: AmiFields): Promise<void> {
    await this.#asAdministrator(async (ami) => void (await ami.send(action, fields).catch(() => undefined)));
  }

  /** Members of a queue as the PBX lists them. */
  async members(queue: string): Promise<{ interface: string; paused: boolean; reason: string }[]> {
    return this.#asAdministrator(async (ami) =>
      (await ami.list('QueueStatus', { Queue: queue }))
        .filter((event) => event.event === 'QueueMember')
        .map((event) => ({
          interface: event.get('Location'),
          paused: event.get('Paused') === '1',
          reason: event.get('PausedReason'),
        })),
    );
  }

  async #asAdministrator<T>(work: (ami: AmiConnection) => Promise<T>): Promise<T> {
    const options = {
      address: this.ami,
      clock: realClock,
      onEvent: () => undefined,
      onClosed: () => undefined,
    };
    const connection = await AmiConnection.open(options, 'off');
    try {
      return await work(connection);
    } finally {
      connection.close();
    }
  }

  get queueLog(): string {
    return join(this.folder, 'log/queue_log');
  }

  async #answers(): Promise<boolean> {
    const ready = async (ami: AmiConnection) =>
      (await ami.list('QueueStatus')).some((event) => event.event === 'QueueParams');
    return this.#asAdministrator(ready).catch(() => false);
  }

  async #write(): Promise<void> {
    const folders = [
      'etc',
      'lib/keys',
      'log',
      'r',
      'spool/tmp',
      'spool/monitor',
      'spool/outgoing',
      'spool/system',
    ];
    for (const name of folders) await mkdir(join(this.folder, name), { recursive: true });
    this.authority = await this.#certify();
    for (const [name, text] of Object.entries(this.#files()))
      await writeFile(join(this.folder, 'etc', name), text);
  }

  /** A certificate that nobody else has signed, as a company makes one for itself. */
  async #certify(): Promise<string> {
    const { generate } = await import('selfsigned');
    const made = await generate([{ name: 'commonName', value: 'Office PBX' }], {
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    });
    await writeFile(join(this.folder, 'etc/ami.pem'), `${made.cert}\n${made.private}`);
    return made.cert;
  }

  #files(): Record<string, string> {
    const { folder, sip, ami, carrierPort } = this;
    const { moduleDir, dataDir } = this.#program;
    const empty = 'acl ccss cel cdr pjproject pjsip_notify udptl http'.split(' ');
    return {
      ...Object.fromEntries(empty.map((name) => [`${name}.conf`, '; empty\n'])),
      'asterisk.conf': `[directories]
astetcdir = ${folder}/etc
astvarlibdir = ${folder}/lib
astdbdir = ${folder}/lib
astkeydir = ${folder}/lib
astspooldir = ${folder}/spool
astlogdir = ${folder}/log
astrundir = ${folder}/r
astmoddir = ${moduleDir ?? ''}
astdatadir = ${dataDir ?? ''}
[options]
entityid = 02:00:00:00:00:02
nocolor = yes
`,
      'modules.conf': `[modules]
autoload = yes
${NOT_LOADED.map((name) => `noload = ${name}.so\n`).join('')}`,
      'logger.conf':
        '[general]\nqueue_log = yes\nqueue_log_to_file = yes\n[logfiles]\nmessages => notice,warning,error\n',
      'rtp.conf': '[general]\nrtpstart = 20000\nrtpend = 21000\n',
      'manager.conf': `[general]
enabled = yes
bindaddr = 127.0.0.1
port = ${ami.port}
tlsenable = yes
tlsbindaddr = 127.0.0.1:${this.tlsPort}
tlscertfile = ${folder}/etc/ami.pem

[crosspoint]
secret = ${ami.secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = ${AMI_READ}
write = ${process.env.PROBE ? 'all' : AMI_WRITE}
writetimeout = 5000
${Object.entries(BROKEN_USERS)
  .map(([name, [read, write]]) => `[${name}]\nsecret = ${ami.secret}\nread = ${read}\nwrite = ${write}\n`)
  .join('')}`,
      'features.conf': '[featuremap]\natxfer = *2\nblindxfer = ##\n',
      'res_parking.conf':
        '[default]\nparkext => 700\nparkpos => 701-720\ncontext => parkedcalls\nparkingtime => 60\n',
      'musiconhold.conf': `[default]\nmode = files\ndirectory = ${dataDir ?? ''}/moh\n`,
      'queues.conf': QUEUES,
      'extensions.conf': DIALPLAN,
      'pjsip.conf': `[global]
type = global
endpoint_identifier_order = username,ip
[udp]
type = transport
protocol = udp
bind = ${sip.host}:${sip.port}
${EXTENSIONS.map(deskPhone).join('')}
[carrier]
type = endpoint
context = from-trunk
disallow = all
allow = ulaw
aors = carrier
direct_media = no
[carrier]
type = aor
contact = sip:carrier@127.0.0.1:${carrierPort}
[carrier]
type = identify
endpoint = carrier
match = 127.0.0.1
`,
    };
  }
}

function deskPhone(extension: string): string {
  return `[${extension}]
type = endpoint
context = from-internal
disallow = all
allow = ulaw
auth = ${extension}
aors = ${extension}
callerid = Phone ${extension} <${extension}>
direct_media = no
device_state_busy_at = 1
[${extension}]
type = auth
auth_type = userpass
username = ${extension}
password = pass-${extension}
[${extension}]
type = aor
max_contacts = 1
remove_existing = yes
`;
}

/** Databases that are not there. */
const NOT_LOADED =
  'cel_pgsql cdr_pgsql cel_odbc cdr_odbc cel_tds cdr_tds res_config_pgsql res_config_odbc res_odbc res_config_ldap cel_radius cdr_radius chan_iax2 chan_unistim pbx_dundi res_xmpp app_voicemail_imap app_voicemail_odbc res_calendar res_snmp chan_console res_hep res_smdi app_jack'.split(
    ' ',
  );

/** `sales`: phones as members. `support`: members behind Local channels, as FreePBX has them. */
const QUEUES = `[general]
persistentmembers = no
autofill = yes
shared_lastcall = no
[sales]
strategy = rrmemory
timeout = 10
retry = 1
wrapuptime = 0
ringinuse = no
musicclass = default
member => PJSIP/201,0,Ann
member => PJSIP/202,0,Bob
[support]
strategy = ringall
timeout = 10
retry = 1
wrapuptime = 2
ringinuse = no
member => Local/203@from-queue/n,0,Cy,PJSIP/203
`;

const DIALPLAN = `[from-trunk]
exten => 6000,1,Answer()
 same => n,Queue(sales,tT)
 same => n,Hangup()
exten => 6001,1,Answer()
 same => n,Queue(support,tT)
 same => n,Hangup()
exten => _2XX,1,Dial(PJSIP/\${EXTEN},30,tT)
 same => n,Hangup()

[from-queue]
exten => _2XX,1,Dial(PJSIP/\${EXTEN},30,tT)
 same => n,Hangup()

[from-internal]
include => parkedcalls
exten => _2XX,1,Dial(PJSIP/\${EXTEN},30,tT)
 same => n,Hangup()
exten => 600X,1,Goto(from-trunk,\${EXTEN},1)
exten => _9X.,1,Dial(PJSIP/\${EXTEN:1}@carrier,30,tT)
 same => n,Hangup()
exten => _+X.,1,Dial(PJSIP/\${EXTEN}@carrier,30,tT)
 same => n,Hangup()
`;
