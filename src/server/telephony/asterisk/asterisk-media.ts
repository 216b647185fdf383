import { isAbsolute } from 'node:path';
import { unreachable } from '../../../lib/must.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { Media } from '../ports.ts';

/** Makes spoken text into an 8 kHz mono WAV file that the switch can read; resolves with its absolute path. */
export type Speak = (text: string, language?: string) => Promise<string>;

/** Call progress tones as ETSI TR 101 041 has them for most of Europe: written out, so that no indications.conf is needed. */
const TONES = { ring: '425/1000,0/4000', busy: '425/500,0/500', congestion: '425/250,0/250' } as const;

/** ARI's media URIs for what is to be played. Rejects with `bad-input`, before anything has been played. */
export async function mediaUris(media: Media[], speak: Speak): Promise<string[]> {
  if (media.length === 0) throw new CodedError('bad-input', { detail: 'there is nothing to play' });
  return Promise.all(media.map((one) => mediaUri(one, speak)));
}

async function mediaUri(media: Media, speak: Speak): Promise<string> {
  switch (media.kind) {
    case 'sound':
      return soundUri(media.name);
    case 'text':
      return fileUri(await speak(media.text, media.language));
    case 'file':
      return fileUri(media.path);
    case 'tone':
      return `tone:${TONES[media.name]}`;
    default:
      return unreachable(media);
  }
}

function soundUri(name: string): string {
  if (!/^[\w-]+(\/[\w-]+)*$/.test(name))
    throw new CodedError('bad-input', { detail: 'this is not the name of a sound' });
  return `sound:${name}`;
}

/** Asterisk wants the path without its extension, and chooses among the formats that lie there. */
function fileUri(path: string): string {
  if (!isAbsolute(path) || !path.endsWith('.wav') || path.includes('..')) {
    throw new CodedError('bad-input', { detail: 'a sound file has an absolute path that ends in .wav' });
  }
  return `sound:${path.slice(0, -'.wav'.length)}`;
}
