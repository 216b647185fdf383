import { z } from 'zod';
import { type RecordingRule, RecordingRuleInput, RecordingSettings } from '../../protocol/recording.ts';
import type { ShownQueue } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, SelectField, SwitchField, TextareaField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { OneRecord } from './one-record.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useAnswer, useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

const NOUN = 'recording-rules';
const RECORD = { always: 'Always', demand: 'When the agent asks', never: 'Never' } as const;
const DIRECTIONS = {
  inbound: 'All inbound calls',
  outbound: 'All outbound calls',
  internal: 'All internal calls',
} as const;

function useRules() {
  return useRecords<RecordingRule>(NOUN, { field: 'rules' });
}

/** Which calls are recorded. */
export function RecordingRulesPage() {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const settings = useAnswer<RecordingSettings>('/api/recording-settings');
  return (
    <ListPage
      title="Recording rules"
      one="rule"
      intro="Which calls are recorded, whether the caller is told, and for how long it is kept. A queue’s rule goes before its direction’s."
      query={useRules()}
      path={(rule) => `/${NOUN}/${rule.id}`}
      newPath={`/${NOUN}/new`}
      empty="Without a rule nothing is recorded by itself; whether agents may record when they want is set below."
      columns={[
        { label: 'Calls', show: (rule) => scopeName(rule, queues) },
        { label: 'Recorded', show: (rule) => RECORD[rule.record] },
        { label: 'Told', show: (rule) => (rule.announcement === '' ? 'No' : 'Yes') },
        { label: 'Kept', show: (rule) => kept(rule.retentionDays) },
      ]}
      below={
        <Section title="For all recordings">
          <Loaded query={settings}>{(values) => <Settings values={values} />}</Loaded>
        </Section>
      }
    />
  );
}

function scopeName({ scope }: RecordingRule, queues: ShownQueue[]): string {
  if (scope.kind === 'direction') return DIRECTIONS[scope.direction];
  return `Queue ${queues.find((queue) => queue.id === scope.queueId)?.label ?? scope.queueId}`;
}

function kept(days: number | null): string {
  return days === null ? 'For ever' : `${days} ${days === 1 ? 'day' : 'days'}`;
}

const FlatSettings = z.object({
  agentsMayPlay: z.boolean(),
  agentsMayDownload: z.boolean(),
  maxPauseMs: RecordingSettings.shape.maxPauseMs,
  onDemand: z.boolean(),
  retentionDays: RecordingSettings.shape.withoutRule.shape.retentionDays,
});

function Settings({ values }: { values: RecordingSettings }) {
  const save = useChange<unknown, RecordingSettings>((body) =>
    api('/api/recording-settings', { method: 'PUT', body }),
  );
  const { withoutRule, ...flat } = values;
  const form = useForm({
    base: { ...flat, onDemand: withoutRule.record === 'demand', retentionDays: withoutRule.retentionDays },
    schema: FlatSettings,
    save: ({ onDemand, retentionDays, ...rest }) =>
      save.mutateAsync({ ...rest, withoutRule: { record: onDemand ? 'demand' : 'never', retentionDays } }),
  });
  return (
    <SelfSaving form={form} what="the settings of recordings">
      <FieldGrid>
        <SwitchField form={form} name="agentsMayPlay" label="Agents may hear their own calls" />
        <SwitchField form={form} name="agentsMayDownload" label="… and save them as files" />
        <SwitchField
          form={form}
          name="onDemand"
          label="Recording on demand without a rule"
          help="Agents may record calls for which there is no rule."
        />
        <NumberField
          form={form}
          name="retentionDays"
          nullable
          label="Those are kept"
          unit="days"
          placeholder="For ever"
        />
        <NumberField
          form={form}
          name="maxPauseMs"
          label="A pause is long after"
          unit="s"
          scale={1000}
          help="Then the agent is warned; it never ends by itself."
        />
      </FieldGrid>
    </SelfSaving>
  );
}

/** One rule. */
export function RecordingRuleForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRules()} id={id} what="recording rule">
      {(rule) => <Editor rule={rule} />}
    </OneRecord>
  );
}

const FlatRule = z.object({
  about: z.string().min(1, 'choose which calls'),
  record: RecordingRuleInput.shape.record,
  announcement: z.string().trim().max(500, 'at most 500 characters'),
  retentionDays: z.number().int().min(1, 'at least one day').max(36_500).nullable(),
});

/** `queue:<id>` or `direction:<which>`: one choice for the two kinds of scope. */
function scopeOf(about: string): unknown {
  const [kind, ...rest] = about.split(':');
  const value = rest.join(':');
  return kind === 'queue' ? { kind, queueId: value } : { kind, direction: value };
}

function aboutOf(rule: RecordingRule | undefined): string {
  if (!rule) return '';
  return rule.scope.kind === 'queue' ? `queue:${rule.scope.queueId}` : `direction:${rule.scope.direction}`;
}

function Editor({ rule }: { rule: RecordingRule | undefined }) {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const save = useSaveRecord<RecordingRule>(NOUN, rule?.id);
  const form = useForm({
    base: {
      about: aboutOf(rule),
      record: rule?.record ?? ('always' as RecordingRule['record']),
      announcement: rule?.announcement ?? '',
      retentionDays: rule?.retentionDays ?? null,
    },
    schema: FlatRule,
    save: ({ about, ...rest }) => save.mutateAsync({ ...rest, scope: scopeOf(about) }),
    serverNames: { scope: 'about' },
  });
  return (
    <Page
      title={rule ? scopeName(rule, queues) : 'New recording rule'}
      parent={{ label: 'Recording rules', path: `/${NOUN}` }}
    >
      <FormPage
        form={form}
        what="this rule"
        back={`/setup/${NOUN}`}
        createdAt={rule ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(rule)}
      >
        <Section title="The rule">
          <FieldGrid>
            <SelectField
              form={form}
              name="about"
              label="Which calls"
              required
              placeholder="Choose"
              choices={[
                ...queues.map((queue) => ({ value: `queue:${queue.id}`, label: `Queue ${queue.label}` })),
                ...Object.entries(DIRECTIONS).map(([value, label]) => ({
                  value: `direction:${value}`,
                  label,
                })),
              ]}
            />
            <SelectField
              form={form}
              name="record"
              label="Recorded"
              choices={Object.entries(RECORD).map(([value, label]) => ({ value, label }))}
            />
            <NumberField
              form={form}
              name="retentionDays"
              nullable
              label="Kept"
              unit="days"
              placeholder="For ever"
              help="Then it is deleted by itself."
            />
            <TextareaField
              form={form}
              name="announcement"
              label="Announcement"
              placeholder="This call is recorded."
              help="Spoken to the other party before anything is recorded. In many countries the law wants it. Empty for none."
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(rule: RecordingRule | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  return (
    rule && {
      what: 'this recording rule',
      consequences: [
        'New calls go by the rule of their direction, or are not recorded.',
        'Recordings that were made stay for as long as was said when they were made.',
      ],
      run: () => remove.mutateAsync(rule.id),
    }
  );
}
