import { Anchor, Button, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import type { VoiceCall, VoiceContact } from '../../protocol/voice.ts';
import { callContact, type VoiceVerb, voiceButtons } from '../opencti/voice/voice-commands.ts';
import type { VoiceDesk, VoiceView } from '../opencti/voice/voice-desk.ts';
import { isInbound, isParticipant, numberOf } from '../opencti/voice/voice-state.ts';
import { formatPhone } from '../ui/format.ts';
import { useViewer } from '../ui/viewer.tsx';
import classes from './voice-dock.module.css';
import { VoiceFinder } from './voice-finder.tsx';
import { VoiceKeypad } from './voice-keypad.tsx';

interface VoicePanelProps {
  desk: VoiceDesk;
  view: VoiceView;
  onOpen: (record: RecordRef) => void;
}

/** What the buttons that need something more are asking for. */
type Asking = 'add' | 'transfer' | 'digits' | undefined;

/** The calls of a connector with what can be done about each, the wrap-up of the last one, and whom to call. */
export function VoicePanel({ desk, view, onOpen }: VoicePanelProps) {
  const [asked, setAsking] = useState<Asking>();
  const { calls, wrapUp } = view;
  const asking = calls.length > 0 ? asked : undefined;
  const press = (verb: VoiceVerb, call: VoiceCall) => {
    const found = voiceButtons(view, call).find((one) => one.verb === verb);
    if (found?.command) desk.send(found.command);
    else if (verb === 'add' || verb === 'transfer' || verb === 'digits')
      setAsking(asking === verb ? undefined : verb);
  };
  const choose = (contact: VoiceContact) => {
    desk.send(callContact(view, contact, asking === 'transfer'));
    setAsking(undefined);
  };
  const idle = calls.length === 0 && !wrapUp;
  return (
    <>
      {calls.map((call) => (
        <CallCard key={call.callId} call={call} view={view} onPress={press} onOpen={onOpen} />
      ))}
      {wrapUp && calls.length === 0 && (
        <WrapUp key={wrapUp.callId} call={wrapUp} onDone={(notes) => void desk.wrapUp(notes)} />
      )}
      {asking === 'digits' && (
        <VoiceKeypad onDigits={(digits) => desk.send({ type: 'SEND_DIGITS', digits })} />
      )}
      {(idle || asking === 'add' || asking === 'transfer') && (
        <VoiceFinder
          label={
            asking === 'add' ? 'Add to the call' : asking === 'transfer' ? 'Transfer the call to' : 'Call'
          }
          desk={desk}
          view={view}
          onChoose={choose}
        />
      )}
    </>
  );
}

interface CallCardProps {
  call: VoiceCall;
  view: VoiceView;
  onPress: (verb: VoiceVerb, call: VoiceCall) => void;
  onOpen: (record: RecordRef) => void;
}

const DANGER: VoiceVerb[] = ['end', 'decline', 'remove'];

function CallCard({ call, view, onPress, onOpen }: CallCardProps) {
  const matches = view.matches[call.callId] ?? [];
  return (
    <section
      className={classes.card}
      aria-label={`Call with ${numberOf(call)}`}
      data-testid="voice-call"
      data-state={call.state ?? ''}
    >
      <Who call={call}>
        {matches.map((record) => (
          <Anchor
            key={record.id}
            component="button"
            type="button"
            size="sm"
            ta="left"
            onClick={() => onOpen(record)}
          >
            {record.name}
          </Anchor>
        ))}
      </Who>
      <div className={classes.buttons}>
        {voiceButtons(view, call).map(({ verb, label, enabled }) => (
          <Button
            key={verb}
            size="xs"
            variant={verb === 'accept' ? 'filled' : DANGER.includes(verb) ? 'light' : 'default'}
            color={verb === 'accept' ? 'petrol' : DANGER.includes(verb) ? 'stop' : undefined}
            disabled={!enabled}
            onClick={() => onPress(verb, call)}
            data-testid={`voice-${verb}`}
          >
            {label}
          </Button>
        ))}
      </div>
    </section>
  );
}

function Who({ call, children }: { call: VoiceCall; children?: ReactNode }) {
  const { country } = useViewer();
  const number = formatPhone(numberOf(call), country);
  const name = call.contact?.name;
  return (
    <div className={classes.who}>
      <span className={classes.name}>{name && name !== number ? `${name} · ${number}` : number}</span>
      <span className={classes.state}>{stateOf(call)}</span>
      {children}
    </div>
  );
}

function stateOf(call: VoiceCall): string {
  const { isOnHold, queueName } = call.callInfo ?? {};
  const queue = queueName ? ` · ${queueName}` : '';
  if (isOnHold === true) return `On hold${queue}`;
  if (call.state === 'ended') return 'Call ended';
  if (call.state === 'transferring') return 'Being called';
  if (isParticipant(call)) return 'In the call';
  if (call.state !== 'ringing') return `Connected${queue}`;
  return `${isInbound(call) ? 'Incoming call' : 'Calling'}${queue}`;
}

function WrapUp({ call, onDone }: { call: VoiceCall; onDone: (notes: string) => void }) {
  const [notes, setNotes] = useState('');
  return (
    <section className={classes.card} aria-label="After the call" data-testid="voice-wrap-up">
      <Who call={{ ...call, state: 'ended', callInfo: undefined }} />
      <Textarea
        label="Notes"
        description="They go into the log of the call."
        autosize
        minRows={3}
        value={notes}
        onChange={({ currentTarget }) => setNotes(currentTarget.value)}
      />
      <Button onClick={() => onDone(notes)}>Done</Button>
    </section>
  );
}
