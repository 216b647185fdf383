import { ActionIcon, Alert, NativeSelect, SegmentedControl, Text } from '@mantine/core';
import { IconDownload, IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { RecordingDetails, type RecordingInfo } from '../../protocol/recording.ts';
import { api } from './api.ts';
import { describeDuration, formatDuration } from './format.ts';
import classes from './recording-player.module.css';
import { type RecordingAudio, type Side, useRecordingAudio } from './use-recording-audio.ts';
import { waveformPath } from './waveform.ts';

const SPEEDS = ['0.75', '1', '1.25', '1.5', '2'];
const SIDES = [
  { value: 'both', label: 'Both' },
  { value: 'customer', label: 'Customer' },
  { value: 'agent', label: 'Agent' },
];

interface PlayerProps {
  recording: RecordingInfo;
  /** Told each time that it begins to play. */
  onPlayed?: (() => void) | undefined;
}

/** One recording: play, seek in its waveform, speed, one side or both, save. What cannot be heard says why. */
export function RecordingPlayer({ recording, onPlayed }: PlayerProps) {
  if (!recording.may.play) return <Unheard recording={recording} />;
  return <Player recording={recording} onPlayed={onPlayed} />;
}

function Player({ recording, onPlayed }: PlayerProps) {
  // Of a message there is nobody but its caller to be heard.
  const message = recording.why === 'voicemail';
  const [side, setSide] = useState<Side>(message ? 'customer' : 'both');
  const [speed, setSpeed] = useState('1');
  const ref = useRef<HTMLAudioElement>(null);
  const audio = useRecordingAudio(ref, side, Number(speed));
  const path = `/api/recordings/${encodeURIComponent(recording.id)}`;
  return (
    <div className={classes.player} role="group" aria-label="Recording" data-testid="recording-player">
      {/* The call's own words: there is no text of them. Nothing is loaded before somebody plays: each access is audited. */}
      <audio ref={ref} src={`${path}/audio`} preload="none" onPlay={onPlayed} />
      <div className={classes.row}>
        <ActionIcon
          variant="filled"
          size="lg"
          radius="xl"
          loading={audio.loading}
          aria-label={audio.playing ? 'Pause' : 'Play'}
          onClick={audio.toggle}
          data-testid="recording-play"
        >
          {audio.playing ? <IconPlayerPauseFilled size={16} /> : <IconPlayerPlayFilled size={16} />}
        </ActionIcon>
        <Seek recording={recording} path={path} audio={audio} />
        <Text span size="xs" c="dimmed" className={classes.time} data-testid="recording-time">
          {formatDuration(audio.at * 1_000)} / {formatDuration(recording.ms ?? 0)}
        </Text>
      </div>
      <div className={classes.row}>
        {!message && (
          <SegmentedControl
            size="xs"
            aria-label="Who is heard"
            data={SIDES}
            value={side}
            onChange={(value) => setSide(value as Side)}
          />
        )}
        <NativeSelect
          size="xs"
          aria-label="Speed"
          value={speed}
          onChange={(event) => setSpeed(event.currentTarget.value)}
          data={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
        />
        {recording.may.download && (
          <ActionIcon
            component="a"
            href={`${path}/audio?download=1`}
            download
            className={classes.save}
            aria-label="Save as a file"
          >
            <IconDownload size={16} />
          </ActionIcon>
        )}
      </div>
      {audio.failed && (
        <Alert color="stop" variant="light" p="xs" role="alert">
          The recording cannot be played now. Press Play to try again.
        </Alert>
      )}
    </div>
  );
}

/** The waveform; over it a range input that nobody sees, so that keyboard and screen reader have what they know. */
function Seek({ recording, path, audio }: { recording: RecordingInfo; path: string; audio: RecordingAudio }) {
  const details = useQuery({
    queryKey: ['recordings', 'details', recording.id],
    queryFn: ({ signal }) => api<RecordingDetails>(path, { signal, schema: RecordingDetails }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const seconds = Math.max(0.1, (recording.ms ?? 0) / 1_000);
  const outline = waveformPath(details.data?.peaks ?? { left: [], right: [] });
  const share = (value: number) => `${Math.min(100, (value / seconds) * 100)}%`;
  return (
    <div className={classes.seek}>
      <div className={classes.buffered} style={{ width: share(audio.buffered) }} aria-hidden />
      {(['rest', 'played'] as const).map((part) => (
        <svg
          key={part}
          className={classes.wave}
          data-part={part}
          viewBox="0 0 1000 100"
          preserveAspectRatio="none"
          aria-hidden
          style={part === 'played' ? { clipPath: `inset(0 calc(100% - ${share(audio.at)}) 0 0)` } : undefined}
        >
          <path d={outline} />
        </svg>
      ))}
      <div className={classes.cursor} style={{ left: share(audio.at) }} aria-hidden />
      <input
        type="range"
        className={classes.input}
        aria-label="Position"
        aria-valuetext={describeDuration(audio.at * 1_000)}
        min={0}
        max={seconds}
        step={1}
        value={Math.min(audio.at, seconds)}
        onChange={(event) => audio.seek(event.currentTarget.valueAsNumber)}
        data-testid="recording-seek"
      />
    </div>
  );
}

const WHY_NOT: Record<RecordingInfo['state'], string> = {
  recording: 'The call is being recorded.',
  waiting: 'The recording is on its way to the store.',
  stored: 'You may not hear this recording.',
  failed: 'The call could not be recorded.',
  deleted: 'The recording has been deleted.',
};

function Unheard({ recording }: { recording: RecordingInfo }) {
  const trouble = recording.state === 'waiting' && recording.problem;
  return (
    <Text size="sm" c="dimmed" data-testid="recording-unheard">
      {WHY_NOT[recording.state]}
      {trouble && ` ${trouble.error}`}
    </Text>
  );
}
