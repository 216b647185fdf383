import { isIP } from 'node:net';
import { CodedError } from '../../../protocol/errors.ts';
import type { ProvisionedDevice } from '../ports.ts';

export interface DeviceOptions {
  /**
   * Address that audio binds to and is announced with; set it where SIP is on loopback only. Left out, Asterisk chooses
   * by the route to the device.
   */
  mediaAddress?: string;
  /** Put before the names of the dialplan contexts that devices come into (`device`, `visitor`); default none. */
  contextPrefix?: string;
  /**
   * Seconds between OPTIONS requests to a registered plain phone, so that one that was unplugged is known; 0: none. Default 10:
   * a restarted Asterisk takes up its registrations from before but counts them offline until the first answer, which it asks
   * for at a random moment within this time, and a phone that registers meanwhile is not asked sooner.
   */
  qualifySeconds?: number;
  /**
   * Whether Asterisk leaves it to us what a phone's REFER does (features.ts); default true. Where it does not, it would carry
   * the transfer out by itself, past us and whoever may dial what: then no device may.
   */
  transfers?: boolean;
}

/** A `res_pjsip` object: type, and its fields in the order in which Asterisk is to apply them. */
export interface SorceryObject {
  type: 'auth' | 'aor' | 'endpoint';
  fields: { attribute: string; value: string }[];
}

const NAME = /^[A-Za-z0-9-]{1,79}$/;
/** Names of objects in pjsip.conf that a device must not shadow. */
const RESERVED = new Set(['anonymous', 'global', 'system']);
const DIAL = /^[0-9A-Za-z*#+]{1,79}$/;
/**
 * Q.850 has nothing to say of a lost radio link or a pulled plug: a device that sends no audio for this long is gone. It is long
 * since a phone with silence suppression sends nothing at all while its user only listens, to a queue's music for example.
 */
const RTP_TIMEOUT_SECONDS = 600;
/** The same while it holds the call, when it may send nothing. */
const RTP_TIMEOUT_HOLD_SECONDS = 3_600;

/** Throws `bad-input` unless the device can be written into Asterisk's configuration as it is. */
export function checkDevice({ name, password, onlyDial, kind, refusedFrom = [] }: ProvisionedDevice): void {
  const wrong = (detail: string): never => {
    throw new CodedError('bad-input', { detail });
  };
  if (!NAME.test(name) || RESERVED.has(name)) wrong('a device name has letters, digits and "-"');
  if (!/^[\x21-\x7e]{8,128}$/.test(password))
    wrong('a device password has 8 to 128 visible ASCII characters');
  if (kind === 'visitor' && !DIAL.test(onlyDial ?? ''))
    wrong('a visitor needs the one number that it may dial');
  if (!refusedFrom.every((address) => isIP(address) > 0)) wrong('a device is refused by IP address');
}

/** The objects that make up a device, in the order in which they are put; they are removed in the opposite one. */
export function deviceObjects(device: ProvisionedDevice, options: DeviceOptions = {}): SorceryObject[] {
  const objects: SorceryObject[] = [
    object('auth', { auth_type: 'userpass', username: device.name, password: device.password }),
    object('endpoint', endpointFields(device, options), refusals(device)),
  ];
  if (device.kind !== 'visitor') objects.splice(1, 0, object('aor', aorFields(device, options)));
  return objects;
}

function aorFields(
  { kind }: ProvisionedDevice,
  { qualifySeconds = 10 }: DeviceOptions,
): Record<string, string> {
  // the newest registration wins: a reloaded page, or a phone that got a new address
  const base = { max_contacts: '1', remove_existing: 'yes' };
  return kind === 'phone' ? { ...base, qualify_frequency: String(qualifySeconds) } : base;
}

function endpointFields(
  device: ProvisionedDevice,
  { mediaAddress, contextPrefix = '', transfers = true }: DeviceOptions,
): Record<string, string> {
  const { name, kind, callerId } = device;
  return {
    context: contextPrefix + (kind === 'visitor' ? 'visitor' : 'device'),
    ...(kind === 'phone' ? PHONE : BROWSER),
    auth: name,
    ...(kind === 'visitor' ? {} : { aors: name }),
    direct_media: 'no',
    // what it asks for comes to us as a wish (PJSIP_TRANSFER_HANDLING on every channel); a visitor has nobody to transfer to
    allow_transfer: kind === 'visitor' || !transfers ? 'no' : 'yes',
    trust_id_inbound: 'no',
    send_connected_line: 'no',
    callerid: formatCallerId(callerId),
    ...(mediaAddress ? { media_address: mediaAddress, bind_rtp_to_media_address: 'yes' } : {}),
    ...(kind === 'visitor' ? { set_var: `CROSSPOINT_ONLY_DIAL=${device.onlyDial}` } : {}),
  };
}

const SILENCE = {
  rtp_timeout: String(RTP_TIMEOUT_SECONDS),
  rtp_timeout_hold: String(RTP_TIMEOUT_HOLD_SECONDS),
};

const PHONE = {
  disallow: 'all',
  allow: 'ulaw,alaw,g722',
  rtp_symmetric: 'yes',
  force_rport: 'yes',
  rewrite_contact: 'yes',
  ...SILENCE,
};

/** `webrtc` stands for ICE, DTLS-SRTP with a certificate made on the spot, AVPF, rtcp-mux and bundle. */
const BROWSER = {
  webrtc: 'yes',
  dtls_auto_generate_cert: 'yes',
  disallow: 'all',
  allow: 'opus,ulaw',
  ...SILENCE,
};

/**
 * Name and number in Asterisk's form; quotes and control characters would end the name early. Without a number of ours
 * Asterisk would believe the one that the device claims, so there is always one.
 */
export function formatCallerId({ number, name }: { number: string; name: string }): string {
  return `"${cleanName(name)}" <${cleanNumber(number) || WITHHELD}>`;
}

/** The number of who shows none (RFC 3323). */
export const WITHHELD = 'anonymous';

/** A display name without the characters that mean something in a SIP header. */
export function cleanName(name: string): string {
  return name.replace(/[\p{Cc}"\\<>]/gu, '').slice(0, 80);
}

export function cleanNumber(number: string): string {
  return number.replace(/[^0-9A-Za-z*#+._-]/g, '').slice(0, 80);
}

/** The endpoint's own access list: to these addresses Asterisk answers as if it did not exist; for others all goes on. */
function refusals({ refusedFrom = [] }: ProvisionedDevice): SorceryObject['fields'] {
  return refusedFrom.map((address) => ({
    attribute: 'deny',
    value: `${address}/${isIP(address) === 6 ? 128 : 32}`,
  }));
}

function object(
  type: SorceryObject['type'],
  values: Record<string, string>,
  more: SorceryObject['fields'] = [],
): SorceryObject {
  const fields = Object.entries(values).map(([attribute, value]) => ({ attribute, value }));
  return { type, fields: [...fields, ...more] };
}
