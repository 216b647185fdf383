/** The sound of a recording: one at a time in a page, at a speed, both sides or one of them. */
import { useEffect, useRef, useState } from 'react';

/** `customer`: the left channel, what the party says whom the agents talk to; `agent`: the right one, what it hears. */
export type Side = 'both' | 'customer' | 'agent';

export interface RecordingAudio {
  playing: boolean;
  /** Sound has been asked for and is not there yet. */
  loading: boolean;
  failed: boolean;
  /** Seconds. */
  at: number;
  /** Seconds that are here without a gap from where it plays. */
  buffered: number;
  toggle(): void;
  seek(seconds: number): void;
}

/** Stops the one that plays when another begins. */
let current: HTMLAudioElement | undefined;

/** Gains from each channel (customer, agent) to each ear (left, right). Both sides: each mostly on its own ear. */
const GAINS: Record<Side, [[number, number], [number, number]]> = {
  both: [
    [1, 0.4],
    [0.4, 1],
  ],
  customer: [
    [1, 1],
    [0, 0],
  ],
  agent: [
    [0, 0],
    [1, 1],
  ],
};

export function useRecordingAudio(
  ref: React.RefObject<HTMLAudioElement | null>,
  side: Side,
  speed: number,
): RecordingAudio {
  const graph = useRef<{ context: AudioContext; gains: GainNode[] }>(undefined);
  const [state, setState] = useState({ playing: false, loading: false, failed: false, at: 0, buffered: 0 });

  useEffect(() => {
    const audio = ref.current;
    if (!audio) return;
    const show = () =>
      setState({
        playing: !audio.paused && !audio.ended,
        loading: !audio.paused && audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !audio.error,
        failed: audio.error !== null,
        at: audio.currentTime,
        buffered: bufferedTo(audio),
      });
    for (const event of EVENTS) audio.addEventListener(event, show);
    return () => {
      for (const event of EVENTS) audio.removeEventListener(event, show);
      audio.pause();
      void graph.current?.context.close();
      graph.current = undefined;
      if (current === audio) current = undefined;
    };
  }, [ref]);
  useEffect(() => {
    if (ref.current) ref.current.playbackRate = speed;
  }, [ref, speed]);
  useEffect(() => {
    if (graph.current) setGains(graph.current.gains, side);
  }, [side]);

  const toggle = () => {
    const audio = ref.current;
    if (!audio) return;
    if (!audio.paused) return audio.pause();
    if (current !== audio) current?.pause();
    current = audio;
    graph.current ??= connect(audio);
    setGains(graph.current.gains, side);
    void graph.current.context.resume();
    // After an error it is asked for anew.
    if (audio.error) audio.load();
    audio.playbackRate = speed;
    audio.play().catch(() => undefined); // its `error` event says it
  };
  const seek = (seconds: number) => {
    if (ref.current) ref.current.currentTime = seconds;
    setState((before) => ({ ...before, at: seconds }));
  };
  return { ...state, toggle, seek };
}

const EVENTS = [
  'play',
  'playing',
  'pause',
  'ended',
  'waiting',
  'canplay',
  'timeupdate',
  'seeked',
  'progress',
  'error',
  'emptied',
];

function bufferedTo(audio: HTMLAudioElement): number {
  const { buffered, currentTime } = audio;
  for (let n = 0; n < buffered.length; n++)
    if (buffered.start(n) <= currentTime + 0.1 && buffered.end(n) >= currentTime) return buffered.end(n);
  return currentTime;
}

function connect(audio: HTMLAudioElement): { context: AudioContext; gains: GainNode[] } {
  const context = new AudioContext();
  const splitter = context.createChannelSplitter(2);
  const merger = context.createChannelMerger(2);
  context.createMediaElementSource(audio).connect(splitter);
  const gains = [0, 1].flatMap((channel) =>
    [0, 1].map((ear) => {
      const gain = context.createGain();
      splitter.connect(gain, channel);
      gain.connect(merger, 0, ear);
      return gain;
    }),
  );
  merger.connect(context.destination);
  return { context, gains };
}

function setGains(gains: readonly GainNode[], side: Side): void {
  GAINS[side].flat().forEach((value, n) => {
    const gain = gains[n]?.gain;
    if (gain) gain.value = value;
  });
}
