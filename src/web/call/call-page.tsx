import { Alert, Button, Radio, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconMicrophone, IconPhone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { WebCallEntries } from '../../protocol/api.ts';
import { api } from '../ui/api.ts';
import { Logo } from '../ui/logo.tsx';
import { EmptyState, ErrorState, errorText } from '../ui/states.tsx';
import { CallInProgress } from './call-in-progress.tsx';
import classes from './call-page.module.css';
import type { PageCall } from './page-call.ts';
import { startCall } from './start-call.ts';

/** A visitor's phone: choose whom to call, call, talk. */
export function CallPage() {
  const [call, setCall] = useState<{ call: PageCall; label: string }>();
  return (
    <div className={classes.page}>
      <main className={classes.card}>
        <Logo size={26} withName />
        {call ? (
          <CallInProgress {...call} onDone={() => setCall(undefined)} />
        ) : (
          <Entrance onCall={(next, label) => setCall({ call: next, label })} />
        )}
      </main>
    </div>
  );
}

interface EntranceProps {
  onCall(call: PageCall, label: string): void;
}

function Entrance({ onCall }: EntranceProps) {
  const entries = useQuery({
    queryKey: ['web-call-entries'],
    queryFn: () => api<WebCallEntries>('/api/web-calls/entries', { schema: WebCallEntries }),
  });
  if (entries.isError) return <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />;
  if (!entries.data) return <Text c="dimmed">One moment…</Text>;
  if (entries.data.entries.length === 0) {
    return (
      <EmptyState title="Nobody can be called from here yet">
        An administrator chooses which numbers visitors may call.
      </EmptyState>
    );
  }
  return <CallForm offer={entries.data} onCall={onCall} />;
}

function CallForm({ offer, onCall }: EntranceProps & { offer: WebCallEntries }) {
  const [entry, setEntry] = useState(offer.entries[0]?.entry ?? '');
  const [name, setName] = useState('');
  const [number, setNumber] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const request = { entry, name: name.trim() || undefined, number: number.trim() || undefined };
      onCall(
        await startCall(request, offer.media),
        offer.entries.find((one) => one.entry === entry)?.label ?? entry,
      );
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <div>
          <Title order={1}>Call us from your browser</Title>
          <Text size="sm" c="dimmed" mt={4}>
            No telephone needed: you talk through this page.
          </Text>
        </div>
        <Radio.Group
          label="Whom would you like to talk to?"
          value={entry}
          onChange={setEntry}
          data-testid="call-entry"
        >
          <div className={classes.entries}>
            {offer.entries.map((one) => (
              <Radio.Card
                key={one.entry}
                value={one.entry}
                className={classes.entry}
                data-testid={`call-entry-${one.entry}`}
              >
                <Radio.Indicator size="xs" />
                <span>{one.label}</span>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
        <div className={classes.fields}>
          <TextInput
            label="Your name"
            description="Optional"
            autoComplete="name"
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="call-name"
          />
          <TextInput
            label="Your number"
            description="Optional, to be recognised"
            type="tel"
            autoComplete="tel"
            maxLength={40}
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
            data-testid="call-number"
          />
        </div>
        {error !== undefined && (
          <Alert color="stop" p="sm" role="alert" data-testid="call-error">
            {errorText(error)}
          </Alert>
        )}
        <Button
          type="submit"
          size="lg"
          color="ok.6"
          autoContrast={false}
          fullWidth
          loading={busy}
          leftSection={<IconPhone size={20} />}
          data-testid="call-start"
        >
          Call
        </Button>
        <Text size="xs" c="dimmed" className={classes.hint}>
          <IconMicrophone size={14} aria-hidden />
          {offer.media === 'webrtc'
            ? 'Your browser asks for the microphone first. It is closed when the call ends.'
            : 'A simulated call: you see how it goes, there is no sound.'}
        </Text>
      </Stack>
    </form>
  );
}
