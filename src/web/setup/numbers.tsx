import { z } from 'zod';
import type { ShownQueue } from '../../protocol/setup.ts';
import { PhoneNumber } from '../ui/phone-number.tsx';
import { EmptyState } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
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
  queueId: string;
  offeredToVisitors: boolean;
}

/** The numbers that callers dial, and where they lead. */
export function NumbersPage() {
  const numbers = useRecords<ShownNumber>('numbers');
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  return (
    <ListPage
      title="Numbers"
      one="number"
      intro="The numbers that callers dial to reach us, and where each leads."
      query={numbers}
      path={(number) => `/numbers/${number.id}`}
      newPath="/numbers/new"
      words={(number) => `${number.dnis} ${number.dnis.replace(/\D/g, '')} ${number.label}`}
      empty="A number is what callers dial: one of your provider’s, or a short one inside. It leads to a queue."
      columns={[
        { label: 'Number', show: (number) => <PhoneNumber value={number.dnis} /> },
        { label: 'Name', show: (number) => number.label },
        {
          label: 'Leads to',
          show: (number) => queues.find((queue) => queue.id === number.queueId)?.label ?? '–',
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

const Check = z.object({
  dnis: z.string().trim().min(2, 'a telephone number or extension'),
  label: z.string().trim().min(1, 'this is needed').max(80),
  queueId: z.string().min(1, 'choose where it leads'),
  offeredToVisitors: z.boolean(),
});

function Editor({ number }: { number: ShownNumber | undefined }) {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const save = useSaveRecord<ShownNumber>('numbers', number?.id);
  const { dnis, label, queueId, offeredToVisitors } = number ?? {
    dnis: '',
    label: '',
    queueId: '',
    offeredToVisitors: false,
  };
  const form = useForm({
    base: { dnis, label, queueId, offeredToVisitors },
    schema: Check,
    save: (values, changed) => save.mutateAsync(number ? changed : values),
    serverNames: { number: 'dnis' },
  });
  return (
    <Page title={number ? number.dnis : 'New number'} parent={{ label: 'Numbers', path: '/numbers' }}>
      <FormPage
        form={form}
        what="this number"
        back="/setup/numbers"
        after={() => (number ? undefined : `/setup/numbers/${save.data?.id ?? ''}`)}
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
        <Section title="Where its calls go">
          <FieldGrid>
            <SelectField
              form={form}
              name="queueId"
              label="Queue"
              choices={queues.map((queue) => ({ value: queue.id, label: queue.label }))}
              placeholder="Choose a queue"
              required
            />
            <SwitchField
              form={form}
              name="offeredToVisitors"
              label="Offered on the web"
              help="Visitors of the page /call may call it from their browser."
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
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
