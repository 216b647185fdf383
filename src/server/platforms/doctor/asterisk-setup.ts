/** What Asterisk has to have: modules, codecs, devices at run time, dialplan, audio ports, SIP over WebSocket, sounds. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { randomToken } from '../../../lib/ids.ts';
import { reasonOf } from './asterisk-connection.ts';
import { type Check, type Finding, ok, warning, wrong } from './check.ts';
import { sipWebSocketOf } from '../sip-address.ts';
import type { AsteriskProbe } from './probe.ts';

/** Without these some call, device or button does not work; what each is for. */
const MODULES: Record<string, string> = {
  'chan_pjsip.so': 'SIP',
  'res_pjsip.so': 'SIP',
  'res_pjsip_session.so': 'SIP calls',
  'res_pjsip_sdp_rtp.so': 'audio of SIP calls',
  'res_rtp_asterisk.so': 'audio',
  'res_srtp.so': 'audio of browsers',
  'res_pjsip_transport_websocket.so': 'browser phones',
  'res_http_websocket.so': 'browser phones and events',
  'res_pjsip_registrar.so': 'phones that register',
  'res_pjsip_authenticator_digest.so': 'passwords of phones',
  'res_pjsip_endpoint_identifier_user.so': 'who is calling',
  'res_pjsip_header_funcs.so': 'telling a browser phone which call it is',
  'res_sorcery_memory.so': 'devices at run time',
  'res_stasis.so': 'the application',
  'app_stasis.so': 'the application',
  'res_stasis_answer.so': 'answering',
  'res_stasis_playback.so': 'greetings',
  'res_stasis_recording.so': 'recording',
  'res_stasis_snoop.so': 'listening in',
  'res_ari_applications.so': 'ARI',
  'res_ari_asterisk.so': 'ARI',
  'res_ari_bridges.so': 'ARI',
  'res_ari_channels.so': 'ARI',
  'res_ari_endpoints.so': 'ARI',
  'res_ari_events.so': 'ARI',
  'res_ari_playbacks.so': 'ARI',
  'res_ari_recordings.so': 'ARI',
  'res_musiconhold.so': 'music for those who wait',
  'bridge_softmix.so': 'conferences',
  'bridge_simple.so': 'talks between two',
  'func_timeout.so': 'the fallback of callers who wait',
  'func_callerid.so': 'callers’ numbers',
  'func_config.so': 'this test',
  'func_dialplan.so': 'this test',
  'app_playback.so': 'the apology',
};
const OPUS = ['codec_opus.so', 'codec_opus_open_source.so'];
const CODECS: Record<string, string> = {
  'codec_ulaw.so': 'calls in and to North America',
  'codec_alaw.so': 'calls elsewhere',
  'codec_resample.so': 'browsers beside telephones',
};

async function runningModules(probe: AsteriskProbe): Promise<Set<string>> {
  const { body } = await probe.ask('GET', '/asterisk/modules');
  const all = Array.isArray(body) ? (body as { name: string; status: string }[]) : [];
  return new Set(all.filter(({ status }) => status === 'Running').map(({ name }) => name));
}

function missingOf(wanted: Record<string, string>, running: ReadonlySet<string>): string[] {
  return Object.keys(wanted).filter((name) => !running.has(name));
}

function loadLines(names: readonly string[]): string {
  return `Take away "noload" for it in modules.conf or add "load = …" (or install it), then: asterisk -rx "module load ${names[0] ?? ''}".`;
}

async function checkModules(probe: AsteriskProbe): Promise<Finding> {
  const missing = missingOf(MODULES, await runningModules(probe));
  if (missing.length === 0) return ok('Every module that is needed runs.');
  const named = missing.map((name) => `${name} (${MODULES[name]})`).join(', ');
  return wrong(`Not loaded: ${named}.`, loadLines(missing));
}

async function checkCodecs(probe: AsteriskProbe): Promise<Finding> {
  const running = await runningModules(probe);
  const missing = missingOf(CODECS, running);
  if (missing.length > 0)
    return wrong(
      `Codecs are missing: ${missing.map((name) => `${name} (${CODECS[name]})`).join(', ')}.`,
      loadLines(missing),
    );
  if (!OPUS.some((name) => running.has(name)))
    return warning(
      'There is no Opus: browsers speak G.711.',
      'Install a codec_opus for better sound over the internet.',
    );
  return ok('G.711 and Opus are there.');
}

/** Asterisk 22 answers a type that is not mapped to memory with 403 or 404, an old one with 500. */
async function checkSorcery(probe: AsteriskProbe): Promise<Finding> {
  const id = `doctor-${randomToken(10)}`;
  const objects = {
    auth: { auth_type: 'userpass', username: id, password: randomToken(26) },
    aor: { max_contacts: '1' },
    endpoint: {
      context: 'crosspoint-device',
      webrtc: 'yes',
      dtls_auto_generate_cert: 'yes',
      allow: 'ulaw',
      auth: id,
      aors: id,
    },
  };
  const refused: string[] = [];
  for (const [type, fields] of Object.entries(objects)) {
    const path = `/asterisk/config/dynamic/res_pjsip/${type}/${id}`;
    const body = { fields: Object.entries(fields).map(([attribute, value]) => ({ attribute, value })) };
    const { status } = await probe.ask('PUT', path, body);
    if (status !== 200) refused.push(type);
  }
  for (const type of ['endpoint', 'aor', 'auth'])
    await probe.ask('DELETE', `/asterisk/config/dynamic/res_pjsip/${type}/${id}`);
  if (refused.length === 0) return ok('Devices can be made at run time.');
  return wrong(
    `Asterisk makes no ${refused.join(', no ')} at run time.`,
    `Add ${refused.map((type) => `"${type}/dyn = memory"`).join(', ')} to [res_pjsip] of sorcery.conf, as in examples/asterisk, and restart Asterisk (a reload is not enough).`,
  );
}

const CONTEXTS = ['crosspoint-trunk', 'crosspoint-device', 'crosspoint-leg', 'crosspoint-fallback'];
const SAMPLE: Record<string, string> = { 'crosspoint-leg': 's', 'crosspoint-fallback': 'T' };

async function checkDialplan(probe: AsteriskProbe): Promise<Finding> {
  const missing: string[] = [];
  for (const context of CONTEXTS) {
    const found = await probe.read(`DIALPLAN_EXISTS(${context},${SAMPLE[context] ?? '100'},1)`);
    if (found !== '1') missing.push(context);
  }
  if (missing.length === 0) return ok('The dialplan has our contexts.');
  return wrong(
    `The dialplan has no ${missing.join(', no ')}.`,
    'Copy extensions.conf of examples/asterisk to crosspoint.conf, put "#include crosspoint.conf" into extensions.conf, and: asterisk -rx "dialplan reload".',
  );
}

async function checkApplication(probe: AsteriskProbe): Promise<Finding> {
  const { application } = probe.settings;
  const inDialplan = await probe.read('CROSSPOINT_APP');
  if (inDialplan === application) return ok(`The dialplan hands calls to ${application}.`);
  return wrong(
    `The dialplan hands calls to ${inDialplan === undefined ? 'no application' : `the application ${inDialplan}`}, and here stands ${application}.`,
    'Write the same name here and as CROSSPOINT_APP in [globals] of the dialplan.',
  );
}

/** Asterisk's own defaults where rtp.conf says nothing. */
const RTP = { start: 5_000, end: 31_000 };
/** Two ports for each call, and browsers take a few more while they connect. */
const FEW_PORTS = 100;
const EPHEMERAL = 32_768;

async function checkRtp(probe: AsteriskProbe): Promise<Finding> {
  const setting = (name: string) => probe.read(`AST_CONFIG(rtp.conf,general,${name})`);
  const start = Number((await setting('rtpstart')) ?? RTP.start);
  const end = Number((await setting('rtpend')) ?? RTP.end);
  const ice = (await setting('icesupport')) ?? 'yes';
  const where = `${start} to ${end}`;
  if (!(start > 0 && end <= 65_535 && start < end))
    return wrong(
      `The range of audio ports, ${where}, is none.`,
      'Set rtpstart and rtpend in rtp.conf, such as 10000 and 15998.',
    );
  if (end - start < FEW_PORTS)
    return wrong(
      `There are only ${end - start + 1} ports for audio (${where}).`,
      'Give rtp.conf four ports for each call at a time, and open them in the firewall.',
    );
  if (!/^(yes|true|on|1)$/i.test(ice))
    return wrong(
      'Browsers would hear nothing: icesupport is off.',
      'Set icesupport = yes in [general] of rtp.conf, and restart Asterisk.',
    );
  if (end >= EPHEMERAL)
    return warning(
      `The audio ports ${where} overlap with those that the system hands out (${EPHEMERAL} and up).`,
      'Choose a range below, such as 10000 to 15998.',
    );
  return ok(`Audio uses the UDP ports ${where}: phones and browsers must reach all of them.`);
}

async function checkSipWebSocket(probe: AsteriskProbe): Promise<Finding> {
  const address = sipWebSocketOf(probe.settings);
  try {
    const socket = await probe.within('SIP over WebSocket', probe.open(address, 'sip'));
    try {
      const answered = new Promise<string>((resolve) =>
        socket.once('message', (data) => resolve(String(data))),
      );
      socket.send(optionsRequest());
      const [line = ''] = (await probe.within('the answer to SIP', answered)).split('\r\n');
      if (line.startsWith('SIP/2.0')) return ok('SIP over WebSocket answers.');
      throw new Error('what answers is not SIP');
    } finally {
      socket.terminate();
    }
  } catch (error) {
    return wrong(
      `Browser phones cannot reach SIP at ${address} (${reasonOf(error)}).`,
      'Put [transport-ws] of examples/asterisk into pjsip.conf and load res_pjsip_transport_websocket.so; the path is /ws.',
    );
  }
}

/** RFC 7118: over a WebSocket the Via names a host that does not exist. */
function optionsRequest(): string {
  const lines = [
    'OPTIONS sip:doctor@crosspoint.invalid SIP/2.0',
    `Via: SIP/2.0/WS doctor.invalid;branch=z9hG4bK${randomToken(16)};rport`,
    'Max-Forwards: 70',
    `From: <sip:doctor@crosspoint.invalid>;tag=${randomToken(10)}`,
    'To: <sip:doctor@crosspoint.invalid>',
    `Call-ID: ${randomToken(20)}`,
    'CSeq: 1 OPTIONS',
    'Contact: <sip:doctor@doctor.invalid;transport=ws>',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

async function checkSounds(probe: AsteriskProbe): Promise<Finding> {
  const { sounds } = probe.settings;
  for (const name of ['im-sorry', 'please-try-call-later']) {
    const { status } = await probe.ask('GET', `/sounds/${name}`);
    if (status !== 200)
      return warning(
        `Asterisk has no sound ${name}: the apology is silent.`,
        "Install Asterisk's core sounds, or change crosspoint-away and crosspoint-fallback.",
      );
  }
  if (sounds === undefined)
    return warning(
      'No folder for spoken texts is set: greetings are not spoken on this Asterisk.',
      'Set a folder that this server writes and Asterisk reads under the same path.',
    );
  const writable = await access(sounds, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable)
    return wrong(
      `This server cannot write into ${sounds}.`,
      'Make the folder, and let the user of this server write there.',
    );
  return ok('The apology and spoken texts can be played.');
}

const READ = ['asterisk-rights', 'asterisk-modules', 'asterisk-events'];

export const SETUP_CHECKS: readonly Check<AsteriskProbe>[] = [
  { code: 'asterisk-modules', title: 'Modules', needs: ['asterisk-user'], run: checkModules },
  { code: 'asterisk-codecs', title: 'Codecs', needs: ['asterisk-user'], run: checkCodecs },
  { code: 'asterisk-sorcery', title: 'Devices at run time', needs: ['asterisk-rights'], run: checkSorcery },
  { code: 'asterisk-dialplan', title: 'Dialplan', needs: READ, run: checkDialplan },
  {
    code: 'asterisk-application',
    title: 'Application',
    needs: [...READ, 'asterisk-dialplan'],
    run: checkApplication,
  },
  { code: 'asterisk-rtp', title: 'Audio ports', needs: READ, run: checkRtp },
  {
    code: 'asterisk-sip-websocket',
    title: 'SIP over WebSocket',
    needs: ['asterisk-ari'],
    run: checkSipWebSocket,
  },
  { code: 'asterisk-sounds', title: 'Sounds', needs: ['asterisk-user'], run: checkSounds },
];
