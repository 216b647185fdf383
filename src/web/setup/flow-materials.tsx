/** What flows are made of beside their nodes: uploaded recordings, and secrets that they name. */
import { Button, PasswordInput, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { FlowRecording } from '../../protocol/flows.ts';
import { api } from '../ui/api.ts';
import { formatDuration } from '../ui/format.ts';
import { Refusal } from '../ui/states.tsx';
import { DateTime } from '../ui/time.tsx';
import classes from './flows.module.css';
import { RemoveButton } from './form-page.tsx';
import { Section } from './page.tsx';
import { RecordTable } from './record-table.tsx';
import { useChange, useRecords, useRemoveRecord } from './resource.ts';

/** Recordings of prompts; they are uploaded where they are chosen, in a node. */
export function FlowRecordingsPart() {
  const recordings = useRecords<FlowRecording>('flow-recordings', { field: 'recordings' }).data;
  const remove = useRemoveRecord('flow-recordings');
  if (!recordings || recordings.length === 0) return null;
  return (
    <Section title="Recordings" intro="Uploaded in the nodes that play them." flush>
      <RecordTable
        caption="Recordings"
        records={recordings}
        columns={[
          { label: 'Name', show: ({ label }) => label },
          { label: 'Language', show: ({ language }) => language },
          { label: 'Length', show: ({ seconds }) => formatDuration(seconds * 1_000) },
          { label: 'Uploaded', show: ({ uploadedAt }) => <DateTime at={uploadedAt} /> },
          {
            label: 'Listen',
            show: ({ id, label }) => (
              <audio
                className={classes.audio}
                controls
                preload="none"
                src={`/api/flow-recordings/${encodeURIComponent(id)}/audio`}
                aria-label={label}
              />
            ),
          },
          {
            label: '',
            align: 'right',
            show: ({ id, label }) => (
              <RemoveButton
                compact
                removal={{
                  what: `the recording “${label}”`,
                  consequences: ['Versions that play it say nothing there; a draft that does is told so.'],
                  run: () => remove.mutateAsync(id),
                }}
              />
            ),
          },
        ]}
      />
    </Section>
  );
}

/** Secrets of web services, which nodes name and nobody reads back. */
export function FlowSecretsPart() {
  const names = useRecords<string>('flow-secrets', { field: 'names' }).data ?? [];
  const remove = useRemoveRecord('flow-secrets');
  return (
    <Section
      title="Secrets"
      intro="Keys of web services: an HTTP request names one as {secret:NAME} in a header or its body. Nobody can read one again."
    >
      <div className={classes.secrets}>
        {names.map((name) => (
          <div key={name} className={classes.secret}>
            <Text span size="sm" ff="monospace">
              {name}
            </Text>
            <RemoveButton
              compact
              removal={{
                what: `the secret ${name}`,
                consequences: ['Requests that name it fail from then on.'],
                run: () => remove.mutateAsync(name),
              }}
            />
          </div>
        ))}
        <SetSecret />
      </div>
    </Section>
  );
}

function SetSecret() {
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const put = useChange(() =>
    api(`/api/flow-secrets/${encodeURIComponent(name.trim())}`, { method: 'PUT', body: { secret } }),
  );
  const save = (event: FormEvent) => {
    event.preventDefault();
    put.mutate(undefined, {
      onSuccess: () => {
        setName('');
        setSecret('');
      },
    });
  };
  return (
    <form className={classes.setSecret} onSubmit={save}>
      <TextInput
        size="xs"
        label="Name"
        placeholder="shop"
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-testid="secret-name"
      />
      <PasswordInput
        size="xs"
        label="Secret"
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the secret' }}
        value={secret}
        onChange={({ currentTarget }) => setSecret(currentTarget.value)}
        data-testid="secret-value"
      />
      <Button
        type="submit"
        variant="default"
        loading={put.isPending}
        disabled={name.trim() === '' || secret === ''}
        data-testid="secret-save"
      >
        Set it
      </Button>
      <Refusal error={put.error} className={classes.refusal} />
    </form>
  );
}
