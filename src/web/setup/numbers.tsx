import { z } from 'zod';
import type { FlowSummary } from '../../protocol/flows.ts';
import type { ShownPlatform } from '../../protocol/platforms.ts';
import type { ShownQueue, ShownUser } from '../../protocol/setup.ts';
import type { ShownTrunk } from '../../protocol/trunks.ts';
import { PhoneNumber } from '../ui/phone-number.tsx';
import { EmptyState } from '../ui/states.tsx';
import { type Form, useForm } from '../ui/use-form.ts';
import { FieldGrid, SelectField, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

/** A number of ours as the server shows it. */
export interface ShownNumber {
  id: string;
  dnis: string;
  label: string;
  /** Where its calls go: a queue, a user or a flow. */
  queueId: string | null;
  userId: string | null;
  flowId: string | null;
  /** The trunk that brings its calls; null: any. */
  trunkId: string | null;
  platformId: string;
  offeredToVisitors: boolean;
}

/** The numbers that callers dial, and where they lead. */
export function NumbersPage() {
  const numbers = useRecords<ShownNumber>('numbers');
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const users = useRecords<ShownUser>('users').data ?? [];
  const flows = useRecords<FlowSummary>('flows').data ?? [];
  const trunks = useRecords<ShownTrunk>('trunks').data ?? [];
  return (
    <ListPage
      title="Numbers"
      one="number"
      intro="The numbers that callers dial to reach us, and where each leads."
      query={numbers}
      path={(number) => `/numbers/${number.id}`}
      newPath="/numbers/new"
      words={(number) => `${number.dnis} ${number.dnis.replace(/\D/g, '')} ${number.label}`}
      empty="A number is what callers dial: one of your provider’s, or a short one inside. It leads to a queue, to one user or to a flow."
      columns={[
        { label: 'Number', show: (number) => <PhoneNumber value={number.dnis} /> },
        { label: 'Name', show: (number) => number.label },
        {
          label: 'Leads to',
          show: (number) =>
            queues.find((queue) => queue.id === number.queueId)?.label ??
            users.find((user) => user.id === number.userId)?.name ??
            flows.find((flow) => flow.id === number.flowId)?.label ??
            '–',
        },
        {
          label: 'Comes by',
          show: (number) => trunks.find((trunk) => trunk.id === number.trunkId)?.label ?? 'any line',
        },
        { label: 'From the web', show: (number) => (number.offeredToVisitors ? 'Offered' : '–') },
      ]}
    />
  );
}

/** One number. */
export function NumberForm({ id }: { id: string | undefined }) {
  const numbers = useRecords<ShownNumber>('numbers');
  if (id === undefined) return <Editor number={undefined} />;
  return (
    <Loaded query={numbers}>
      {(all) => {
        const number = all.find((one) => one.id === id);
        return number ? <Editor number={number} /> : <EmptyState title="There is no such number" />;
      }}
    </Loaded>
  );
}

const Check = z
  .object({
    dnis: z.string().trim().min(2, 'a telephone number or extension'),
    label: z.string().trim().min(1, 'this is needed').max(80),
    to: z.enum(['queue', 'user', 'flow']),
    queueId: z.string().nullable(),
    userId: z.string().nullable(),
    flowId: z.string().nullable(),
    trunkId: z.string().nullable(),
    platformId: z.string(),
    offeredToVisitors: z.boolean(),
  })
  .superRefine(({ to, ...values }, context) => {
    if (!values[`${to}Id`])
      context.addIssue({ code: 'custom', path: [`${to}Id`], message: `choose the ${to}` });
  });

type Values = z.infer<typeof Check>;

function baseOf(number: ShownNumber | undefined, platformId: string): Values {
  if (!number)
    return {
      dnis: '',
      label: '',
      to: 'queue',
      queueId: null,
      userId: null,
      flowId: null,
      trunkId: null,
      platformId,
      offeredToVisitors: false,
    };
  const { id: _id, ...stored } = number;
  return { ...stored, to: number.userId !== null ? 'user' : number.flowId !== null ? 'flow' : 'queue' };
}

/** What goes to the server: one of the three, and the others nothing. */
function bodyOf({ to, ...values }: Values): Omit<ShownNumber, 'id'> {
  return {
    ...values,
    queueId: to === 'queue' ? values.queueId : null,
    userId: to === 'user' ? values.userId : null,
    flowId: to === 'flow' ? values.flowId : null,
  };
}

function Editor({ number }: { number: ShownNumber | undefined }) {
  const save = useSaveRecord<ShownNumber>('numbers', number?.id);
  const form = useForm({
    base: baseOf(number, PRIVATE_PLATFORM),
    schema: Check,
    save: (values) => save.mutateAsync(bodyOf(values)),
    serverNames: { number: 'dnis' },
  });
  return (
    <Page title={number ? number.dnis : 'New number'} parent={{ label: 'Numbers', path: '/numbers' }}>
      <FormPage
        form={form}
        what="this number"
        back="/setup/numbers"
        createdAt={number ? undefined : '/setup/numbers'}
        removal={useRemoval(number)}
      >
        <Section title="The number">
          <FieldGrid>
            <TextField
              form={form}
              name="dnis"
              label="Number"
              type="tel"
              help="In any way of writing it; kept in international form. Two to six digits are an extension."
              required
              autoFocus={!number}
            />
            <TextField
              form={form}
              name="label"
              label="Name"
              help="Agents see it when a call comes in."
              required
            />
          </FieldGrid>
        </Section>
        <Destination form={form} />
      </FormPage>
    </Page>
  );
}

/** The telephone system that the program brings. */
const PRIVATE_PLATFORM = 'private';

function Destination({ form }: { form: Form<Values> }) {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const users = useRecords<ShownUser>('users').data ?? [];
  const flows = useRecords<FlowSummary>('flows').data ?? [];
  const trunks = useRecords<ShownTrunk>('trunks').data ?? [];
  const platforms = useRecords<ShownPlatform>('platforms').data ?? [];
  const people = users.filter(
    (user) =>
      user.id === form.values.userId ||
      (!user.disabled && user.roles.some((role) => role !== 'administrator')),
  );
  return (
    <Section title="Where its calls come from and go">
      <FieldGrid>
        <SelectField
          form={form}
          name="to"
          label="Leads to"
          choices={[
            { value: 'queue', label: 'A queue' },
            { value: 'user', label: 'One user' },
            { value: 'flow', label: 'A flow' },
          ]}
        />
        {form.values.to === 'queue' && (
          <SelectField
            form={form}
            name="queueId"
            label="Queue"
            choices={queues.map((queue) => ({ value: queue.id, label: queue.label }))}
            placeholder="Choose a queue"
            required
          />
        )}
        {form.values.to === 'user' && (
          <SelectField
            form={form}
            name="userId"
            label="User"
            choices={people.map((user) => ({ value: user.id, label: user.name }))}
            placeholder="Choose a user"
            required
          />
        )}
        {form.values.to === 'flow' && (
          <SelectField
            form={form}
            name="flowId"
            label="Flow"
            choices={flows
              .filter(({ id, published }) => published !== null || id === form.values.flowId)
              .map((flow) => ({ value: flow.id, label: flow.label }))}
            help="Published ones only."
            placeholder="Choose a flow"
            required
          />
        )}
        <SelectField
          form={form}
          name="trunkId"
          label="Trunk"
          nullable
          placeholder="Any"
          choices={trunks.map((trunk) => ({ value: trunk.id, label: trunk.label }))}
          help="Only calls that come by it; empty for any."
        />
        <SelectField
          form={form}
          name="platformId"
          label="Telephone system"
          choices={platforms.map((one) => ({ value: one.id, label: one.label }))}
          help="The one that its calls reach."
        />
        <SwitchField
          form={form}
          name="offeredToVisitors"
          label="Offered on the web"
          help="Visitors of the page /call may call it from their browser."
        />
      </FieldGrid>
    </Section>
  );
}

function useRemoval(number: ShownNumber | undefined): Removal | undefined {
  const remove = useRemoveRecord('numbers');
  if (!number) return undefined;
  return {
    what: `the number ${number.dnis}`,
    consequences: [
      'Calls to it are no longer answered: callers hear that the number is not in service.',
      'Calls that came by it go on, and past calls keep it.',
    ],
    run: () => remove.mutateAsync(number.id),
  };
}
