import { z } from 'zod';
import { type Alarm, AlarmFields } from '../../protocol/alarms.ts';
import type { ShownQueue } from '../../protocol/setup.ts';
import { STATE_WORDS } from '../ui/agent-words.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, PasswordField, SelectField, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { namesOf } from './names.ts';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

const KINDS = {
  'oldest-wait': { label: 'Somebody waits for longer than', unit: 's' },
  waiting: { label: 'More callers wait than', unit: '' },
  'service-level': { label: 'The service level of the last hour is below', unit: '%' },
  ready: { label: 'Fewer agents are ready than', unit: '' },
  state: { label: 'An agent is in a state for longer than', unit: 's' },
} as const;

const STATES = (['not-ready', 'wrap-up', 'talking', 'offered', 'ready', 'lost'] as const).map((value) => ({
  value,
  label: STATE_WORDS[value],
}));

/** What is watched on the floor. */
export function AlarmsPage() {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  return (
    <ListPage
      title="Alarms"
      one="alarm"
      intro="What is shown on the live floor and the wallboards when it is too much, and told to another system."
      query={useRecords<Alarm>('alarms')}
      path={(alarm) => `/alarms/${alarm.id}`}
      newPath="/alarms/new"
      words={(alarm) => alarm.label}
      empty="An alarm watches waits, callers, service levels, ready agents or how long agents are in a state. Make one for what must not go unseen."
      columns={[
        { label: 'Name', show: (alarm) => alarm.label },
        { label: 'When', show: (alarm) => whenText(alarm) },
        {
          label: 'Queues',
          show: (alarm) => namesOf(queues, alarm.queueIds, ({ label }) => label, 'all'),
        },
        { label: 'Webhook', show: (alarm) => alarm.webhook ?? '–' },
        { label: 'On', show: (alarm) => (alarm.active ? 'Yes' : 'No') },
      ]}
    />
  );
}

function whenText({ kind, limit, state }: Alarm): string {
  const { label, unit } = KINDS[kind];
  return `${state ? `${STATE_WORDS[state]} for longer than` : label} ${limit} ${unit}`.trim();
}

/** One alarm. */
export function AlarmForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<Alarm>('alarms')} id={id} what="alarm">
      {(alarm) => <Editor alarm={alarm} />}
    </OneRecord>
  );
}

/** A state that was chosen before the kind was another is none. */
function fitting<T extends Pick<Alarm, 'kind' | 'state'>>(values: T): T {
  return values.kind === 'state' ? values : { ...values, state: null };
}

/** An empty key is none: the one that is set stays. */
const AlarmForms = z.preprocess(
  (values: Pick<Alarm, 'kind' | 'state'>) => fitting(values),
  AlarmFields.safeExtend({
    key: z.union([z.literal(''), z.string().min(16, 'at least 16 characters').max(200)]),
  }),
);

function Editor({ alarm }: { alarm: Alarm | undefined }) {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const save = useSaveRecord<Alarm>('alarms', alarm?.id);
  const form = useForm({
    base: {
      label: alarm?.label ?? '',
      kind: alarm?.kind ?? ('oldest-wait' as Alarm['kind']),
      limit: alarm?.limit ?? 60,
      state: alarm?.state ?? null,
      queueIds: alarm?.queueIds ?? [],
      active: alarm?.active ?? true,
      webhook: alarm?.webhook ?? null,
      key: '',
    },
    schema: AlarmForms,
    save: ({ key, ...values }) => save.mutateAsync({ ...fitting(values), ...(key === '' ? {} : { key }) }),
  });
  const { kind } = form.values;
  return (
    <Page title={alarm?.label ?? 'New alarm'} parent={{ label: 'Alarms', path: '/alarms' }}>
      <FormPage
        form={form}
        what="this alarm"
        back="/setup/alarms"
        createdAt={alarm ? undefined : '/setup/alarms'}
        removal={useRemoval(alarm)}
      >
        <Section title="The alarm">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!alarm} />
            <SwitchField form={form} name="active" label="On" />
            <SelectField
              form={form}
              name="kind"
              label="When"
              choices={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
            />
            <NumberField form={form} name="limit" label="Limit" unit={KINDS[kind].unit} min={0} />
            {kind === 'state' && (
              <SelectField form={form} name="state" label="State" required nullable choices={STATES} />
            )}
            <MultiSelectField
              form={form}
              name="queueIds"
              label={kind === 'state' ? 'Agents of these queues' : 'Queues'}
              placeholder="All"
              choices={queues.map(({ id, label }) => ({ value: id, label }))}
            />
          </FieldGrid>
        </Section>
        <Section
          title="Webhook"
          intro="A signed HTTP POST when it begins and when it ends. What does not get through is tried again, and shown in the outbox."
        >
          <FieldGrid>
            <TextField
              form={form}
              name="webhook"
              nullable
              type="url"
              label="Address"
              placeholder="None"
              help="Addresses of this network are refused unless the server is told to allow them."
            />
            <PasswordField
              form={form}
              name="key"
              label="Key"
              placeholder={alarm?.hasKey ? 'Set. Type to set another.' : 'At least 16 characters'}
              help="Signs the request, so that the other side knows it is ours."
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(alarm: Alarm | undefined): Removal | undefined {
  const remove = useRemoveRecord('alarms');
  return (
    alarm && {
      what: `the alarm “${alarm.label}”`,
      consequences: ['What goes on of it ends on every page. Its webhook is told nothing more.'],
      run: () => remove.mutateAsync(alarm.id),
    }
  );
}
