import { Button, Code, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type CrmHost, CrmHostInput, type HostFile } from '../../protocol/crm-hosts.ts';
import type { ShownUser } from '../../protocol/setup.ts';
import { type Form, useForm } from '../ui/use-form.ts';
import { ExternalNames } from './external-names.tsx';
import { FieldGrid, SelectField, SwitchField, TextareaField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useAnswer, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';
import { saveFile } from './save-file.ts';

const KINDS = {
  salesforce: 'Salesforce (Open CTI)',
  hubspot: 'HubSpot (calling extension)',
  dynamics: 'Dynamics 365 (Channel Integration Framework)',
  other: 'Another CRM, by our own messages',
};
const PLACEHOLDERS: Record<CrmHost['kind'], string> = {
  salesforce: 'https://acme.lightning.force.com',
  hubspot: 'https://app.hubspot.com',
  dynamics: 'https://acme.crm.dynamics.com',
  other: 'https://crm.example.com',
};

/** CRMs whose pages the softphone may live in. */
export function CrmHostsPage() {
  return (
    <ListPage
      title="Softphone in other CRMs"
      one="CRM"
      intro="The softphone may be shown inside the pages of these CRMs, and of no others."
      query={useRecords<CrmHost>('crm-hosts')}
      path={(host) => `/crm-hosts/${host.id}`}
      newPath="/crm-hosts/new"
      words={(host) => `${host.label} ${host.origins.join(' ')}`}
      empty="Register your Salesforce, HubSpot or Dynamics 365 here, and the softphone may be shown in its pages: with click-to-dial, screen pop and call logs there. You then get the file that its administrator imports."
      columns={[
        { label: 'Name', show: (host) => host.label },
        { label: 'Kind', show: (host) => KINDS[host.kind] },
        { label: 'Pages', show: (host) => host.origins.join(', ') },
        { label: 'Signs users in', show: (host) => (host.signInKey === 'none' ? 'no' : 'yes') },
        { label: 'Call logs by', show: (host) => (host.connected ? 'our server' : 'its own page') },
      ]}
    />
  );
}

/** One CRM. */
export function CrmHostForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<CrmHost>('crm-hosts')} id={id} what="CRM">
      {(host) => <Editor host={host} />}
    </OneRecord>
  );
}

type Values = Required<CrmHostInput>;

function Editor({ host }: { host: CrmHost | undefined }) {
  const save = useSaveRecord<CrmHost>('crm-hosts', host?.id);
  const form = useForm<Values>({
    base: {
      label: host?.label ?? '',
      kind: host?.kind ?? 'salesforce',
      origins: host?.origins ?? [],
      connected: host?.connected ?? false,
      signInKey: host?.signInKey ?? 'none',
      key: '',
      users: host?.users ?? [],
    },
    schema: CrmHostInput,
    save: (values, changed) => save.mutateAsync(withoutEmptyKey(host ? changed : values)),
  });
  return (
    <Page title={host?.label ?? 'New CRM'} parent={{ label: 'Softphone in other CRMs', path: '/crm-hosts' }}>
      <FormPage
        form={form}
        what="this CRM"
        back="/setup/crm-hosts"
        createdAt={host ? undefined : '/setup/crm-hosts'}
        removal={useRemoval(host)}
        below={host && <Files host={host} />}
      >
        <Pages form={form} isNew={!host} />
        <SignIn form={form} host={host} />
      </FormPage>
    </Page>
  );
}

/** A key that is left empty stays as it is. */
function withoutEmptyKey({ key, ...rest }: Partial<Values>): object {
  return key ? { ...rest, key } : rest;
}

function Pages({ form, isNew }: { form: Form<Values>; isNew: boolean }) {
  return (
    <Section title="Its pages">
      <FieldGrid>
        <TextField form={form} name="label" label="Name" required autoFocus={isNew} />
        <SelectField
          form={form}
          name="kind"
          label="Kind"
          choices={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          required
        />
        <MultiSelectField
          form={form}
          name="origins"
          label="Origins"
          placeholder={PLACEHOLDERS[form.values.kind]}
          help="Of every page that shows the softphone in a frame, as the address bar shows it, without a path. Enter adds one."
        />
        <SwitchField
          form={form}
          name="connected"
          label="Our server is connected to this CRM"
          help="On: our server finds the caller’s record and writes the call log. Off: the CRM’s own page does, while the softphone is open in it."
        />
      </FieldGrid>
    </Section>
  );
}

function SignIn({ form, host }: { form: Form<Values>; host: CrmHost | undefined }) {
  const users = useRecords<ShownUser>('users').data ?? [];
  const { signInKey } = form.values;
  return (
    <Section
      title="Signing in"
      intro="Without a key an agent signs in by a window of ours. With one the CRM says who its user is, and nobody types a password."
    >
      <FieldGrid>
        <SelectField
          form={form}
          name="signInKey"
          label="The CRM signs with"
          choices={[
            { value: 'none', label: 'Nothing: agents sign in themselves' },
            { value: 'secret', label: 'A secret that both know (HS256)' },
            { value: 'public-key', label: 'A key pair of its own (RS256 or ES256)' },
          ]}
        />
        {signInKey !== 'none' && (
          <TextareaField
            form={form}
            name="key"
            label={signInKey === 'secret' ? 'Secret' : 'Public key'}
            placeholder={signInKey === 'secret' ? 'At least 32 characters' : '-----BEGIN PUBLIC KEY-----'}
            help={host?.hasKey ? 'One is set. Left empty, it stays.' : 'It is not shown again.'}
          />
        )}
      </FieldGrid>
      {signInKey !== 'none' && (
        <Stack gap="sm" mt="sm">
          {host && (
            <Text size="sm">
              Audience (<Code>aud</Code>) of what it signs: <Code data-testid="audience">{host.id}</Code>
            </Text>
          )}
          <ExternalNames
            users={users}
            values={form.values.users}
            error={form.error('users')}
            onChange={(names) => form.set('users', names)}
          />
        </Stack>
      )}
    </Section>
  );
}

/** What its administrator is given. */
function Files({ host }: { host: CrmHost }) {
  const files = useAnswer<{ files: HostFile[] }>(`/api/crm-hosts/${host.id}/files`).data?.files ?? [];
  if (files.length === 0) return null;
  return (
    <Section
      title="For the CRM’s administrator"
      intro="Made for the address by which you have opened this page: agents must reach it too, by https."
    >
      <Stack gap="xs" align="flex-start">
        {files.map((file) => (
          <Button
            key={file.fileName}
            variant="default"
            leftSection={<IconDownload size={15} />}
            onClick={() => saveFile(file.fileName, file.text)}
            data-testid={`file-${file.fileName}`}
          >
            {file.fileName}
          </Button>
        ))}
        {!location.origin.startsWith('https:') && (
          <Text size="sm" c="dimmed">
            You have opened Setup without https: a CRM’s page can show the softphone by https only.
          </Text>
        )}
      </Stack>
    </Section>
  );
}

function useRemoval(host: CrmHost | undefined): Removal | undefined {
  const remove = useRemoveRecord('crm-hosts');
  return (
    host && {
      what: `the CRM “${host.label}”`,
      consequences: [
        'Its pages can show the softphone no more: reloaded, they stay empty. Calls that are going on there end as when a tab is closed.',
        'Call logs that its page has not written yet stay in the outbox.',
      ],
      run: () => remove.mutateAsync(host.id),
    }
  );
}
