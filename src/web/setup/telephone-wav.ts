/** Sound of the browser's as a telephone has it: 8 kHz, mono, 16 bits, WAV. */
import { CodedError } from '../../protocol/errors.ts';
import { Microphone } from '../phone/microphone.ts';

const RATE = 8_000;
/** A recording that nobody ends does. */
const LONGEST_MS = 15_000;

/** Any sound file that the browser can play, as WAV in base64. @throws CodedError `bad-input` when it is none. */
export async function telephoneWav(sound: Blob): Promise<string> {
  const context = new OfflineAudioContext(1, 1, RATE);
  const decoded = await context.decodeAudioData(await sound.arrayBuffer()).catch(() => {
    throw new CodedError('bad-input', { detail: 'this is no sound that the browser can play' });
  });
  const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(decoded.duration * RATE)), RATE);
  const source = offline.createBufferSource();
  source.buffer = decoded;
  source.connect(offline.destination);
  source.start();
  const rendered = await offline.startRendering();
  return base64(wavOf(rendered.getChannelData(0)));
}

/** Records until `stop`, 15 s at most. @throws CodedError where there is no microphone, or the person does not allow it. */
export async function recordMicrophone(): Promise<{ stop: () => void; sound: Promise<Blob> }> {
  // One that is unplugged ends the recording by itself.
  const microphone = new Microphone(navigator.mediaDevices, isSecureContext, () => undefined);
  const recorder = new MediaRecorder(await microphone.open());
  const pieces: Blob[] = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const sound = new Promise<Blob>((resolve) => {
    recorder.onstop = () => {
      microphone.close();
      resolve(new Blob(pieces, { type: recorder.mimeType }));
    };
  });
  const stop = () => {
    clearTimeout(timer);
    if (recorder.state !== 'inactive') recorder.stop();
  };
  const timer = setTimeout(stop, LONGEST_MS);
  recorder.start();
  return { stop, sound };
}

function wavOf(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const ascii = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  ascii(0, 'RIFF');
  view.setUint32(4, 36 + 2 * samples.length, true);
  ascii(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  ascii(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  for (const [i, sample] of samples.entries())
    view.setInt16(44 + 2 * i, Math.round(32_767 * Math.max(-1, Math.min(1, sample))), true);
  return bytes;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
