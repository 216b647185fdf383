import { Badge, Collapse, UnstyledButton } from '@mantine/core';
import {
  IconArrowDownLeft,
  IconArrowsLeftRight,
  IconArrowUpRight,
  IconChevronDown,
  IconMicrophone,
  IconMicrophoneOff,
  IconDialpad,
  IconPhone,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconUserFilled,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { formatAddress } from '../../protocol/address.ts';
import type { Line } from '../../protocol/softphone.ts';
import { formatDuration } from '../ui/format.ts';
import { Timer, useNow } from '../ui/time.tsx';
import { ActionButton } from './action-button.tsx';
import { Keypad } from './keypad.tsx';
import classes from './line-card.module.css';
import { callerTitle, describeState, type ShownVerb, timerStart, verbsOf } from './lines.ts';
import { LogForm } from './log-form.tsx';
import { Matches } from './matches.tsx';
import { usePending, useSession, useSoftphone } from './session-context.tsx';
import { WrapUp } from './wrap-up.tsx';

interface LineCardProps {
  line: Line;
  /** The line that keys act on: unfolded. */
  focused: boolean;
  keypad: boolean;
  onKeypad(open: boolean): void;
}

/** One call: who, how long, what can be done, and its log. */
export function LineCard({ line, focused, keypad, onKeypad }: LineCardProps) {
  const [unfolded, setUnfolded] = useState<boolean>();
  const open = unfolded ?? focused;
  const detailsId = `details-${line.id}`;
  return (
    <section
      className={classes.card}
      data-state={line.state}
      data-direction={line.direction}
      data-testid="line"
      aria-label={`Call: ${describeState(line)}`}
    >
      <StateRow line={line} />
      <Caller line={line} />
      <LineFacts line={line} />
      <Buttons line={line} keypad={keypad} onKeypad={onKeypad} />
      <Collapse expanded={keypad}>{keypad && <CallKeypad line={line} listen={focused} />}</Collapse>
      {line.wrap && <WrapUp line={line} />}
      {!focused && (
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
        <Matches line={line} />
        {line.log && <LogForm key={line.id} line={line} log={line.log} />}
      </div>
    </section>
  );
}

function StateRow({ line }: { line: Line }) {
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
        {describeState(line)}
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
  const numberText = <span data-testid="caller-number">{number}</span>;
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
        <h2 className={classes.name}>{name ? nameText : numberText}</h2>
        <span className={classes.number}>{name ? numberText : nameText}</span>
      </div>
    </div>
  );
}

function unknownName(line: Line): string {
  if (line.match.status === 'searching') return 'Looking up the caller…';
  if (line.match.records.length > 1) return 'Could be several people';
  return line.direction === 'inbound' ? 'Unknown caller' : 'Not in the records';
}

function LineFacts({ line }: { line: Line }) {
  const { country } = useSoftphone().user;
  const dnis =
    line.direction === 'inbound' && line.dnis.value ? formatAddress(line.dnis, country) : undefined;
  const others = line.parties.filter((party) => !party.me && party.state !== 'cleared');
  return (
    <div className={classes.facts}>
      {line.queue && (
        <Badge
          color="petrol"
          variant="light"
          title={line.queue.waitedMs > 0 ? 'Queue, and how long the caller waited' : 'Queue'}
        >
          {line.queue.label}
          {line.queue.waitedMs >= 1_000 && ` · waited ${formatDuration(line.queue.waitedMs)}`}
        </Badge>
      )}
      {dnis && <span>called {dnis}</span>}
      {line.offer && <OfferCountdown deadline={line.offer.deadline} />}
      {others.length > 1 && (
        <span>
          with {others.map((party) => party.name ?? formatAddress(party.address, country)).join(', ')}
        </span>
      )}
      {line.data.map((item) => (
        <span key={item.key} title={`From ${item.from}`}>
          {item.label}: <strong>{item.value}</strong>
        </span>
      ))}
    </div>
  );
}

function OfferCountdown({ deadline }: { deadline: number }) {
  const left = Math.max(0, deadline - useNow(500, useSession().serverNow));
  return <span>answer within {Math.ceil(left / 1_000)} s</span>;
}

const BUTTONS: Record<
  ShownVerb,
  { label: string; icon: ReactNode; key?: string; tone?: 'ok' | 'stop' | 'on' }
> = {
  answer: { label: 'Answer', icon: <IconPhone size={20} />, key: 'a', tone: 'ok' },
  decline: { label: 'Decline', icon: <IconPhoneOff size={20} />, key: 'd', tone: 'stop' },
  hangup: { label: 'Hang up', icon: <IconPhoneOff size={20} />, key: 'e', tone: 'stop' },
  hold: { label: 'Hold', icon: <IconPlayerPause size={20} stroke={1.7} />, key: 'h' },
  retrieve: { label: 'Resume', icon: <IconPlayerPlay size={20} stroke={1.7} />, key: 'h', tone: 'on' },
  mute: { label: 'Mute', icon: <IconMicrophone size={20} stroke={1.7} />, key: 'm' },
  unmute: { label: 'Unmute', icon: <IconMicrophoneOff size={20} stroke={1.7} />, key: 'm', tone: 'on' },
  dtmf: { label: 'Keypad', icon: <IconDialpad size={20} stroke={1.7} />, key: 'k' },
};

function Buttons({ line, keypad, onKeypad }: Omit<LineCardProps, 'focused'>) {
  const verbs = verbsOf(line);
  if (verbs.length === 0) return null;
  return (
    <div className={classes.buttons}>
      {verbs.map((verb) => (
        <VerbButton
          key={verb}
          line={line}
          verb={verb}
          keypad={keypad}
          onKeypad={onKeypad}
          wide={verbs.length < 3}
        />
      ))}
    </div>
  );
}

interface VerbButtonProps extends Omit<LineCardProps, 'focused'> {
  verb: ShownVerb;
  wide: boolean;
}

function VerbButton({ line, verb, keypad, onKeypad, wide }: VerbButtonProps) {
  const session = useSession();
  const pending = usePending(verb, line);
  const { label, icon, key, tone } = BUTTONS[verb];
  const isKeypad = verb === 'dtmf';
  return (
    <ActionButton
      label={label}
      icon={icon}
      tone={tone}
      wide={wide}
      shortcut={key}
      action={line.actions[verb]}
      pending={!isKeypad && pending}
      expanded={isKeypad ? keypad : undefined}
      testId={isKeypad ? 'keypad' : verb}
      onClick={() => (verb === 'dtmf' ? onKeypad(!keypad) : session.run({ verb, lineId: line.id }))}
    />
  );
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
