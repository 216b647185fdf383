import { type ClassOfService, DiallingDefaults, type Site, UserDialling } from '../../protocol/trunks.ts';
import { api } from '../ui/api.ts';
import { type Form, useForm } from '../ui/use-form.ts';
import { FieldGrid, SelectField } from './fields.tsx';
import { FormPage } from './form-page.tsx';
import type { ShownNumber } from './numbers.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { SelfSaving } from './self-saving.tsx';
import { useAnswer, useChange, useRecords } from './resource.ts';

/** What holds for everybody who has nothing else. */
export function DiallingPage() {
  const defaults = useAnswer<DiallingDefaults>('/api/dialling');
  return (
    <Page
      title="Dialling"
      intro="What holds for outside calls of everybody for whom nothing else is set at the user."
    >
      <Loaded query={defaults}>{(values) => <Defaults values={values} />}</Loaded>
    </Page>
  );
}

function Defaults({ values }: { values: DiallingDefaults }) {
  const save = useChange<unknown, object>((body) => api('/api/dialling', { method: 'PUT', body }));
  const form = useForm({ base: values, schema: DiallingDefaults, save: (next) => save.mutateAsync(next) });
  return (
    <FormPage form={form} what="the defaults">
      <Section title="Outside calls">
        <DiallingFields form={form} none="None" />
      </Section>
    </FormPage>
  );
}

/** What holds for one user; saved by itself. */
export function UserDiallingPart({ userId }: { userId: string }) {
  const path = `/api/users/${encodeURIComponent(userId)}/dialling`;
  const dialling = useAnswer<UserDialling>(path);
  return (
    <Section title="Outside calls" intro="What is empty is as everybody’s, on the page “Dialling”.">
      <Loaded query={dialling}>{(values) => <UserPart path={path} values={values} />}</Loaded>
    </Section>
  );
}

function UserPart({ path, values }: { path: string; values: UserDialling }) {
  const save = useChange<unknown, object>((body) => api(path, { method: 'PUT', body }));
  const form = useForm({ base: values, schema: UserDialling, save: (next) => save.mutateAsync(next) });
  return (
    <SelfSaving form={form} what="this user’s dialling">
      <DiallingFields form={form} none="As everybody" />
    </SelfSaving>
  );
}

function DiallingFields({ form, none }: { form: Form<UserDialling>; none: string }) {
  const sites = useRecords<Site>('sites').data ?? [];
  const classes = useRecords<ClassOfService>('classes-of-service', { field: 'classes' }).data ?? [];
  const numbers = (useRecords<ShownNumber>('numbers').data ?? []).filter(({ dnis }) => dnis.startsWith('+'));
  return (
    <FieldGrid>
      <SelectField
        form={form}
        name="classId"
        nullable
        label="Class of service"
        placeholder={none}
        choices={classes.map((one) => ({ value: one.id, label: one.label }))}
        help="Which numbers may be dialled."
      />
      <SelectField
        form={form}
        name="siteId"
        nullable
        label="Site"
        placeholder={none}
        choices={sites.map((site) => ({ value: site.id, label: site.label }))}
        help="What an emergency call says of its place."
      />
      <SelectField
        form={form}
        name="callerId"
        nullable
        label="Number shown"
        placeholder={none}
        choices={numbers.map(({ dnis, label }) => ({ value: dnis, label: `${dnis} ${label}` }))}
        help="What the called party sees: one of our numbers."
      />
    </FieldGrid>
  );
}
