/**
 * The name of a recording's file on Asterisk says whose it is and what of, so that whoever lists the files after a restart
 * knows. Only letters, digits, `-` and `_` stand for themselves in its parts; anything else is `=` and its UTF-8 in hexadecimal.
 */
const MARK = 'crosspoint~';

export interface RecordingName {
  recordingId: string;
  legId: string;
}

export function recordingName(app: string, { recordingId, legId }: RecordingName): string {
  return `${MARK}${[app, recordingId, legId].map(encode).join('~')}`;
}

/** Undefined for a file that is not a recording of this application. */
export function parseRecordingName(app: string, name: string): RecordingName | undefined {
  if (!name.startsWith(MARK)) return undefined;
  const [owner, recordingId, legId, more] = name.slice(MARK.length).split('~').map(decode);
  if (owner !== app || !recordingId || !legId || more !== undefined) return undefined;
  return { recordingId, legId };
}

function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/gu, (c) => Buffer.from(c).toString('hex').replace(/../g, '=$&'));
}

function decode(text: string): string {
  return text.replace(/(=[0-9a-f]{2})+/g, (hex) => Buffer.from(hex.replaceAll('=', ''), 'hex').toString());
}
