import { Alert, Button, Collapse, Text, Title } from '@mantine/core';
import { IconDialpad, IconMicrophone, IconMicrophoneOff, IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { useState, useSyncExternalStore } from 'react';
import { CodedError } from '../../protocol/errors.ts';
import type { VisitorState, VisitorView } from '../phone/visitor-call.ts';
import { formatDuration } from '../ui/format.ts';
import { Timer } from '../ui/time.tsx';
import classes from './call-page.module.css';
import type { PageCall } from './page-call.ts';
import { VisitorKeypad } from './visitor-keypad.tsx';

interface CallInProgressProps {
  call: PageCall;
  label: string;
  onDone(): void;
}

const WORDS: Record<VisitorState, string> = {
  connecting: 'Connecting…',
  ringing: 'Ringing… somebody will be with you soon',
  talking: 'You are connected',
  ended: 'The call has ended',
};

/** A call from dialling to its end. */
export function CallInProgress({ call, label, onDone }: CallInProgressProps) {
  const view = useSyncExternalStore(
    (listener) => call.on('change', listener),
    () => call.view,
  );
  return (
    <section className={classes.call} aria-label={`Call to ${label}`}>
      <span className={classes.disc} data-state={view.state} aria-hidden>
        <IconPhone size={34} stroke={1.6} />
      </span>
      <Title order={1}>{label}</Title>
      <Text c="dimmed" role="status" data-testid="call-state" data-state={view.state}>
        {WORDS[view.state]}
      </Text>
      {!call.hasAudio && view.state !== 'ended' && (
        <Text size="sm" c="dimmed">
          A simulated call: there is no sound.
        </Text>
      )}
      <CallTimer view={view} />
      {view.problem && (
        <Alert color="stop" p="sm" role="alert" w="100%" data-testid="call-error">
          {new CodedError(view.problem).message}
        </Alert>
      )}
      {view.state === 'ended' ? (
        <Button size="md" onClick={onDone} data-testid="call-again">
          Call again
        </Button>
      ) : (
        <Controls call={call} view={view} />
      )}
    </section>
  );
}

function CallTimer({ view }: { view: VisitorView }) {
  if (view.answeredAt === undefined) return null;
  return (
    <Text size="xl" fw={600} data-testid="call-timer">
      {view.endedAt === undefined ? (
        <Timer since={view.answeredAt} />
      ) : (
        formatDuration(view.endedAt - view.answeredAt)
      )}
    </Text>
  );
}

function Controls({ call, view }: { call: PageCall; view: VisitorView }) {
  const [keypad, setKeypad] = useState(false);
  const talking = view.state === 'talking' && call.hasAudio;
  return (
    <>
      {talking && (
        <div className={classes.controls}>
          <Button
            variant={view.muted ? 'light' : 'default'}
            size="md"
            aria-pressed={view.muted}
            leftSection={view.muted ? <IconMicrophoneOff size={18} /> : <IconMicrophone size={18} />}
            onClick={() => call.setMuted(!view.muted)}
            data-testid="call-mute"
          >
            {view.muted ? 'Unmute' : 'Mute'}
          </Button>
          <Button
            variant={keypad ? 'light' : 'default'}
            size="md"
            aria-expanded={keypad}
            leftSection={<IconDialpad size={18} />}
            onClick={() => setKeypad(!keypad)}
            data-testid="call-keypad"
          >
            Keypad
          </Button>
        </div>
      )}
      <Collapse expanded={talking && keypad} w="100%">
        <VisitorKeypad onKey={(digit) => call.sendDigits(digit)} />
      </Collapse>
      <Button
        color="stop.6"
        autoContrast={false}
        size="lg"
        fullWidth
        leftSection={<IconPhoneOff size={20} />}
        onClick={() => call.hangUp()}
        data-testid="call-hangup"
      >
        Hang up
      </Button>
    </>
  );
}
