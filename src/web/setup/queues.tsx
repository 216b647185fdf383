import { Anchor, Button, Text } from '@mantine/core';
import { Link } from 'wouter';
import { z } from 'zod';
import { type AgentRules, DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import { PLAIN_RULE } from '../../protocol/queue-rules.ts';
import { describeRule } from '../../protocol/queue-rule-text.ts';
import type { Requirement } from '../../protocol/skills.ts';
import { QueueInput, type ShownQueue, type ShownUser } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { EmptyState } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, SelectField, SwitchField, TextareaField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MemberPicker } from './member-picker.tsx';
import type { ShownNumber } from './numbers.tsx';
import { OrderedList } from './ordered-list.tsx';
import { QueueAgents, WrapUpRules } from './queue-agents.tsx';
import { QueueServiceLevel } from './queue-service-level.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { QueueWaitingPart } from './queue-waiting.tsx';
import { useAnswer, useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';
import { SkillLevels } from './skill-levels.tsx';
import { QueueRuleParts, useRuleNames } from './queue-rule.tsx';
import { SelfSaving } from './self-saving.tsx';

/** Where callers wait, and for whom. */
export function QueuesPage() {
  const queues = useRecords<ShownQueue>('queues');
  const numbers = useRecords<ShownNumber>('numbers').data ?? [];
  const names = useRuleNames();
  return (
    <ListPage
      title="Queues"
      one="queue"
      intro="Callers wait in a queue until one of its members is free. A number leads to a queue."
      query={queues}
      path={(queue) => `/queues/${queue.id}`}
      newPath="/queues/new"
      words={(queue) => queue.label}
      empty="Callers wait in a queue until one of its members is free. Make one, choose who answers, then let a number lead to it."
      columns={[
        { label: 'Name', show: (queue) => queue.label },
        { label: 'Members', align: 'right', show: (queue) => queue.memberIds.length },
        { label: 'Offered to', show: (queue) => describeRule(queue, names)[0] },
        { label: 'Rings', align: 'right', show: (queue) => `${queue.ringMs / 1000} s` },
        {
          label: 'Wrap-up',
          align: 'right',
          show: (queue) => (queue.wrapMs === 0 ? 'none' : `${queue.wrapMs / 1000} s`),
        },
        { label: 'Codes', align: 'right', show: (queue) => activeOf(queue).length },
        {
          label: 'Numbers',
          show: (queue) => namesOf(numbers.filter((number) => number.queueId === queue.id)) || '–',
        },
      ]}
    />
  );
}

/** The wrap-up codes that can be chosen. */
function activeOf({ dispositions }: ShownQueue): ShownQueue['dispositions'] {
  return dispositions.filter(({ active }) => active);
}

function namesOf(numbers: ShownNumber[]): string {
  return numbers.map((number) => number.dnis).join(', ');
}

/** One queue. */
export function QueueForm({ id }: { id: string | undefined }) {
  const queues = useRecords<ShownQueue>('queues');
  if (id === undefined) return <Editor queue={undefined} />;
  return (
    <Loaded query={queues}>
      {(all) => {
        const queue = all.find((one) => one.id === id);
        return queue ? <Editor queue={queue} /> : <EmptyState title="There is no such queue" />;
      }}
    </Loaded>
  );
}

const NEW = {
  label: '',
  ringMs: 20_000,
  wrapMs: 30_000,
  dispositionRequired: false,
  greeting: '',
  memberIds: [] as string[],
  requirements: [] as Requirement[],
  rule: PLAIN_RULE,
  dispositions: [] as string[],
  agentRules: DEFAULT_AGENT_RULES,
};

function baseOf(queue: ShownQueue | undefined): typeof NEW {
  if (!queue) return NEW;
  const { id: _id, dispositions: _all, ...rest } = queue;
  return { ...rest, dispositions: activeOf(queue).map((one) => one.label) };
}

function Editor({ queue }: { queue: ShownQueue | undefined }) {
  const users = useRecords<ShownUser>('users').data ?? [];
  const save = useSaveRecord<ShownQueue>('queues', queue?.id);
  const form = useForm({
    base: baseOf(queue),
    schema: QueueInput,
    save: (values, changed) => save.mutateAsync(queue ? changed : values),
  });
  const agentRules = {
    rules: form.values.agentRules,
    error: form.error,
    onChange: (rules: AgentRules) => form.set('agentRules', rules),
  };
  return (
    <Page title={queue?.label ?? 'New queue'} parent={{ label: 'Queues', path: '/queues' }}>
      <FormPage
        form={form}
        what="this queue"
        back="/setup/queues"
        createdAt={queue ? undefined : '/setup/queues'}
        removal={useRemoval(queue)}
        below={
          queue && (
            <>
              <QueueWaitingPart queueId={queue.id} />
              <QueueServiceLevel queueId={queue.id} />
              <QueueCallerIdPart queueId={queue.id} />
            </>
          )
        }
      >
        <Section title="The queue">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!queue} />
            <TextareaField
              form={form}
              name="greeting"
              label="Greeting"
              placeholder="Welcome. Please hold the line."
              help="Spoken to the caller before waiting; empty for none."
            />
          </FieldGrid>
        </Section>
        <Section title="Members" intro="Who is offered the queue’s calls while ready.">
          <MemberPicker
            users={users}
            memberIds={form.values.memberIds}
            error={form.error('memberIds')}
            onChange={(memberIds) => form.set('memberIds', memberIds)}
          />
        </Section>
        <Section
          title="Skills"
          intro="What a member must reach to be offered the queue’s calls. Who waits while nobody ready does goes on waiting."
        >
          <SkillLevels
            name="requirements"
            levelLabel="Level at least"
            values={form.values.requirements.map(({ skillId, minimum }) => ({ skillId, level: minimum }))}
            firstLevel={1}
            error={form.error('requirements')}
            onChange={(levels) =>
              form.set(
                'requirements',
                levels.map(({ skillId, level }) => ({ skillId, minimum: level })),
              )
            }
          />
        </Section>
        <QueueRuleParts
          queueId={queue?.id}
          requirements={form.values.requirements}
          memberIds={form.values.memberIds}
          rule={form.values.rule}
          error={form.error}
          onChange={(rule) => form.set('rule', rule)}
        />
        <Section title="Ringing">
          <FieldGrid>
            <NumberField
              form={form}
              name="ringMs"
              label="Ring time"
              unit="s"
              scale={1000}
              min={3}
              max={300}
              help="How long a member is rung; then the call goes to the next."
            />
          </FieldGrid>
        </Section>
        <QueueAgents {...agentRules} />
        <Section title="After the call">
          <FieldGrid>
            <NumberField
              form={form}
              name="wrapMs"
              label="Wrap-up time"
              unit="s"
              scale={1000}
              min={0}
              max={3600}
              help="Time for notes before the next call; 0 for none."
            />
            <SwitchField
              form={form}
              name="dispositionRequired"
              label="A wrap-up code is needed"
              help="The agent cannot finish without choosing one."
            />
            <WrapUpRules {...agentRules} />
          </FieldGrid>
          <div style={{ marginTop: 16 }}>
            <OrderedList
              label="Wrap-up codes"
              name="dispositions"
              one="code"
              help="What came of the call, in the order that agents see. Renaming or removing one changes no past call. Enter adds, Alt ↑ ↓ moves."
              values={form.values.dispositions}
              error={(index) =>
                index === undefined
                  ? wholeError(form.error('dispositions'), form)
                  : form.error(`dispositions.${index}`)
              }
              onChange={(dispositions) => form.set('dispositions', dispositions)}
            />
            <RetiredCodes
              labels={(queue?.dispositions ?? [])
                .filter(({ active, label }) => !active && !form.values.dispositions.includes(label))
                .map(({ label }) => label)}
              onUse={(label) => form.set('dispositions', [...form.values.dispositions, label])}
            />
          </div>
        </Section>
      </FormPage>
    </Page>
  );
}

/** Codes that past calls have and nobody can choose any more. */
function RetiredCodes({ labels, onUse }: { labels: string[]; onUse: (label: string) => void }) {
  if (labels.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" mt="xs" component="div" data-testid="retired-codes">
      No longer offered, kept for past calls:{' '}
      {labels.map((label) => (
        <Button
          key={label}
          variant="subtle"
          size="compact-xs"
          aria-label={`Offer ${label} again`}
          onClick={() => onUse(label)}
        >
          {label}
        </Button>
      ))}
    </Text>
  );
}

const CallerId = z.object({ callerId: z.string().nullable() });

/** The number that calls of the queue's agents show, where they have chosen none; saved by itself. */
function QueueCallerIdPart({ queueId }: { queueId: string }) {
  const path = `/api/queues/${encodeURIComponent(queueId)}/caller-id`;
  const stored = useAnswer<z.infer<typeof CallerId>>(path);
  return (
    <Section title="Calls outside">
      <Loaded query={stored}>{({ callerId }) => <CallerIdField path={path} callerId={callerId} />}</Loaded>
    </Section>
  );
}

function CallerIdField({ path, callerId }: { path: string; callerId: string | null }) {
  const numbers = (useRecords<ShownNumber>('numbers').data ?? []).filter(({ dnis }) => dnis.startsWith('+'));
  const save = useChange<unknown, object>((body) => api(path, { method: 'PUT', body }));
  const form = useForm({ base: { callerId }, schema: CallerId, save: (value) => save.mutateAsync(value) });
  return (
    <SelfSaving form={form} what="the number shown">
      <SelectField
        form={form}
        name="callerId"
        nullable
        label="Number shown"
        placeholder="As everybody"
        choices={numbers.map(({ dnis, label }) => ({ value: dnis, label: `${dnis} ${label}` }))}
        help="What the called party sees when an agent of this queue alone calls, and has chosen no number of his own."
      />
    </SelfSaving>
  );
}

/** An error of one code is shown at that code and not again below the list. */
function wholeError(
  error: string | undefined,
  form: { values: { dispositions: string[] }; error: (name: string) => string | undefined },
): string | undefined {
  return form.values.dispositions.some((_, index) => form.error(`dispositions.${index}`)) ? undefined : error;
}

function useRemoval(queue: ShownQueue | undefined): Removal | undefined {
  const remove = useRemoveRecord('queues');
  const leading = (useRecords<ShownNumber>('numbers').data ?? []).filter(
    (number) => number.queueId === queue?.id,
  );
  if (!queue) return undefined;
  const { label, memberIds } = queue;
  return {
    what: `the queue “${label}”`,
    blocked: leading.length > 0 && (
      <Text size="sm" span>
        {leading.length === 1 ? 'A number leads' : `${leading.length} numbers lead`} to it. Let{' '}
        {leading.length === 1 ? 'it' : 'them'} lead elsewhere first:{' '}
        {leading.map((number, index) => (
          <span key={number.id}>
            {index > 0 && ', '}
            <Anchor component={Link} href={`/numbers/${number.id}`} inherit>
              {number.dnis}
            </Anchor>
          </span>
        ))}
        .
      </Text>
    ),
    consequences: [
      memberIds.length === 0
        ? 'It has no members.'
        : `Its ${memberIds.length} ${memberIds.length === 1 ? 'member is' : 'members are'} no longer offered its calls.`,
      'Past calls and their figures stay.',
    ],
    run: () => remove.mutateAsync(queue.id),
  };
}
