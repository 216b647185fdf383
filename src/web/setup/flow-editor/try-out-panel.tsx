import { ActionIcon, Badge, Button, TextInput } from '@mantine/core';
import { IconClockPlay, IconPhone, IconPhoneOff, IconPhoneX, IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { FlowTrial, FlowTrialAct, FlowTrialEntry } from '../../../protocol/flow-trials.ts';
import { formatDuration } from '../../ui/format.ts';
import { Refusal } from '../../ui/states.tsx';
import { actInTrial, recordingAudio, startTrial } from './flow-api.ts';
import { nodeOf } from './model.ts';
import classes from './try-out.module.css';
import { shownExits, titleOf, useEditor } from './use-flow-editor.ts';

interface TryOutPanelProps {
  trial: FlowTrial | undefined;
  onTrial: (trial: FlowTrial) => void;
}

/** A caller without a telephone: what he hears is read, and he presses keys, speaks, waits or hangs up. */
export function TryOutPanel({ trial, onTrial }: TryOutPanelProps) {
  return (
    <div className={classes.panel}>
      <Start trial={trial} onTrial={onTrial} />
      {trial && <Running trial={trial} onTrial={onTrial} />}
    </div>
  );
}

/** The UK's numbers for fiction. */
const CALLER = '+442079460958';

function Start({ trial, onTrial }: TryOutPanelProps) {
  const { flow, saver, document, mayChange } = useEditor();
  const [ani, setAni] = useState(CALLER);
  const [at, setAt] = useState('');
  const start = useMutation({
    mutationFn: async () => {
      await saver.flush();
      return startTrial(flow.id, {
        ani,
        dnis: '',
        data: {},
        ...(at === '' ? {} : { at: new Date(at).getTime() }),
      });
    },
  });
  const begin = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(undefined, { onSuccess: onTrial });
  };
  const running = trial !== undefined && !trial.over;
  return (
    <form className={classes.start} onSubmit={begin}>
      {!trial && (
        <p className={classes.note}>
          Runs the draft as it is drawn. Nobody is rung or recorded and nothing is written to the CRM; it is
          asked, and so are web services.
        </p>
      )}
      <div className={classes.fields}>
        <TextInput
          size="xs"
          label="Caller’s number"
          type="tel"
          value={ani}
          onChange={({ currentTarget }) => setAni(currentTarget.value)}
          disabled={!mayChange}
        />
        <TextInput
          size="xs"
          label="Calls at"
          type="datetime-local"
          title="Empty: now. For business hours and holidays."
          value={at}
          onChange={({ currentTarget }) => setAt(currentTarget.value)}
          disabled={!mayChange}
        />
      </div>
      <Button
        type="submit"
        variant={running ? 'default' : 'filled'}
        leftSection={<IconPhone size={15} />}
        loading={start.isPending}
        disabled={!mayChange || document.nodes.length === 0}
        data-testid="trial-start"
      >
        {trial ? 'Call again' : 'Call'}
      </Button>
      <Refusal error={start.error} data-testid="trial-error" />
    </form>
  );
}

function Running({ trial, onTrial }: { trial: FlowTrial; onTrial: (trial: FlowTrial) => void }) {
  const { saver, show } = useEditor();
  const act = useMutation({ mutationFn: (what: FlowTrialAct) => actInTrial(trial.id, what) });
  const run = (what: FlowTrialAct) => act.mutate(what, { onSuccess: onTrial });
  const press = (keys: string) => run({ act: 'keys', keys });
  // Digits that are typed are keys, wherever in the panel the focus is, but for its fields.
  const key = (event: KeyboardEvent) => {
    const typing = (event.target as HTMLElement).closest('input') !== null;
    if (
      trial.over ||
      typing ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      !/^[0-9*#]$/.test(event.key)
    )
      return;
    event.preventDefault();
    event.stopPropagation();
    press(event.key);
  };
  const waiting = trial.nextMs !== null;
  return (
    <div className={classes.running} onKeyDown={key} data-testid="trial" data-over={trial.over || undefined}>
      {trial.draftRev !== saver.rev && !trial.over && (
        <p className={classes.note}>The draft has changed since. Call again to try it as it is now.</p>
      )}
      <Transcript entries={trial.entries} onShow={show} />
      <div className={classes.state}>
        <span className={classes.clock} data-testid="trial-time">
          {formatDuration(trial.ms)}
        </span>
        <span data-testid="trial-state">{stateText(trial)}</span>
      </div>
      {!trial.over && (
        <>
          <div className={classes.phone}>
            <div className={classes.keypad} role="group" aria-label="Keypad">
              {[...'123456789*0#'].map((digit) => (
                <Button
                  key={digit}
                  variant="default"
                  size="xs"
                  onClick={() => press(digit)}
                  data-testid={`trial-key-${digit}`}
                >
                  {digit}
                </Button>
              ))}
            </div>
            <div className={classes.acts}>
              <Button
                variant="default"
                leftSection={<IconClockPlay size={15} />}
                disabled={!waiting}
                onClick={() => run({ act: 'wait' })}
                data-testid="trial-wait"
              >
                {trial.nextMs === null ? 'Let time pass' : `Let ${secondsText(trial.nextMs)} pass`}
              </Button>
              {trial.waitsFor === 'answer' && (
                <Button
                  variant="default"
                  leftSection={<IconPhoneX size={15} />}
                  onClick={() => run({ act: 'no-answer' })}
                  data-testid="trial-no-answer"
                >
                  Nobody answers
                </Button>
              )}
              <Button
                variant="light"
                color="stop"
                leftSection={<IconPhoneOff size={15} />}
                onClick={() => run({ act: 'hang-up' })}
                data-testid="trial-hang-up"
              >
                Hang up
              </Button>
            </div>
          </div>
          <Speak listens={trial.waitsFor === 'speech'} onSpeak={(text) => run({ act: 'speak', text })} />
        </>
      )}
      <Refusal error={act.error} data-testid="trial-error" />
      {trial.data.length > 0 && (
        <section>
          <h3 className={classes.subtitle}>Call data</h3>
          <dl className={classes.data} data-testid="trial-data">
            {trial.data.map(({ key: name, value, masked }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  {masked ? (
                    <Badge variant="light" color="gray">
                      masked
                    </Badge>
                  ) : (
                    value || '–'
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

function Speak({ listens, onSpeak }: { listens: boolean; onSpeak: (text: string) => void }) {
  const [text, setText] = useState('');
  const speak = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    onSpeak(text.trim());
    setText('');
  };
  return (
    <form className={classes.speak} onSubmit={speak}>
      <TextInput
        size="xs"
        aria-label="What the caller says"
        placeholder={listens ? 'Say something…' : 'Nobody listens to speech now'}
        disabled={!listens}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        data-testid="trial-speech"
      />
      <ActionIcon type="submit" variant="default" size={30} aria-label="Say it" disabled={!listens}>
        <IconSend size={15} />
      </ActionIcon>
    </form>
  );
}

function Transcript({
  entries,
  onShow,
}: {
  entries: readonly FlowTrialEntry[];
  onShow: (nodeId: string) => void;
}) {
  const { document, kinds } = useEditor();
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Of an effect nothing may come back, and newer browsers give a promise here.
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [entries.length]);
  return (
    <div
      className={classes.transcript}
      role="log"
      aria-label="What happens"
      tabIndex={0}
      data-testid="trial-transcript"
    >
      <ol>
        {entries.map((entry, index) => {
          const node = nodeOf(document, entry.nodeId);
          const exit = node && shownExits(kinds, node).find(({ name }) => name === entry.exit);
          return (
            // Entries are only ever added.
            <li
              key={index}
              ref={index === entries.length - 1 ? end : undefined}
              className={classes.entry}
              data-kind={entry.kind}
            >
              {entry.kind === 'exit' && node ? (
                <button type="button" className={classes.step} onClick={() => onShow(node.id)}>
                  {titleOf(kinds, node)} → {exit?.label ?? entry.exit}
                </button>
              ) : (
                <span className={classes.words}>{entry.text}</span>
              )}
              {entry.recordingId !== undefined && (
                <audio
                  className={classes.audio}
                  controls
                  preload="none"
                  src={recordingAudio(entry.recordingId)}
                  aria-label={entry.text}
                />
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function stateText({ over, waitsFor }: FlowTrial): string {
  if (over) return 'The call is over.';
  switch (waitsFor) {
    case 'keys':
      return 'It waits for keys.';
    case 'speech':
      return 'It waits for speech, or keys.';
    case 'answer':
      return 'Somebody is rung.';
    case 'time':
      return 'It waits.';
    case 'nothing':
      return '';
  }
}

function secondsText(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 100) / 10} s` : formatDuration(ms);
}
