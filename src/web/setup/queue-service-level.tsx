import { ServiceLevel } from '../../protocol/service-levels.ts';
import { api } from '../ui/api.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, SelectField } from './fields.tsx';
import { Loaded, Section } from './page.tsx';
import { useAnswer, useChange } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

const COUNTS = [
  { value: 'answered', label: 'answered in time / (answered + gave up)' },
  { value: 'short-abandons', label: 'the same, without those who gave up at once' },
  { value: 'abandons-in-time', label: '(answered + gave up in time) / (answered + gave up)' },
];

/** How the queue's service level is counted; saved by itself. */
export function QueueServiceLevel({ queueId }: { queueId: string }) {
  const path = `/api/queues/${encodeURIComponent(queueId)}/service-level`;
  const stored = useAnswer<ServiceLevel>(path);
  return (
    <Section title="Service level" intro="What the live floor, wallboards and alarms compare with.">
      <Loaded query={stored}>{(level) => <Fields path={path} level={level} />}</Loaded>
    </Section>
  );
}

function Fields({ path, level }: { path: string; level: ServiceLevel }) {
  const save = useChange<unknown, object>((body) => api(path, { method: 'PUT', body }));
  const form = useForm({
    base: level,
    schema: ServiceLevel,
    save: (values) => save.mutateAsync(values),
  });
  return (
    <SelfSaving form={form} what="the service level">
      <FieldGrid>
        <NumberField form={form} name="seconds" label="Answered within" unit="s" min={1} max={3600} />
        <NumberField form={form} name="goal" label="Goal" unit="%" min={1} max={100} />
        <SelectField form={form} name="count" label="Counted as" choices={COUNTS} />
        {form.values.count === 'short-abandons' && (
          <NumberField
            form={form}
            name="shortSeconds"
            label="At once means within"
            unit="s"
            min={1}
            max={600}
          />
        )}
      </FieldGrid>
    </SelfSaving>
  );
}
