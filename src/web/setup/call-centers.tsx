import { Anchor, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCopy, IconDownload, IconFileImport } from '@tabler/icons-react';
import { useState } from 'react';
import { Definition, type ShownCallCenter } from '../../protocol/opencti.ts';
import type { ShownUser } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { ImportDefinition } from './import-definition.tsx';
import { MemberPicker } from './member-picker.tsx';
import { useNavigation } from './navigation-context.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

const MODES = { Classic: 'Classic', Lightning: 'Lightning', Classic_and_Lightning: 'Classic and Lightning' };

/** Call centers: which telephone adapter who works with. */
export function CallCentersPage() {
  return (
    <ListPage
      title="Call centers"
      one="call center"
      intro="A call center names an Open CTI adapter and who works with it: its users get that adapter in the desktop in the place of Crosspoint’s softphone."
      query={useRecords<ShownCallCenter>('call-centers')}
      path={(center) => `/call-centers/${center.id}`}
      newPath="/call-centers/new"
      words={(center) => `${center.internalName} ${center.displayName} ${center.adapterUrl}`}
      empty="Import the definition file (XML) that your adapter’s vendor gave you for Salesforce, as it is. Without a call center everybody has Crosspoint’s own softphone."
      columns={[
        { label: 'Name', show: (center) => center.displayName },
        { label: 'Internal name', show: (center) => center.internalName },
        { label: 'Adapter', show: (center) => center.adapterUrl },
        { label: 'For', show: (center) => MODES[center.mode] },
        { label: 'Users', align: 'right', show: (center) => center.userIds.length },
      ]}
    />
  );
}

/** One call center; a new one begins with a definition file. */
export function CallCenterForm({ id }: { id: string | undefined }) {
  const query = useRecords<ShownCallCenter>('call-centers');
  if (id === undefined) return <ImportDefinition />;
  return (
    <OneRecord query={query} id={id} what="call center">
      {(center) => center && <Editor center={center} />}
    </OneRecord>
  );
}

function Editor({ center }: { center: ShownCallCenter }) {
  const save = useSaveRecord<ShownCallCenter>('call-centers', center.id);
  const form = useForm({
    base: { sections: center.sections },
    schema: Definition,
    save: (values) => save.mutateAsync(values),
  });
  return (
    <Page
      title={center.displayName}
      parent={{ label: 'Call centers', path: '/call-centers' }}
      actions={<Actions center={center} />}
    >
      <FormPage
        form={form}
        what="this call center"
        back="/setup/call-centers"
        removal={useRemoval(center)}
        below={<Users center={center} />}
      >
        {form.values.sections.map((section, place) => (
          <Section key={section.name} title={section.label || section.name}>
            <FieldGrid>
              {section.items.map((item, order) => (
                <TextInput
                  key={item.name}
                  size="xs"
                  label={item.label || item.name}
                  description={item.name}
                  inputWrapperOrder={['label', 'input', 'description', 'error']}
                  value={item.value}
                  data-testid={`item-${item.name}`}
                  onChange={(event) =>
                    form.set(
                      'sections',
                      withValue(form.values.sections, place, order, event.currentTarget.value),
                    )
                  }
                />
              ))}
            </FieldGrid>
          </Section>
        ))}
      </FormPage>
    </Page>
  );
}

function withValue(
  sections: Definition['sections'],
  place: number,
  order: number,
  value: string,
): Definition['sections'] {
  return sections.map((section, at) =>
    at === place
      ? { ...section, items: section.items.map((item, n) => (n === order ? { ...item, value } : item)) }
      : section,
  );
}

/** Who works with the adapter: saved by itself. */
function Users({ center }: { center: ShownCallCenter }) {
  const users = useRecords<ShownUser>('users').data ?? [];
  const save = useChange<ShownCallCenter, { userIds: string[] }>((body) =>
    api(`/api/call-centers/${center.id}/users`, { method: 'PUT', body }),
  );
  const form = useForm({
    base: { memberIds: center.userIds },
    schema: Definition.partial(),
    save: ({ memberIds }) => save.mutateAsync({ userIds: memberIds }),
  });
  return (
    <Section
      title="Users"
      intro={
        center.external
          ? 'They get the adapter with the next load of their desktop. A user belongs to one call center at most: who is chosen here leaves the other.'
          : 'The adapter’s address is a page of Salesforce’s own, so its users keep Crosspoint’s softphone.'
      }
    >
      <SelfSaving form={form} what="the users of this call center">
        <MemberPicker
          users={users}
          memberIds={form.values.memberIds}
          onChange={(memberIds) => form.set('memberIds', memberIds)}
        />
      </SelfSaving>
    </Section>
  );
}

function Actions({ center }: { center: ShownCallCenter }) {
  const [cloning, setCloning] = useState(false);
  const file = `/api/call-centers/${center.id}/file`;
  return (
    <Group gap="xs">
      <Button
        component="a"
        href={file}
        variant="default"
        leftSection={<IconDownload size={15} />}
        data-testid="export"
      >
        Export
      </Button>
      <Anchor href={`${file}?form=metadata`} size="xs">
        as metadata
      </Anchor>
      {useMe().roles.includes('administrator') && (
        <Button
          variant="default"
          leftSection={<IconCopy size={15} />}
          onClick={() => setCloning(true)}
          data-testid="clone"
        >
          Clone
        </Button>
      )}
      {cloning && <CloneDialog center={center} onClose={() => setCloning(false)} />}
    </Group>
  );
}

function CloneDialog({ center, onClose }: { center: ShownCallCenter; onClose: () => void }) {
  const navigation = useNavigation();
  const [names, setNames] = useState({
    internalName: `${center.internalName.slice(0, 36)}Copy`,
    displayName: `${center.displayName} (copy)`,
  });
  const clone = useChange<ShownCallCenter, typeof names>((body) =>
    api(`/api/call-centers/${center.id}/clone`, { body }),
  );
  const submit = () =>
    clone.mutate(names, {
      onSuccess: ({ id, displayName }) => {
        notifications.show({ color: 'ok', message: `${displayName} has been made.` });
        navigation.navigate(`/setup/call-centers/${id}`);
      },
    });
  return (
    <Modal opened onClose={onClose} title={`Clone ${center.displayName}`}>
      <Stack gap="sm">
        <TextInput
          size="xs"
          data-autofocus
          label="Internal name"
          description="Letters and digits; no other call center has it."
          value={names.internalName}
          onChange={(event) => setNames({ ...names, internalName: event.currentTarget.value })}
          data-testid="clone-internalName"
        />
        <TextInput
          size="xs"
          label="Name"
          value={names.displayName}
          onChange={(event) => setNames({ ...names, displayName: event.currentTarget.value })}
        />
        {clone.isError && (
          <Text size="sm" c="red" role="alert">
            {errorText(clone.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            loading={clone.isPending}
            onClick={submit}
            leftSection={<IconFileImport size={15} />}
            data-testid="confirm-clone"
          >
            Clone
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function useRemoval(center: ShownCallCenter): Removal {
  const remove = useRemoveRecord('call-centers');
  const users = center.userIds.length;
  return {
    what: `the call center “${center.displayName}”`,
    consequences: [
      users === 0
        ? 'Nobody works with it.'
        : `Its ${users === 1 ? 'user gets' : `${users} users get`} Crosspoint’s softphone back.`,
      'The numbers of its directory go with it. Call logs stay.',
    ],
    run: () => remove.mutateAsync(center.id),
  };
}
