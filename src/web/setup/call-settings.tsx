import { PersonalSettings } from '../../protocol/softphone.ts';
import { api } from '../ui/api.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, SwitchField, TextField } from './fields.tsx';
import { Loaded, Section } from './page.tsx';
import { useAnswer, useChange } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

/** How a user wants to be called; the same settings as in the softphone, saved by themselves. */
export function CallSettingsPart({ userId }: { userId: string }) {
  const path = `/api/users/${encodeURIComponent(userId)}/call-settings`;
  const settings = useAnswer<PersonalSettings>(path);
  return (
    <Section
      title="Personal call settings"
      intro="The user has them in the softphone too, and sees a change at once."
    >
      <Loaded query={settings}>{(values) => <Fields path={path} values={values} />}</Loaded>
    </Section>
  );
}

function Fields({ path, values }: { path: string; values: PersonalSettings }) {
  const save = useChange<unknown, object>((body) => api(path, { method: 'PUT', body }));
  const form = useForm({
    base: values,
    schema: PersonalSettings,
    save: (_values, changed) => save.mutateAsync(changed),
  });
  return (
    <SelfSaving form={form} what="the call settings">
      <FieldGrid>
        <SwitchField form={form} name="doNotDisturb" label="Do not disturb" help="No call rings." />
        <SwitchField form={form} name="callWaiting" label="Call waiting" help="A second call may ring." />
        <SwitchField
          form={form}
          name="autoAnswer"
          label="Answer queue calls by itself"
          help="After a tone."
        />
        <SwitchField
          form={form}
          name="nailedUp"
          label="Phone stays connected"
          help="Between calls: no ringing."
        />
      </FieldGrid>
      <FieldGrid>
        <TextField form={form} name="forwardAlways" nullable type="tel" label="Forward always to" />
        <TextField form={form} name="forwardBusy" nullable type="tel" label="… when busy to" />
        <TextField form={form} name="forwardNoAnswer" nullable type="tel" label="… without an answer to" />
        <NumberField form={form} name="noAnswerSeconds" label="… after" unit="s" min={5} max={120} />
      </FieldGrid>
    </SelfSaving>
  );
}
