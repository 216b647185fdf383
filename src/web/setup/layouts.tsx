import {
  DEFAULT_LAYOUT,
  LayoutSettings,
  type SoftphoneLayout,
  SoftphoneLayoutInput,
} from '../../protocol/layouts.ts';
import type { Profile } from '../../protocol/profiles.ts';
import type { ShownUser } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { CallTypeSection } from './layout-call-type.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { OneRecord } from './one-record.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useAnswer, useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

const NOUN = 'softphone-layouts';
const SETTINGS = '/api/softphone-layout-settings';

function useLayouts() {
  return useRecords<SoftphoneLayout>(NOUN, { field: 'layouts' });
}

/** What agents see of a call and what pops for it. */
export function LayoutsPage() {
  const users = useRecords<ShownUser>('users').data ?? [];
  const profiles = useRecords<Profile>('profiles').data ?? [];
  const settings = useAnswer<LayoutSettings>(SETTINGS);
  return (
    <ListPage
      title="Softphone layouts"
      one="layout"
      intro="What agents see of a call, which records are searched by its number, and what pops. A change holds for calls that begin from then on."
      query={useLayouts()}
      path={(layout) => `/${NOUN}/${layout.id}`}
      newPath={`/${NOUN}/new`}
      empty="Everybody has the standard layout."
      columns={[
        { label: 'Name', show: (layout) => layout.label },
        { label: 'Holds for', show: (layout) => holdsFor(layout, users, profiles) },
        { label: 'Pops', show: ({ inbound }) => WHEN[inbound.pop.when] },
      ]}
      below={
        <Section
          title="Pages that may pop"
          intro="Pages of ours may always pop. Of others, only those by https of these hosts."
        >
          <Loaded query={settings}>{(values) => <Settings values={values} />}</Loaded>
        </Section>
      }
    />
  );
}

const WHEN = { ring: 'On ring', answer: 'On answer', hand: 'By hand' } as const;

function holdsFor(
  { isDefault, profileIds, userIds }: SoftphoneLayout,
  users: ShownUser[],
  profiles: Profile[],
): string {
  const names = userIds.map((id) => users.find((user) => user.id === id)?.name ?? id);
  const listed = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  const all = [
    ...(isDefault ? ['Everybody else'] : []),
    ...profileIds.map((id) => profiles.find((profile) => profile.id === id)?.label ?? id),
    ...listed,
  ];
  return all.join(', ') || 'Nobody';
}

function Settings({ values }: { values: LayoutSettings }) {
  const save = useChange<unknown, LayoutSettings>((body) => api(SETTINGS, { method: 'PUT', body }));
  const form = useForm({ base: values, schema: LayoutSettings, save: (all) => save.mutateAsync(all) });
  return (
    <SelfSaving form={form} what="the hosts">
      <MultiSelectField
        form={form}
        name="allowedOrigins"
        label="Hosts"
        placeholder="https://orders.example.com"
        help="Each ended by Enter."
      />
    </SelfSaving>
  );
}

/** One layout. */
export function LayoutForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useLayouts()} id={id} what="layout">
      {(layout) => <Editor layout={layout} />}
    </OneRecord>
  );
}

function Editor({ layout }: { layout: SoftphoneLayout | undefined }) {
  const users = useRecords<ShownUser>('users').data ?? [];
  const save = useSaveRecord<SoftphoneLayout>(NOUN, layout?.id);
  const profiles = useRecords<Profile>('profiles').data ?? [];
  const { label, isDefault, profileIds, userIds, inbound, outbound, internal } = layout ?? {
    ...DEFAULT_LAYOUT,
    label: '',
    isDefault: false,
  };
  const form = useForm({
    base: { label, isDefault, profileIds, userIds, inbound, outbound, internal },
    schema: SoftphoneLayoutInput,
    save: (values, changed) => save.mutateAsync(layout ? changed : values),
  });
  return (
    <Page title={layout?.label ?? 'New layout'} parent={{ label: 'Softphone layouts', path: `/${NOUN}` }}>
      <FormPage
        form={form}
        what="this layout"
        back={`/setup/${NOUN}`}
        createdAt={layout ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(layout)}
      >
        <Section title="Whom it holds for">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!layout} />
            <SwitchField
              form={form}
              name="isDefault"
              label="The default"
              help="Holds for everybody who has no other."
            />
            <MultiSelectField
              form={form}
              name="profileIds"
              label="Profiles"
              choices={profiles.map((profile) => ({ value: profile.id, label: profile.label }))}
            />
            <MultiSelectField
              form={form}
              name="userIds"
              label="Users"
              help="They have it whatever their profile."
              choices={users.map((user) => ({ value: user.id, label: user.name }))}
            />
          </FieldGrid>
        </Section>
        <CallTypeSection form={form} type="inbound" title="Inbound calls" />
        <CallTypeSection form={form} type="outbound" title="Outbound calls" />
        <CallTypeSection form={form} type="internal" title="Internal calls" />
      </FormPage>
    </Page>
  );
}

function useRemoval(layout: SoftphoneLayout | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  return (
    layout && {
      what: `the layout “${layout.label}”`,
      blocked: layout.isDefault && 'It is the default. Make another layout the default first.',
      consequences: ['Who has it gets the layout of his profile, or the default, with his next call.'],
      run: () => remove.mutateAsync(layout.id),
    }
  );
}
