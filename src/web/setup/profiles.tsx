import { Checkbox, MultiSelect, Select, Table } from '@mantine/core';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { ALL_RIGHTS, type ObjectRights, type Profile, ProfileInput } from '../../protocol/profiles.ts';
import type { ShownUser } from '../../protocol/setup.ts';
import type { ClassOfService } from '../../protocol/trunks.ts';
import { type Form, useForm } from '../ui/use-form.ts';
import { useCrmObjects } from './crm-objects.ts';
import { FieldGrid, SelectField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

const NOUN = 'profiles';

/** What users of one kind have in common. */
export function ProfilesPage() {
  const users = useRecords<ShownUser>('users').data ?? [];
  return (
    <ListPage
      title="Profiles"
      one="profile"
      intro="What users of one kind have in common: records they see and edit, what they may dial, recordings, the softphone layout. Roles say who leads and who sets up."
      query={useRecords<Profile>(NOUN)}
      path={(profile) => `/${NOUN}/${profile.id}`}
      newPath={`/${NOUN}/new`}
      empty="Every user has the rights of his roles."
      columns={[
        { label: 'Name', show: (profile) => profile.label },
        {
          label: 'Users',
          align: 'right',
          show: ({ id }) => users.filter((user) => user.profileId === id && !user.disabled).length,
        },
        { label: 'Records', show: ({ objects }) => limits(objects) },
      ]}
    />
  );
}

function limits(objects: Profile['objects']): string {
  const limited = Object.values(objects).filter(isLimited).length;
  return limited === 0 ? 'Everything' : `Limits on ${limited} ${limited === 1 ? 'object' : 'objects'}`;
}

function isLimited({ read, create, edit, hidden }: ObjectRights): boolean {
  return !read || !create || !edit || hidden.length > 0;
}

/** One profile. */
export function ProfileForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<Profile>(NOUN)} id={id} what="profile">
      {(profile) => <Editor profile={profile} />}
    </OneRecord>
  );
}

const NEW: ProfileInput = { label: '', objects: {}, classId: null, mayPlay: null, mayDownload: null };

function Editor({ profile }: { profile: Profile | undefined }) {
  const classes = useRecords<ClassOfService>('classes-of-service', { field: 'classes' }).data ?? [];
  const save = useSaveRecord<Profile>(NOUN, profile?.id);
  const { id: _id, ...stored } = profile ?? { id: '', ...NEW };
  const form = useForm<ProfileInput>({
    base: stored,
    schema: ProfileInput,
    save: (values, changed) => save.mutateAsync(profile ? changed : values),
  });
  return (
    <Page title={profile?.label ?? 'New profile'} parent={{ label: 'Profiles', path: `/${NOUN}` }}>
      <FormPage
        form={form}
        what="this profile"
        back={`/setup/${NOUN}`}
        createdAt={profile ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(profile)}
      >
        <Section
          title="The profile"
          intro="Users get it on their own page; a softphone layout names it on its page."
        >
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!profile} />
            <SelectField
              form={form}
              name="classId"
              nullable
              label="Class of service"
              placeholder="As everybody"
              choices={classes.map((one) => ({ value: one.id, label: one.label }))}
              help="Which numbers may be dialled, where the user has no class of his own."
            />
            <YesNo form={form} name="mayPlay" label="Listen to own recordings" />
            <YesNo form={form} name="mayDownload" label="Save own recordings" />
          </FieldGrid>
        </Section>
        <Records form={form} />
      </FormPage>
    </Page>
  );
}

function YesNo({
  form,
  name,
  label,
}: {
  form: Form<ProfileInput>;
  name: 'mayPlay' | 'mayDownload';
  label: string;
}) {
  const value = form.values[name];
  return (
    <Select
      size="xs"
      label={label}
      description="Supervisors and administrators always may."
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={[
        { value: 'default', label: 'As the recording settings say' },
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No' },
      ]}
      allowDeselect={false}
      value={value === null ? 'default' : value ? 'yes' : 'no'}
      onChange={(next) => form.set(name, next === 'default' ? null : next === 'yes')}
      data-field={name}
    />
  );
}

/** What may be done with the records of each object. */
function Records({ form }: { form: Form<ProfileInput> }) {
  const objects = useCrmObjects().data ?? [];
  const set = (name: string, change: Partial<ObjectRights>) => {
    const rights = { ...ALL_RIGHTS, ...form.values.objects[name], ...change };
    const { [name]: _, ...others } = form.values.objects;
    form.set('objects', isLimited(rights) ? { ...others, [name]: rights } : others);
  };
  return (
    <Section
      title="Records"
      intro="Of Crosspoint’s own CRM. A field that is hidden is neither shown nor written."
      flush
    >
      <Table aria-label="Records">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Object</Table.Th>
            <Table.Th>See</Table.Th>
            <Table.Th>Make</Table.Th>
            <Table.Th>Edit</Table.Th>
            <Table.Th>Hidden fields</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {objects.map((meta) => (
            <RightsRow
              key={meta.name}
              meta={meta}
              rights={form.values.objects[meta.name] ?? ALL_RIGHTS}
              onChange={(change) => set(meta.name, change)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function RightsRow({
  meta,
  rights,
  onChange,
}: {
  meta: ObjectMeta;
  rights: ObjectRights;
  onChange: (change: Partial<ObjectRights>) => void;
}) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {meta.labelPlural}
      </Table.Th>
      {(['read', 'create', 'edit'] as const).map((right) => (
        <Table.Td key={right}>
          <Checkbox
            size="xs"
            aria-label={`${meta.labelPlural}: ${VERBS[right]}`}
            checked={rights[right]}
            disabled={right !== 'read' && !rights.read}
            onChange={(event) => onChange({ [right]: event.currentTarget.checked })}
          />
        </Table.Td>
      ))}
      <Table.Td>
        <MultiSelect
          size="xs"
          aria-label={`Hidden fields of ${meta.labelPlural}`}
          placeholder={rights.hidden.length === 0 ? 'None' : undefined}
          data={meta.fields
            .filter((field) => field.name !== meta.nameField && !field.required)
            .map((field) => ({ value: field.name, label: field.label }))}
          value={rights.hidden}
          disabled={!rights.read}
          searchable
          onChange={(hidden) => onChange({ hidden })}
        />
      </Table.Td>
    </Table.Tr>
  );
}

const VERBS = { read: 'see', create: 'make', edit: 'edit' } as const;

function useRemoval(profile: Profile | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  const users = (useRecords<ShownUser>('users').data ?? []).filter((user) => user.profileId === profile?.id);
  return (
    profile && {
      what: `the profile “${profile.label}”`,
      blocked:
        users.length > 0 &&
        `${users.length === 1 ? `${users[0]?.name} has` : `${users.length} users have`} it. Give them another one first.`,
      consequences: ['Nobody has it.'],
      run: () => remove.mutateAsync(profile.id),
    }
  );
}
