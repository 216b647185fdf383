import { type ClassOfService, ClassOfServiceInput } from '../../protocol/trunks.ts';
import { useForm } from '../ui/use-form.ts';
import { useViewer } from '../ui/viewer.tsx';
import { FieldGrid, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { countryChoices } from './regions.ts';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

const NOUN = 'classes-of-service';

function useClasses() {
  return useRecords<ClassOfService>(NOUN, { field: 'classes' });
}

/** What people may dial. */
export function ClassesPage() {
  return (
    <ListPage
      title="Classes of service"
      one="class of service"
      intro="What people may dial. Extensions and emergency numbers always."
      query={useClasses()}
      path={(one) => `/classes-of-service/${one.id}`}
      newPath="/classes-of-service/new"
      empty="A class says which numbers may be dialled: in the country, abroad, premium ones. Give it to users, or to everybody on the page “Dialling”. Without one, only what the trunk itself limits."
      columns={[
        { label: 'Name', show: (one) => one.label },
        { label: 'In the country', show: (one) => word(one.national) },
        { label: 'Abroad', show: (one) => word(one.international) },
        { label: 'Premium', show: (one) => word(one.premium) },
        { label: 'Countries', show: (one) => one.countries.join(', ') || 'all of these' },
      ]}
    />
  );
}

function word(allowed: boolean): string {
  return allowed ? 'Yes' : 'No';
}

/** One class of service. */
export function ClassForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useClasses()} id={id} what="class of service">
      {(one) => <Editor one={one} />}
    </OneRecord>
  );
}

function Editor({ one }: { one: ClassOfService | undefined }) {
  const { locale } = useViewer();
  const save = useSaveRecord<ClassOfService>(NOUN, one?.id);
  const form = useForm({
    base: {
      label: one?.label ?? '',
      national: one?.national ?? true,
      international: one?.international ?? false,
      premium: one?.premium ?? false,
      countries: one?.countries ?? [],
    },
    schema: ClassOfServiceInput,
    save: (values, changed) => save.mutateAsync(one ? changed : values),
  });
  return (
    <Page
      title={one?.label ?? 'New class of service'}
      parent={{ label: 'Classes of service', path: `/${NOUN}` }}
    >
      <FormPage
        form={form}
        what="this class of service"
        back={`/setup/${NOUN}`}
        createdAt={one ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(one)}
      >
        <Section title="What may be dialled">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!one} />
          </FieldGrid>
          <FieldGrid>
            <SwitchField form={form} name="national" label="Numbers in the country" />
            <SwitchField form={form} name="international" label="Numbers abroad" />
            <SwitchField
              form={form}
              name="premium"
              label="Premium numbers"
              help="Which cost the caller extra."
            />
          </FieldGrid>
          <div style={{ marginTop: 14 }}>
            <MultiSelectField
              form={form}
              name="countries"
              label="Only these countries"
              placeholder="All that the rest allows"
              choices={countryChoices(locale)}
            />
          </div>
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(one: ClassOfService | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  return (
    one && {
      what: `the class of service “${one.label}”`,
      consequences: [
        'It cannot be deleted while users, or the defaults, have it.',
        'Calls that go on are not touched.',
      ],
      run: () => remove.mutateAsync(one.id),
    }
  );
}
