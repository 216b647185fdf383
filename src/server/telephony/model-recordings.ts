/** What the call model keeps of the recordings of its legs. */
import type { Handler } from './model.ts';

export interface RecordingOfLeg {
  recordingId: string;
  callId: string;
  legId: string;
  why: 'rule' | 'demand' | 'voicemail';
  /** Who asked for it. */
  userId?: string;
  startedAt: number;
  /** Who keeps it paused, and since when: it records while nobody does. */
  holders: Map<string, number>;
  stoppedAt?: number;
}

type RecordingEvent = 'recording.started' | 'recording.paused' | 'recording.stopped';

export const RECORDING_HANDLERS: { [K in RecordingEvent]: Handler<K> } = {
  'recording.started': (c, e) => {
    const { recordingId, callId, legId, why, userId } = e;
    const recording = { recordingId, callId, legId, why, startedAt: e.at, holders: new Map() };
    c.recordings.set(recordingId, { ...recording, ...(userId ? { userId } : {}) });
  },
  'recording.paused': (c, e) => {
    const recording = c.recordings.get(e.recordingId);
    if (!recording || recording.stoppedAt !== undefined) return;
    if (!e.on) recording.holders.delete(e.holder);
    else if (!recording.holders.has(e.holder)) recording.holders.set(e.holder, e.at);
  },
  'recording.stopped': (c, e) => {
    const recording = c.recordings.get(e.recordingId);
    if (recording) recording.stoppedAt ??= e.at;
  },
};
