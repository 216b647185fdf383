import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useEffectEvent, useState } from 'react';
import { TransferTargets } from '../../protocol/softphone.ts';
import type { VoiceContact } from '../../protocol/voice.ts';
import { numberContact } from '../opencti/voice/voice-commands.ts';
import type { VoiceDesk, VoiceView } from '../opencti/voice/voice-desk.ts';
import { api } from '../ui/api.ts';
import classes from './voice-dock.module.css';

const AVAILABILITY: Record<string, string> = { AVAILABLE: 'Available', BUSY: 'Busy', OFFLINE: 'Offline' };
const TYPING_MS = 250;
const SHOWN = 12;

interface VoiceFinderProps {
  label: string;
  desk: VoiceDesk;
  view: VoiceView;
  onChoose: (contact: VoiceContact) => void;
}

/** A number, or somebody out of the vendor's phone book and our directories. */
export function VoiceFinder({ label, desk, view, onChoose }: VoiceFinderProps) {
  const [text, setText] = useState('');
  const [typed] = useDebouncedValue(text.trim(), TYPING_MS);
  const ours = useOurs(typed);
  const ask = useEffectEvent(() => {
    const filter = { contains: typed, limit: 50, offset: 0 };
    if (typed !== '') desk.send({ type: 'GET_PHONE_CONTACTS', filter });
  });
  useEffect(() => ask(), [typed]);
  const theirs = typed === '' ? [] : view.contacts.filter((contact) => fits(contact, typed));
  const found = [...theirs, ...ours].slice(0, SHOWN);
  const number = /^[+\d][\d\s()./*#-]*$/.test(text.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number) onChoose(numberContact(text.trim()));
  };
  return (
    <form className={classes.finder} onSubmit={submit}>
      <TextInput
        label={label}
        placeholder="A name or a number"
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        data-testid="voice-number"
      />
      <Button type="submit" disabled={!number} data-testid="voice-dial">
        {label}
      </Button>
      <ul className={classes.found}>
        {found.map((contact) => (
          <li key={`${contact.type ?? ''} ${contact.id ?? ''} ${contact.phoneNumber ?? ''}`}>
            <button
              type="button"
              className={classes.entry}
              onClick={() => onChoose(contact)}
              data-testid="voice-contact"
            >
              <span>{contact.name ?? contact.phoneNumber}</span>
              <span className={classes.state}>
                {AVAILABILITY[contact.availability ?? ''] ?? contact.description ?? ''}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}

/** A vendor that does not search gives all that he has. */
function fits({ name, phoneNumber }: VoiceContact, text: string): boolean {
  return `${name ?? ''} ${phoneNumber ?? ''}`.toLowerCase().includes(text.toLowerCase());
}

function useOurs(text: string): VoiceContact[] {
  const { data } = useQuery({
    queryKey: ['voice-contacts', text],
    enabled: text !== '',
    queryFn: ({ signal }) =>
      api<TransferTargets>(`/api/transfer-targets?q=${encodeURIComponent(text)}`, {
        signal,
        schema: TransferTargets,
      }),
  });
  // Our users and queues are none of this telephone system's.
  return (data?.targets ?? []).flatMap(({ target, source, label, detail }) =>
    target.kind === 'number' && source !== 'number'
      ? [{ ...numberContact(target.number), name: label, description: detail }]
      : [],
  );
}
