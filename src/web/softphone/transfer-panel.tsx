import { CloseButton, TextInput } from '@mantine/core';
import {
  IconAddressBook,
  IconArrowForwardUp,
  IconHash,
  IconNotebook,
  IconPhone,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Action, Line, TransferTarget } from '../../protocol/softphone.ts';
import { errorText } from '../ui/states.tsx';
import { ActionButton } from './action-button.tsx';
import { useSession } from './session-context.tsx';
import classes from './transfer-panel.module.css';
import { useTargets } from './use-targets.ts';

interface TransferPanelProps {
  line: Line;
  onClose(): void;
}

type Verb = 'consult' | 'transfer';

/**
 * Whom to ask, or to give the call to: typed, chosen with the arrow keys, Enter asks, Shift+Enter gives it away at once. The
 * list keeps its height while it is searched, so that nothing below it jumps.
 */
export function TransferPanel({ line, onClose }: TransferPanelProps) {
  const session = useSession();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [busy, setBusy] = useState<Verb>();
  const [problem, setProblem] = useState<string>();
  const { targets, error, text: foundFor } = useTargets(text);
  const field = useRef<HTMLInputElement>(null);
  const listId = useId();
  const at = Math.min(chosen, targets.length - 1);
  useEffect(() => field.current?.focus(), []);

  const go = async (verb: Verb, target: TransferTarget | undefined) => {
    if (!target || busy !== undefined) return;
    const action = actionOf(verb, line, target);
    if (!action.enabled) return setProblem(action.text);
    setBusy(verb);
    setProblem(undefined);
    try {
      await session.send({ verb, lineId: line.id, target: target.target });
      onClose();
    } catch (failed) {
      setProblem(errorText(failed));
      setBusy(undefined);
    }
  };
  const chosenAction = (verb: Verb): Action => {
    const target = targets[at];
    return target ? actionOf(verb, line, target) : NOBODY;
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((at + step + targets.length) % Math.max(1, targets.length));
      setProblem(undefined);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      void go(event.shiftKey ? 'transfer' : 'consult', targets[at]);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    }
  };
  return (
    <section className={classes.panel} aria-label="Transfer" data-testid="transfer-panel">
      <div className={classes.head}>
        <TextInput
          ref={field}
          className={classes.field}
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={targets[at] ? `${listId}-${at}` : undefined}
          aria-autocomplete="list"
          aria-label="Name, queue or number"
          placeholder="Name, queue or number"
          autoComplete="off"
          maxLength={80}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setChosen(0);
            setProblem(undefined);
          }}
          onKeyDown={press}
          data-testid="transfer-search"
        />
        <CloseButton aria-label="Close" onClick={onClose} />
      </div>
      <ul id={listId} role="listbox" aria-label="Where to" className={classes.list}>
        {targets.map((target, index) => (
          <Target
            key={`${keyOf(target)} ${target.label}`}
            id={`${listId}-${index}`}
            target={target}
            chosen={index === at}
            onChoose={() => setChosen(index)}
          />
        ))}
        {targets.length === 0 && (
          <li className={classes.none} role="presentation">
            {error === undefined
              ? foundFor === text
                ? 'Nobody and no number found.'
                : 'Searching…'
              : errorText(error)}
          </li>
        )}
      </ul>
      <div className={classes.actions}>
        <ActionButton
          label="Ask first"
          icon={<IconPhone size={17} />}
          wide
          shortcut="Enter"
          action={chosenAction('consult')}
          pending={busy === 'consult'}
          testId="target-consult"
          onClick={() => void go('consult', targets[at])}
        />
        <ActionButton
          label="Transfer"
          icon={<IconArrowForwardUp size={17} />}
          wide
          shortcut="Shift+Enter"
          action={chosenAction('transfer')}
          pending={busy === 'transfer'}
          testId="target-transfer"
          onClick={() => void go('transfer', targets[at])}
        />
      </div>
      <p
        className={classes.hint}
        role={problem ? 'alert' : undefined}
        data-problem={problem ? true : undefined}
      >
        {problem ?? (
          <>
            <kbd>Enter</kbd> asks first, <kbd>Shift</kbd>+<kbd>Enter</kbd> transfers at once
          </>
        )}
      </p>
    </section>
  );
}

interface TargetProps {
  id: string;
  target: TransferTarget;
  chosen: boolean;
  onChoose(): void;
}

function Target({ id, target, chosen, onChoose }: TargetProps) {
  const off = !target.consult.enabled && !target.transfer.enabled ? target.consult : undefined;
  return (
    <li
      id={id}
      role="option"
      aria-selected={chosen}
      aria-disabled={off !== undefined}
      aria-description={off && !off.enabled ? off.text : undefined}
      className={classes.target}
      data-chosen={chosen || undefined}
      data-testid="target"
      data-source={target.source}
      ref={(element) => {
        if (chosen) element?.scrollIntoView({ block: 'nearest' });
      }}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <Icon source={target.source} />
      <span className={classes.who}>
        <span className={classes.label} dir="auto">
          {target.label}
        </span>
        <span className={classes.detail}>{describe(target)}</span>
      </span>
    </li>
  );
}

function Icon({ source }: { source: TransferTarget['source'] }) {
  const Sign = {
    agent: IconUser,
    queue: IconUsers,
    directory: IconNotebook,
    record: IconAddressBook,
    number: IconHash,
  }[source];
  return <Sign size={17} stroke={1.7} className={classes.icon} aria-hidden />;
}

const NOBODY: Action = { enabled: false, reason: 'not-found', text: 'Find somebody first.' };

/** The line's own reason first: it holds for every target. */
function actionOf(verb: Verb, line: Line, target: TransferTarget): Action {
  return line.actions[verb].enabled ? target[verb] : line.actions[verb];
}

function keyOf({ target }: TransferTarget): string {
  return JSON.stringify(target);
}

const SHOWN: Record<NonNullable<TransferTarget['shown']>, string> = {
  ready: 'Ready',
  'not-ready': 'Not ready',
  'logged-out': 'Logged out',
  offered: 'A call rings',
  talking: 'On a call',
  'wrap-up': 'Wrap-up',
  lost: 'Not connected',
};

function describe({ detail, shown, queue, consult }: TransferTarget): string {
  const parts = [detail, shown && SHOWN[shown]];
  if (queue) parts.push(`${queue.waiting} waiting`, `${queue.ready} ready`);
  if (!consult.enabled && shown !== 'logged-out') parts.push(consult.text);
  return parts.filter(Boolean).join(' · ');
}
