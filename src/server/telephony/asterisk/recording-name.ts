/**
 * The name of a recording's file on Asterisk says whose it is, what of and which side, so that whoever lists the files after a
 * restart knows. Only letters, digits, `-` and `_` stand for themselves in its parts; anything else is `=` and its UTF-8 in hexadecimal.
 */
const MARK = 'crosspoint~';

/** What the leg says, and what it hears: a file each. */
export const SIDES = ['said', 'heard'] as const;
export type Side = (typeof SIDES)[number];

export interface RecordingName {
  recordingId: string;
  legId: string;
  side: Side;
}

export function recordingName(app: string, { recordingId, legId, side }: RecordingName): string {
  return `${MARK}${[app, recordingId, legId, side].map(encode).join('~')}`;
}

/** Undefined for a file that is not a recording of this application. */
export function parseRecordingName(app: string, name: string): RecordingName | undefined {
  if (!name.startsWith(MARK)) return undefined;
  const [owner, recordingId, legId, last, more] = name.slice(MARK.length).split('~').map(decode);
  const side = SIDES.find((one) => one === last);
  if (owner !== app || !recordingId || !legId || !side || more !== undefined) return undefined;
  return { recordingId, legId, side };
}

function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/gu, (c) => Buffer.from(c).toString('hex').replace(/../g, '=$&'));
}

function decode(text: string): string {
  return text.replace(/(=[0-9a-f]{2})+/g, (hex) => Buffer.from(hex.replaceAll('=', ''), 'hex').toString());
}
