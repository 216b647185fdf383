import { Badge, Collapse, UnstyledButton } from '@mantine/core';
import {
  IconArrowDownLeft,
  IconArrowsLeftRight,
  IconArrowUpRight,
  IconChevronDown,
  IconPlayerRecordFilled,
  IconUserFilled,
} from '@tabler/icons-react';
import { useState } from 'react';
import { formatAddress } from '../../protocol/address.ts';
import type { Line } from '../../protocol/softphone.ts';
import { formatDuration } from '../ui/format.ts';
import { Timer, useNow } from '../ui/time.tsx';
import { EarlierNotes } from './earlier-notes.tsx';
import { Keypad } from './keypad.tsx';
import { LineButtons, type Panel } from './line-buttons.tsx';
import classes from './line-card.module.css';
import { callerTitle, describeState, showsNumber, timerStart } from './lines.ts';
import { LogForm } from './log-form.tsx';
import { Matches } from './matches.tsx';
import { Parties } from './parties.tsx';
import { useSession, useSoftphone } from './session-context.tsx';
import { TransferPanel } from './transfer-panel.tsx';
import { WrapUp } from './wrap-up.tsx';

interface LineCardProps {
  line: Line;
  /** The line that keys act on: unfolded. */
  focused: boolean;
  /** The agent has a call by now: one that comes in waits. */
  inCall: boolean;
  panel: Panel;
  onPanel(panel: Panel): void;
}

/** One call: who, how long, what can be done, and its log. */
export function LineCard({ line, focused, inCall, panel, onPanel }: LineCardProps) {
  const [unfolded, setUnfolded] = useState<boolean>();
  const open = unfolded ?? focused;
  const detailsId = `details-${line.id}`;
  return (
    <section
      className={classes.card}
      data-state={line.state}
      data-direction={line.direction}
      data-incoming={!line.dialled || undefined}
      data-consult={line.parent !== undefined || undefined}
      data-focused={focused || undefined}
      data-testid="line"
      aria-label={`Call: ${describeState(line, inCall)}`}
    >
      <StateRow line={line} inCall={inCall} />
      <Caller line={line} />
      <LineFacts line={line} />
      <LineButtons line={line} focused={focused} panel={panel} onPanel={onPanel} />
      {panel === 'transfer' && <TransferPanel line={line} onClose={() => onPanel(undefined)} />}
      <Collapse expanded={panel === 'keypad'}>
        {panel === 'keypad' && <CallKeypad line={line} listen={focused} />}
      </Collapse>
      <Parties line={line} />
      {line.wrap && <WrapUp line={line} />}
      {!focused && hasDetails(line) && (
        <UnstyledButton
          className={classes.fold}
          aria-expanded={open}
          aria-controls={detailsId}
          onClick={() => setUnfolded(!open)}
        >
          <IconChevronDown size={14} aria-hidden data-open={open || undefined} />{' '}
          {open ? 'Less' : 'Records and notes'}
        </UnstyledButton>
      )}
      <div id={detailsId} hidden={!open} className={classes.details}>
        <EarlierNotes line={line} />
        {line.purpose === 'call' || line.about ? <Matches line={line} /> : null}
        {line.log && <LogForm key={line.id} line={line} log={line.log} />}
      </div>
    </section>
  );
}

function StateRow({ line, inCall }: { line: Line; inCall: boolean }) {
  const session = useSession();
  const Icon =
    line.direction === 'inbound'
      ? IconArrowDownLeft
      : line.direction === 'outbound'
        ? IconArrowUpRight
        : IconArrowsLeftRight;
  const over = line.state === 'wrap-up' || line.state === 'ended';
  return (
    <div className={classes.stateRow}>
      <span className={classes.state} data-testid="line-state" data-state={line.state} role="status">
        <Icon size={15} stroke={2.2} aria-hidden />
        {describeState(line, inCall)}
      </span>
      <span className={classes.timer} data-testid="line-timer">
        {over && line.t.answered !== undefined ? (
          <span title="How long you talked">
            {formatDuration((line.t.ended ?? line.t.answered) - line.t.answered)}
          </span>
        ) : over ? null : (
          <Timer since={timerStart(line)} now={session.serverNow} />
        )}
      </span>
    </div>
  );
}

function Caller({ line }: { line: Line }) {
  const { country } = useSoftphone().user;
  const { name, number } = callerTitle(line, country);
  const numberText = showsNumber(line) && <span data-testid="caller-number">{number}</span>;
  const nameText = (
    <span data-testid="caller-name" title={name} dir="auto">
      {name ?? unknownName(line)}
    </span>
  );
  return (
    <div className={classes.caller}>
      <span className={classes.avatar} aria-hidden>
        {name ? initials(name) : <IconUserFilled size={18} />}
      </span>
      <div className={classes.who}>
        <h2 className={classes.name}>{name || !numberText ? nameText : numberText}</h2>
        <span className={classes.number}>{name ? numberText : numberText && nameText}</span>
      </div>
    </div>
  );
}

function unknownName(line: Line): string {
  if (line.purpose === 'consult' && !line.about) return 'Consultation';
  if (line.match.status === 'searching') return 'Looking up the caller…';
  if (line.match.records.length > 1) return 'Could be several people';
  return line.direction === 'inbound' ? 'Unknown caller' : 'Not in the records';
}

function LineFacts({ line }: { line: Line }) {
  const { country } = useSoftphone().user;
  const dnis =
    line.direction === 'inbound' && line.fields.includes('DNIS') && line.dnis.value
      ? formatAddress(line.dnis, country)
      : undefined;
  return (
    <div className={classes.facts}>
      {line.queue && line.fields.includes('QUEUE') && (
        <Badge
          color="petrol"
          variant="light"
          title={line.queue.waitedMs > 0 ? 'Queue, and how long the caller waited' : 'Queue'}
        >
          {line.queue.label}
          {line.queue.waitedMs >= 1_000 && ` · waited ${formatDuration(line.queue.waitedMs)}`}
        </Badge>
      )}
      {line.callback && (
        <Badge
          color="copper"
          variant="light"
          data-testid="callback-badge"
          title="The customer asked to be called back: he is called as soon as you accept"
        >
          Callback
        </Badge>
      )}
      {dnis && <span>called {dnis}</span>}
      {line.ani?.value && <span>from {formatAddress(line.ani, country)}</span>}
      {line.offer && <OfferCountdown deadline={line.offer.deadline} />}
      {line.handedBy && (
        <span data-testid="handed-by">
          {line.about ? 'asked by' : 'from'} <strong>{line.handedBy.name}</strong>
        </span>
      )}
      {line.recording !== 'off' && <Recording state={line.recording} />}
      {line.data.map((item) => (
        <span key={item.key} title={`From ${item.from}`}>
          {item.label}: <strong>{item.value}</strong>
        </span>
      ))}
    </div>
  );
}

function Recording({ state }: { state: Line['recording'] }) {
  const text = { off: '', on: 'recording', paused: 'recording paused', failed: 'could not be recorded' }[
    state
  ];
  return (
    <span className={classes.recording} data-state={state} data-testid="recording">
      <IconPlayerRecordFilled size={11} aria-hidden /> {text}
    </span>
  );
}

/** A consultation has no records and notes of its own. */
function hasDetails(line: Line): boolean {
  return line.parent === undefined;
}

function OfferCountdown({ deadline }: { deadline: number }) {
  const left = Math.max(0, deadline - useNow(500, useSession().serverNow));
  return <span>answer within {Math.ceil(left / 1_000)} s</span>;
}

function CallKeypad({ line, listen }: { line: Line; listen: boolean }) {
  const session = useSession();
  const [sent, setSent] = useState('');
  const press = (digits: string) => {
    if (!line.actions.dtmf.enabled) return;
    setSent((before) => `${before}${digits}`.slice(-24));
    session.run({ verb: 'dtmf', lineId: line.id, digits });
  };
  return (
    <div className={classes.keypad}>
      <output className={classes.sent} aria-label="Digits sent">
        {sent || 'Keys go to the other side'}
      </output>
      <Keypad label="Keypad" onKey={press} listen={listen} />
    </div>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.[0]?.toUpperCase() ?? '')
    .join('');
}
