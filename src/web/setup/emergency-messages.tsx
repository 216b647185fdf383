import { Badge, Button } from '@mantine/core';
import { type EmergencyMessage, EmergencyMessageInput } from '../../protocol/emergency-messages.ts';
import { api } from '../ui/api.ts';
import { showError } from '../ui/show-error.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, SelectField, TextareaField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { namesOf } from './names.ts';
import type { ShownNumber } from './numbers.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

const NOUN = 'emergency-messages';

const useMessages = () => useRecords<EmergencyMessage>(NOUN, { field: 'messages', everyMs: 10_000 });

/** What callers hear first while it is on. */
export function EmergencyMessagesPage() {
  const numbers = useRecords<ShownNumber>('numbers').data ?? [];
  return (
    <ListPage
      title="Emergency messages"
      one="message"
      intro="What callers hear first on a day on which something is wrong. Written beforehand; a supervisor switches it on and off with one click."
      query={useMessages()}
      path={(message) => `/${NOUN}/${message.id}`}
      newPath={`/${NOUN}/new`}
      empty="A fault that everybody calls about, a closed road, a strike: write what callers are to hear, and switch it on when the day comes."
      columns={[
        { label: 'Name', show: (message) => message.label },
        {
          label: 'Numbers',
          show: ({ numberIds }) => namesOf(numbers, numberIds, ({ dnis }) => dnis, 'all'),
        },
        {
          label: 'Then',
          show: ({ afterwards }) => (afterwards === 'hang-up' ? 'the call ends' : 'the call goes on'),
        },
        {
          label: 'State',
          show: ({ on }) => (
            <Badge variant="light" color={on ? 'warn' : 'gray'}>
              {on ? 'Callers hear it' : 'Off'}
            </Badge>
          ),
        },
        { label: 'Switch', show: (message) => <SwitchButton message={message} /> },
      ]}
    />
  );
}

function SwitchButton({ message: { id, label, on } }: { message: EmergencyMessage }) {
  const change = useChange<EmergencyMessage, boolean>((wanted) =>
    api(`/api/${NOUN}/${encodeURIComponent(id)}/switch`, { body: { on: wanted } }),
  );
  return (
    <Button
      size="compact-xs"
      variant={on ? 'filled' : 'default'}
      loading={change.isPending}
      aria-label={`Switch ${label} ${on ? 'off' : 'on'}`}
      data-testid={`switch-${id}`}
      onClick={() => change.mutate(!on, { onError: showError })}
    >
      {on ? 'Switch off' : 'Switch on'}
    </Button>
  );
}

/** One message. */
export function EmergencyMessageForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useMessages()} id={id} what="emergency message">
      {(message) => <Editor message={message} />}
    </OneRecord>
  );
}

const NEW: EmergencyMessageInput = { label: '', text: '', afterwards: 'go-on', numberIds: [] };

function Editor({ message }: { message: EmergencyMessage | undefined }) {
  const numbers = useRecords<ShownNumber>('numbers').data ?? [];
  const save = useSaveRecord<EmergencyMessage>(NOUN, message?.id);
  const { label, text, afterwards, numberIds } = message ?? NEW;
  const form = useForm<EmergencyMessageInput>({
    base: { label, text, afterwards, numberIds },
    schema: EmergencyMessageInput,
    save: (values, changed) => save.mutateAsync(message ? changed : values),
  });
  return (
    <Page
      title={message?.label ?? 'New emergency message'}
      parent={{ label: 'Emergency messages', path: `/${NOUN}` }}
    >
      <FormPage
        form={form}
        what="this message"
        back={`/setup/${NOUN}`}
        createdAt={message ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(message)}
      >
        <Section title="The message" intro="It is switched on and off in the list, and by supervisors.">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!message} />
            <SelectField
              form={form}
              name="afterwards"
              label="Then"
              choices={[
                { value: 'go-on', label: 'The call goes on where its number leads' },
                { value: 'hang-up', label: 'The call ends' },
              ]}
            />
            <TextareaField
              form={form}
              name="text"
              label="What callers hear"
              help="Before anything else, also outside of business hours."
              required
            />
            <MultiSelectField
              form={form}
              name="numberIds"
              label="Numbers"
              help="None: callers of every number hear it."
              choices={numbers.map((number) => ({
                value: number.id,
                label: `${number.dnis} ${number.label}`,
              }))}
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(message: EmergencyMessage | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  if (!message) return undefined;
  return {
    what: `the emergency message ${message.label}`,
    consequences: [
      message.on ? 'Callers hear it no longer.' : 'Nobody hears it now: nothing changes for callers.',
    ],
    run: () => remove.mutateAsync(message.id),
  };
}
