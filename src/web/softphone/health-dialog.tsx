import { Button, Group, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { IceOutcome } from '../phone/ice-check.ts';
import { type Check, healthChecks, type MicrophoneOutcome } from './health-checks.ts';
import classes from './health-dialog.module.css';
import { useHealthTools, useSession, useSessionView, useSoftphone } from './session-context.tsx';

/** Looks at everything that a call needs and says of each that it is good, or what to do. */
export function HealthDialog({ opened, onClose }: { opened: boolean; onClose(): void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Is my phone all right?"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && <Checks />}
    </Modal>
  );
}

function Checks() {
  const session = useSession();
  const view = useSessionView();
  const state = useSoftphone();
  const tools = useHealthTools();
  const [microphone, setMicrophone] = useState<MicrophoneOutcome>();
  const [ice, setIce] = useState<IceOutcome | 'running'>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    void tools.microphone().then((outcome) => current && setMicrophone(outcome));
    void tools.ice().then((outcome) => current && setIce(outcome));
    return () => {
      current = false;
    };
  }, [tools, turn, view.audioHere]);
  const again = () => {
    setMicrophone(undefined);
    setIce('running');
    setTurn(turn + 1);
  };
  const clockOffset = session.serverNow() - tools.now();
  return (
    <>
      <ul className={classes.list} aria-live="polite">
        {healthChecks({ state, view, microphone, ice, clockOffset }).map((check) => (
          <Row key={check.name} check={check} />
        ))}
      </ul>
      <Group justify="flex-end">
        <Button variant="default" onClick={again} data-testid="health-again">
          Check again
        </Button>
      </Group>
    </>
  );
}

const WORDS = { ok: 'good', warn: 'look at this', stop: 'does not work', gray: 'not known yet' } as const;

function Row({ check: { name, tone, text } }: { check: Check }) {
  return (
    <li className={classes.row} data-testid={`health-${name}`} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      <span>
        <strong>{name}</strong>
        <span className="cp-visually-hidden"> ({WORDS[tone]})</span>
        <span className={classes.text}>{text}</span>
      </span>
    </li>
  );
}
