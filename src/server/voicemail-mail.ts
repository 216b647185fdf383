/** Sends messages by e-mail, with their sound: through the outbox, so that none is lost while the mail server is away. */
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { type Address, formatAddress } from '../protocol/address.ts';
import type { RecordingStore } from './recording/ports.ts';
import type { Recordings } from './recording/recordings.ts';
import type { Sql } from './store/database.ts';
import { enterOutbox, type OutboxHandler } from './store/outbox.ts';

export const VOICEMAIL_MAIL_KIND = 'voicemail.mail';

export interface MailSettings {
  /** `smtp://user:password@host:587`, or `smtps://` for TLS from the beginning. */
  url: string;
  from: string;
}

const MailBody = z.object({
  recordingId: z.string(),
  to: z.string(),
  /** What people call the box. */
  box: z.string(),
  caller: z.string(),
  at: z.number(),
});

/** Enters the mail about a message that is stored now. Entered again, it is the same. */
export async function enterVoicemailMail(
  sql: Sql,
  message: {
    id: string;
    to: string;
    box: string;
    caller: Address;
    callerName: string | null;
    at: number;
    country: string;
  },
  now: number,
): Promise<void> {
  const { id: recordingId, to, box, caller, callerName, at, country } = message;
  const who = [callerName, formatAddress(caller, country)].filter(Boolean).join(', ');
  const body = { recordingId, to, box, caller: who || 'an unknown number', at };
  await enterOutbox(sql, { kind: VOICEMAIL_MAIL_KIND, idemKey: `voicemail:${recordingId}`, body }, now);
}

export interface VoicemailMailOptions {
  mail: MailSettings;
  recordings: Pick<Recordings, 'find'>;
  store: Pick<RecordingStore, 'get'>;
  /** How instants are written: locale and IANA zone. */
  locale: string;
  zone: string;
}

/** The outbox handler of `voicemail.mail`. A message that was deleted meanwhile is not sent. */
export function voicemailMailHandler(options: VoicemailMailOptions): OutboxHandler {
  const { mail, recordings, store, locale, zone } = options;
  const transport = createTransport(mail.url);
  return async (key, body) => {
    const { recordingId, to, box, caller, at } = MailBody.parse(body);
    const row = await recordings.find(recordingId);
    if (!row?.storeKey) return;
    const seconds = Math.round((row.ms ?? 0) / 1_000);
    const when = new Date(at).toLocaleString(locale, {
      timeZone: zone,
      dateStyle: 'full',
      timeStyle: 'short',
    });
    await transport.sendMail({
      from: mail.from,
      to,
      subject: `Voicemail for ${box} from ${caller}`,
      text: `${caller} left a message of ${seconds} seconds for ${box} on ${when}. It is attached, and stands in the voicemail page.\n`,
      // The same however often it is tried: who gets it twice can tell.
      messageId: `<${key.replace(/[^\w.-]/g, '.')}@${
        mail.from
          .split('@')
          .at(-1)
          ?.replace(/[^\w.-]/g, '') ?? 'crosspoint'
      }>`,
      attachments: [
        {
          filename: `voicemail-${new Date(at).toISOString().slice(0, 16).replace(/[:T]/g, '-')}.wav`,
          contentType: 'audio/wav',
          content: callersSide(await collect(await store.get(row.storeKey))),
        },
      ],
    });
  };
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

const HEADER = 44;

/** Of a recording (16-bit stereo, 8 kHz) what its caller says, as a WAV of half the size; what is none stays as it is. */
export function callersSide(stereo: Buffer): Buffer {
  if (stereo.length < HEADER || stereo.readUInt16LE(22) !== 2 || stereo.readUInt16LE(34) !== 16)
    return stereo;
  const samples = Math.floor((stereo.length - HEADER) / 4);
  const mono = Buffer.alloc(HEADER + samples * 2);
  stereo.copy(mono, 0, 0, HEADER);
  const rate = stereo.readUInt32LE(24);
  mono.writeUInt32LE(mono.length - 8, 4);
  mono.writeUInt16LE(1, 22);
  mono.writeUInt32LE(rate * 2, 28);
  mono.writeUInt16LE(2, 32);
  mono.writeUInt32LE(samples * 2, 40);
  for (let n = 0; n < samples; n++) stereo.copy(mono, HEADER + n * 2, HEADER + n * 4, HEADER + n * 4 + 2);
  return mono;
}
