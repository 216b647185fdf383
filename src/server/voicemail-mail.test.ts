/** Voicemail by e-mail, against a mail server of the test's. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, it } from 'vitest';
import { iterate } from '../../test/harness/recordings-double.ts';
import type { RecordingRow } from './recording/recordings.ts';
import { callersSide, voicemailMailHandler } from './voicemail-mail.ts';

const servers: SMTPServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((closed) => server.close(closed));
});

/** A stereo recording: the caller says 1000, and hears 7. */
function stereo(samples: number): Buffer {
  const file = Buffer.alloc(44 + samples * 4);
  file.write('RIFF', 0);
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(8_000, 24);
  file.writeUInt16LE(16, 34);
  for (let n = 0; n < samples; n++) {
    file.writeInt16LE(1_000, 44 + n * 4);
    file.writeInt16LE(7, 46 + n * 4);
  }
  return file;
}

async function mailServer(refuse: () => boolean = () => false) {
  const mails: { to: string[]; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        if (refuse()) return callback(new Error('the mailbox is full'));
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, text: Buffer.concat(pieces).toString() });
        callback();
      });
    },
  });
  servers.push(server);
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const { port } = server.server.address() as AddressInfo;
  return { mails, url: `smtp://127.0.0.1:${port}` };
}

function handler(url: string, row: Partial<RecordingRow> = { storeKey: 'key', ms: 5_000 }) {
  return voicemailMailHandler({
    mail: { url, from: 'voicemail@example.com' },
    recordings: { find: async () => row as RecordingRow },
    store: { get: async () => iterate(stereo(800)) },
    locale: 'en-GB',
    zone: 'Europe/London',
  });
}

const BODY = {
  recordingId: 'rec_1',
  to: 'sales@example.com',
  box: 'Sales',
  caller: 'Grace, 020 7946 0958',
  at: Date.UTC(2026, 0, 5, 9),
};

it('sends the message with its sound', async () => {
  const { mails, url } = await mailServer();
  await handler(url)('voicemail:rec_1', BODY);
  expect(mails).toHaveLength(1);
  expect(mails[0]?.to).toEqual(['sales@example.com']);
  expect(mails[0]?.text).toContain('Subject: Voicemail for Sales from Grace, 020 7946 0958');
  expect(mails[0]?.text).toContain('voicemail-2026-01-05-09-00.wav');
  expect(mails[0]?.text.replace(/\s/g, '')).toContain(callersSide(stereo(800)).toString('base64'));
});

it('fails while the mail server refuses it, so that it is tried again', async () => {
  let refused = true;
  const { mails, url } = await mailServer(() => refused);
  await expect(handler(url)('voicemail:rec_1', BODY)).rejects.toThrow('the mailbox is full');
  refused = false;
  await handler(url)('voicemail:rec_1', BODY);
  expect(mails).toHaveLength(1);
});

it('sends nothing of a message that was deleted meanwhile', async () => {
  const { mails, url } = await mailServer();
  await handler(url, { storeKey: null })('voicemail:rec_1', BODY);
  expect(mails).toEqual([]);
});

it('attaches what the caller says, without what he hears', () => {
  const mono = callersSide(stereo(3));
  expect(mono.readUInt16LE(22)).toBe(1);
  expect(mono.readUInt32LE(40)).toBe(6);
  expect([44, 46, 48].map((at) => mono.readInt16LE(at))).toEqual([1_000, 1_000, 1_000]);
  const other = Buffer.from('not a recording');
  expect(callersSide(other)).toBe(other);
});
