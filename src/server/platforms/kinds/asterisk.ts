/** A company's own Asterisk, 20 to 22, over ARI. What it needs in its configuration is in examples/asterisk. */
import { join } from 'node:path';
import { z } from 'zod';
import type { AmiAddress } from '../../telephony/ami/ami-connection.ts';
import { createAsterisk } from '../../telephony/asterisk/asterisk.ts';
import { createSpeech } from '../../telephony/speech/speech.ts';
import { checkAsterisk } from '../doctor/asterisk.ts';
import { sipWebSocketOf } from '../sip-address.ts';
import type { ProbeSettings } from '../doctor/probe.ts';
import { ofSwitch, platformKind, type SipUpstream } from '../kind.ts';

/** Before the names of our contexts in the company's dialplan, so that they are in nobody's way. */
export const CONTEXT_PREFIX = 'crosspoint-';

export const AsteriskSettings = z.object({
  url: z
    .string()
    .trim()
    .regex(/^https?:\/\/[^\s/]+(\/[^\s?#]*)?$/, 'an address such as http://pbx.example:8088/ari')
    .transform((url) => url.replace(/\/+$/, ''))
    .meta({
      title: 'ARI address',
      description: 'Where Asterisk answers for ARI: the bind address and port of http.conf, with /ari.',
      placeholder: 'http://pbx.example:8088/ari',
    }),
  user: z.string().trim().min(1).max(80).meta({
    title: 'User',
    description: 'The section of ari.conf, with read_only = no.',
    placeholder: 'crosspoint',
  }),
  password: z.string().min(1).max(200).meta({
    title: 'Password',
    description: 'The password of that section.',
    secret: true,
  }),
  application: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, _ and -')
    .default('crosspoint')
    .meta({
      title: 'Application',
      description: 'The name in Stasis(…) of extensions.conf. No other program may use it.',
      placeholder: 'crosspoint',
    }),
  sipWebSocket: z
    .string()
    .trim()
    .regex(/^wss?:\/\/[^\s/]+(\/[^\s?#]*)?$/, 'an address such as ws://pbx.example:8088/ws')
    .optional()
    .meta({
      title: 'SIP WebSocket',
      description:
        'Where browser phones reach SIP, by way of Crosspoint. Without it: the ARI address with /ws.',
      placeholder: 'ws://pbx.example:8088/ws',
    }),
  sipPort: z.number().int().min(1).max(65_535).default(5060).meta({
    title: 'SIP port',
    description: 'Where desk phones register: the port of the UDP or TCP transport in pjsip.conf.',
    placeholder: '5060',
  }),
  mediaAddress: z.union([z.ipv4(), z.ipv6()]).optional().meta({
    title: 'Media address',
    description:
      "Asterisk's own address that audio is bound to and announced with. Without it Asterisk chooses by the route.",
    placeholder: '192.0.2.10',
  }),
  managerUser: z.string().trim().min(1).max(80).optional().meta({
    title: 'AMI user',
    description:
      'A section of manager.conf with read = system and write = system,call: recording, answering desk phones and the state of registrations need it.',
    placeholder: 'crosspoint',
  }),
  managerSecret: z.string().min(1).max(200).optional().meta({
    title: 'AMI secret',
    description: 'The secret of that section.',
    secret: true,
  }),
  managerPort: z.number().int().min(1).max(65_535).default(5038).meta({
    title: 'AMI port',
    description: 'The port of manager.conf, on the machine of the ARI address.',
    placeholder: '5038',
  }),
  managerTls: z.boolean().default(false).meta({
    title: 'AMI by TLS',
    description: 'Where AMI goes over a network: tlsenable in manager.conf, usually at port 5039.',
  }),
  ca: z
    .string()
    .max(20_000)
    .regex(/-----BEGIN CERTIFICATE-----/, 'a certificate in PEM form')
    .optional()
    .meta({
      title: 'Certificate authority',
      description: "PEM of the authority that signed Asterisk's certificate, when it is the company's own.",
      long: true,
    }),
  sounds: z.string().max(300).startsWith('/').optional().meta({
    title: 'Folder for spoken texts',
    description:
      'A folder that this server writes and Asterisk reads under the same path (same machine, or shared). Without it greetings are not spoken there.',
    placeholder: '/var/lib/crosspoint/sounds',
  }),
});
export type AsteriskSettings = z.output<typeof AsteriskSettings>;

/** Where its browser phones reach SIP: the address that was set, or beside ARI. */
export function sipUpstreamOf(settings: AsteriskSettings): SipUpstream {
  const { ca } = settings;
  return { url: sipWebSocketOf(settings), ...(ca ? { ca } : {}) };
}

export const asteriskKind = platformKind({
  kind: 'asterisk',
  label: 'Asterisk',
  help: 'Your own Asterisk 20, 21 or 22, reached by ARI. Copy the files of examples/asterisk into its configuration first.',
  settings: AsteriskSettings,
  create(settings, { id, clock, log, voiceFor }) {
    const { url, user, password, ca, application, mediaAddress, sounds } = settings;
    const speech =
      sounds === undefined
        ? undefined
        : createSpeech({ dir: join(sounds, 'speech'), clock, log, ...(voiceFor ? { voiceFor } : {}) });
    const { switch: node, provisioning } = createAsterisk({
      id,
      address: () => ({ url, user, password, ...(ca ? { ca } : {}) }),
      manager: () => managerOf(settings),
      app: application,
      contextPrefix: CONTEXT_PREFIX,
      clock,
      log,
      speak: (text, language) =>
        speech?.speak(text, language) ??
        Promise.reject(new Error('no folder for spoken texts is set for this Asterisk')),
      ...(mediaAddress ? { mediaAddress } : {}),
    });
    return {
      ...ofSwitch(node),
      provisioning,
      sip: () => sipUpstreamOf(settings),
      registrar: () => ({ domain: new URL(url).hostname, port: settings.sipPort }),
      async close() {
        await node.close();
        await speech?.close();
      },
    };
  },
  check: (settings, { clock }) => checkAsterisk(definedOnly(settings), clock),
});

/** Where AMI is; undefined unless both user and secret are set. */
export function managerOf(settings: AsteriskSettings): AmiAddress | undefined {
  const { url, managerUser: user, managerSecret: secret, managerPort: port, managerTls, ca } = settings;
  if (user === undefined || secret === undefined) return undefined;
  const tls = managerTls ? { tls: ca ? { ca } : {} } : {};
  return { host: new URL(url).hostname, port, user, secret, ...tls };
}

/** Without the settings that are undefined. */
function definedOnly(settings: AsteriskSettings): ProbeSettings {
  const { url, user, password, application, sipWebSocket, ca, sounds } = settings;
  const manager = managerOf(settings);
  return {
    url,
    user,
    password,
    application,
    ...(manager ? { manager } : {}),
    ...(sipWebSocket ? { sipWebSocket } : {}),
    ...(ca ? { ca } : {}),
    ...(sounds ? { sounds } : {}),
  };
}
