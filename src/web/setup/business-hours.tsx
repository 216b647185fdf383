import { ActionIcon, Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type BusinessHours,
  BusinessHoursInput,
  type Closure,
  type DayPreview,
  type Holiday,
  hoursAt,
  type OpenTime,
  previewDays,
  WEEKDAYS,
  type WhenClosed,
} from '../../protocol/hours.ts';
import type { ShownQueue } from '../../protocol/setup.ts';
import { useMe } from '../ui/me-context.ts';
import { type Form, useForm } from '../ui/use-form.ts';
import { FieldGrid, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import type { ShownNumber } from './numbers.tsx';
import { OneRecord } from './one-record.tsx';
import { OpenTimes } from './open-times.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

const NOUN = 'business-hours';

function useHours() {
  return useRecords<BusinessHours>(NOUN, { field: 'hours' });
}

/** When numbers are open, and what becomes of calls else. */
export function BusinessHoursPage() {
  const [now] = useState(Date.now);
  return (
    <ListPage
      title="Business hours"
      one="set of hours"
      intro="When calls to a number are taken, and what becomes of them at other times. A number without hours is always open."
      query={useHours()}
      path={(hours) => `/${NOUN}/${hours.id}`}
      newPath={`/${NOUN}/new`}
      empty="Every number is open day and night."
      columns={[
        { label: 'Name', show: (hours) => hours.label },
        { label: 'Now', show: (hours) => nowText(hours, now) },
        { label: 'Time zone', show: (hours) => hours.zone },
        { label: 'Hold for', show: (hours) => holdFor(hours) },
      ]}
    />
  );
}

function nowText(hours: BusinessHours, now: number): string {
  const state = hoursAt(hours, now);
  if (state.open) return 'Open';
  return state.label ? `Closed: ${state.label}` : 'Closed';
}

function holdFor({ isDefault, numberIds, queueIds }: BusinessHours): string {
  const parts = [
    ...(isDefault ? ['all others'] : []),
    ...(numberIds.length > 0 ? [`${numberIds.length} ${numberIds.length === 1 ? 'number' : 'numbers'}`] : []),
    ...(queueIds.length > 0 ? [`${queueIds.length} ${queueIds.length === 1 ? 'queue' : 'queues'}`] : []),
  ];
  return parts.join(', ') || 'nothing yet';
}

/** One set of hours. */
export function BusinessHoursForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useHours()} id={id} what="set of hours">
      {(hours) => <Editor hours={hours} />}
    </OneRecord>
  );
}

const WORKDAY: OpenTime[] = [{ from: '09:00', to: '17:00' }];

function newHours(zone: string): BusinessHoursInput {
  const week = Object.fromEntries(
    WEEKDAYS.map((day) => [day, day === 'saturday' || day === 'sunday' ? [] : WORKDAY]),
  ) as BusinessHoursInput['week'];
  return {
    label: '',
    zone,
    week,
    holidays: [],
    closures: [],
    whenClosed: {
      kind: 'message',
      text: 'We are closed at the moment. Please call again during our opening hours.',
    },
    isDefault: false,
    numberIds: [],
    queueIds: [],
  };
}

function Editor({ hours }: { hours: BusinessHours | undefined }) {
  const { zone } = useMe();
  const numbers = useRecords<ShownNumber>('numbers').data ?? [];
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const save = useSaveRecord<BusinessHours>(NOUN, hours?.id);
  const { id: _id, ...stored } = hours ?? { id: '', ...newHours(zone) };
  const form = useForm<BusinessHoursInput>({
    base: stored,
    schema: BusinessHoursInput,
    save: (values, changed) => save.mutateAsync(hours ? changed : values),
  });
  return (
    <Page title={hours?.label ?? 'New hours'} parent={{ label: 'Business hours', path: `/${NOUN}` }}>
      <FormPage
        form={form}
        what="these hours"
        back={`/setup/${NOUN}`}
        createdAt={hours ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(hours)}
      >
        <Section title="Whom they hold for" intro="A number’s own hours go before those of its queue.">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!hours} />
            <TextField
              form={form}
              name="zone"
              label="Time zone"
              help="Its clocks count, summer time included."
              suggestions={Intl.supportedValuesOf('timeZone')}
              required
            />
            <MultiSelectField
              form={form}
              name="queueIds"
              label="Queues"
              choices={queues.map((queue) => ({ value: queue.id, label: queue.label }))}
            />
            <MultiSelectField
              form={form}
              name="numberIds"
              label="Numbers"
              choices={numbers.map((number) => ({
                value: number.id,
                label: `${number.dnis} ${number.label}`,
              }))}
            />
            <SwitchField
              form={form}
              name="isDefault"
              label="All others"
              help="Numbers without hours of their own."
            />
          </FieldGrid>
        </Section>
        <Section title="The week">
          <Stack gap={6}>
            {WEEKDAYS.map((day) => (
              <OpenTimes
                key={day}
                label={nameOfDay(day)}
                times={form.values.week[day]}
                error={form.error(`week.${day}`)}
                onChange={(times) => form.set('week', { ...form.values.week, [day]: times })}
              />
            ))}
          </Stack>
        </Section>
        <Holidays form={form} />
        <Closures form={form} />
        <Closed form={form} queues={queues} />
        <Preview hours={form.values} />
      </FormPage>
    </Page>
  );
}

function nameOfDay(day: string): string {
  return day.charAt(0).toUpperCase() + day.slice(1);
}

function Holidays({ form }: { form: Form<BusinessHoursInput> }) {
  const { holidays } = form.values;
  const set = (index: number, change: Partial<Holiday>) =>
    form.set(
      'holidays',
      holidays.map((one, at) => (at === index ? { ...one, ...change } : one)),
    );
  return (
    <Section
      title="Holidays"
      intro="A date such as 2026-12-24 for one year, or 12-25 for every year. Closed all day, or open at other times."
    >
      <Stack gap={8}>
        {holidays.map((holiday, index) => (
          // Entries have no identity but their place.
          <Group key={index} gap={6} align="flex-start">
            <TextInput
              size="xs"
              w={130}
              aria-label={`Date of holiday ${index + 1}`}
              placeholder="12-25"
              value={holiday.date}
              error={form.error(`holidays.${index}.date`)}
              onChange={(event) => set(index, { date: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              w={200}
              aria-label={`Name of holiday ${index + 1}`}
              placeholder="Christmas Day"
              value={holiday.label}
              error={form.error(`holidays.${index}.label`)}
              onChange={(event) => set(index, { label: event.currentTarget.value })}
            />
            <OpenTimes
              label={holiday.label || `holiday ${index + 1}`}
              hideLabel
              times={holiday.open}
              error={form.error(`holidays.${index}.open`)}
              onChange={(open) => set(index, { open })}
            />
            <RemoveEntry
              label={`Remove ${holiday.label || `holiday ${index + 1}`}`}
              onClick={() => form.set('holidays', holidays.toSpliced(index, 1))}
            />
          </Group>
        ))}
        <AddEntry
          label="Add a holiday"
          onClick={() => form.set('holidays', [...holidays, { date: '', label: '', open: [] }])}
        />
      </Stack>
    </Section>
  );
}

function Closures({ form }: { form: Form<BusinessHoursInput> }) {
  const { closures } = form.values;
  const set = (index: number, change: Partial<Closure>) =>
    form.set(
      'closures',
      closures.map((one, at) => (at === index ? { ...one, ...change } : one)),
    );
  return (
    <Section
      title="Closed for once"
      intro="A party, a move, a strike: closed from one time to another, whatever else holds."
    >
      <Stack gap={8}>
        {closures.map((closure, index) => (
          // Entries have no identity but their place.
          <Group key={index} gap={6} align="flex-start">
            <TextInput
              size="xs"
              w={200}
              aria-label={`Name of closure ${index + 1}`}
              placeholder="Summer party"
              value={closure.label}
              error={form.error(`closures.${index}.label`)}
              onChange={(event) => set(index, { label: event.currentTarget.value })}
            />
            {(['from', 'to'] as const).map((end) => (
              <TextInput
                key={end}
                size="xs"
                w={190}
                type="datetime-local"
                aria-label={`Closure ${index + 1} ${end}`}
                value={closure[end]}
                error={form.error(`closures.${index}.${end}`)}
                onChange={(event) => set(index, { [end]: event.currentTarget.value })}
              />
            ))}
            <RemoveEntry
              label={`Remove ${closure.label || `closure ${index + 1}`}`}
              onClick={() => form.set('closures', closures.toSpliced(index, 1))}
            />
          </Group>
        ))}
        <AddEntry
          label="Add a closure"
          onClick={() => form.set('closures', [...closures, { label: '', from: '', to: '' }])}
        />
      </Stack>
    </Section>
  );
}

function AddEntry({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      style={{ justifySelf: 'start', alignSelf: 'flex-start' }}
      leftSection={<IconPlus size={14} />}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

function RemoveEntry({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon aria-label={label} mt={2} onClick={onClick}>
      <IconX size={15} />
    </ActionIcon>
  );
}

const EMPTY_ACTIONS: Record<WhenClosed['kind'], WhenClosed> = {
  message: { kind: 'message', text: '' },
  queue: { kind: 'queue', queueId: '' },
  number: { kind: 'number', number: '' },
};

/** What becomes of a call when it is closed. */
function Closed({ form, queues }: { form: Form<BusinessHoursInput>; queues: ShownQueue[] }) {
  const { whenClosed } = form.values;
  const set = (action: WhenClosed) => form.set('whenClosed', action);
  return (
    <Section title="When closed">
      <FieldGrid>
        <Select
          size="xs"
          label="Callers"
          data={[
            { value: 'message', label: 'hear a message and are hung up' },
            { value: 'queue', label: 'wait in another queue' },
            { value: 'number', label: 'reach a number outside' },
          ]}
          allowDeselect={false}
          value={whenClosed.kind}
          onChange={(kind) => set(EMPTY_ACTIONS[(kind ?? 'message') as WhenClosed['kind']])}
          data-field="whenClosed"
        />
        {whenClosed.kind === 'message' && (
          <TextInput
            size="xs"
            label="Message"
            withAsterisk
            value={whenClosed.text}
            error={form.error('whenClosed.text')}
            onChange={(event) => set({ kind: 'message', text: event.currentTarget.value })}
          />
        )}
        {whenClosed.kind === 'queue' && (
          <Select
            size="xs"
            label="Queue"
            withAsterisk
            placeholder="Choose a queue"
            data={queues.map((queue) => ({ value: queue.id, label: queue.label }))}
            value={whenClosed.queueId || null}
            error={form.error('whenClosed.queueId')}
            onChange={(queueId) => set({ kind: 'queue', queueId: queueId ?? '' })}
          />
        )}
        {whenClosed.kind === 'number' && (
          <TextInput
            size="xs"
            type="tel"
            label="Number"
            withAsterisk
            description="Called by the outbound routes, with the caller’s call; it costs what such a call costs."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={whenClosed.number}
            error={form.error('whenClosed.number')}
            onChange={(event) => set({ kind: 'number', number: event.currentTarget.value })}
          />
        )}
      </FieldGrid>
    </Section>
  );
}

/** The next seven days, as what stands in the form would make them. */
function Preview({ hours }: { hours: BusinessHoursInput }) {
  const [now] = useState(Date.now);
  const sound = BusinessHoursInput.safeParse(hours);
  // The name is no matter of time.
  const wrong = sound.error?.issues.some(({ path }) => path[0] !== 'label' && path[0] !== 'whenClosed');
  return (
    <Section title="The next seven days" flush={!wrong}>
      {wrong ? (
        <Text size="sm">Shown as soon as the times above are right.</Text>
      ) : (
        <Table aria-label="The next seven days">
          <Table.Tbody>
            {previewDays(hours, now).map((day) => (
              <Table.Tr key={day.date}>
                <Table.Th scope="row" fw={500}>
                  {nameOfDay(day.weekday)} {day.date}
                </Table.Th>
                <Table.Td>{openText(day)}</Table.Td>
                <Table.Td>{[...(day.holiday ? [day.holiday] : []), ...day.closures].join(', ')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function openText({ open }: DayPreview): string {
  return open.length === 0 ? 'Closed' : open.map(({ from, to }) => `${from}–${to}`).join(', ');
}

function useRemoval(hours: BusinessHours | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  return (
    hours && {
      what: `the business hours “${hours.label}”`,
      consequences: ['The numbers that they held for have the hours of all others, or are always open.'],
      run: () => remove.mutateAsync(hours.id),
    }
  );
}
