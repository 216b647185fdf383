import { SiteInput, type Site } from '../../protocol/trunks.ts';
import type { ShownTrunk } from '../../protocol/trunks.ts';
import { useForm } from '../ui/use-form.ts';
import { useMe } from '../ui/me-context.ts';
import { useViewer } from '../ui/viewer.tsx';
import { FieldGrid, SelectField, TextareaField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { nullable, withoutNulls } from './nulls.ts';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { countryChoices } from './regions.ts';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

/** The places where people sit. */
export function SitesPage() {
  return (
    <ListPage
      title="Sites"
      one="site"
      intro="Where people sit. An emergency call says the site’s number and location, whoever makes it."
      query={useRecords<Site>('sites')}
      path={(site) => `/sites/${site.id}`}
      newPath="/sites/new"
      words={(site) => `${site.label} ${site.address}`}
      empty="A site is a place with an address. With it, an emergency call from there shows a number that help can call back, and says where to go."
      columns={[
        { label: 'Name', show: (site) => site.label },
        { label: 'Address', show: (site) => site.address },
        { label: 'Country', show: (site) => site.country },
        { label: 'Emergency calls show', show: (site) => site.elin ?? site.emergencyCallerId },
      ]}
    />
  );
}

/** One site. */
export function SiteForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<Site>('sites')} id={id} what="site">
      {(site) => <Editor site={site} />}
    </OneRecord>
  );
}

const Check = nullable(SiteInput);

function Editor({ site }: { site: Site | undefined }) {
  const { locale } = useViewer();
  const { country } = useMe();
  const trunks = useRecords<ShownTrunk>('trunks').data ?? [];
  const save = useSaveRecord<Site>('sites', site?.id);
  const form = useForm({
    base: {
      label: site?.label ?? '',
      address: site?.address ?? '',
      country: site?.country ?? country,
      emergencyCallerId: site?.emergencyCallerId ?? '',
      elin: site?.elin ?? null,
      geolocation: site?.geolocation ?? null,
      trunkId: site?.trunkId ?? null,
    },
    schema: Check,
    save: (values, changed) => save.mutateAsync(site ? changed : withoutNulls(values)),
  });
  return (
    <Page title={site?.label ?? 'New site'} parent={{ label: 'Sites', path: '/sites' }}>
      <FormPage
        form={form}
        what="this site"
        back="/setup/sites"
        createdAt={site ? undefined : '/setup/sites'}
        removal={useRemoval(site)}
      >
        <Section title="The place">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!site} />
            <SelectField
              form={form}
              name="country"
              label="Country"
              choices={countryChoices(locale)}
              required
            />
            <TextareaField
              form={form}
              name="address"
              label="Address"
              required
              help="For whoever sends help: street, number, floor, town."
            />
          </FieldGrid>
        </Section>
        <Section title="Emergency calls from here" intro="They go first, past every rule and limit.">
          <FieldGrid>
            <TextField
              form={form}
              name="emergencyCallerId"
              label="Number shown"
              type="tel"
              placeholder="+442079460000"
              help="One of ours, in international form: help calls it back."
              required
            />
            <TextField
              form={form}
              name="elin"
              nullable
              label="Location number (ELIN)"
              type="tel"
              help="Shown instead, where the provider knows the place by it."
            />
            <TextField
              form={form}
              name="geolocation"
              nullable
              label="Geolocation header"
              placeholder="<https://lis.example.com/site-1>"
              help="RFC 6442; empty for none."
            />
            <SelectField
              form={form}
              name="trunkId"
              nullable
              label="Trunk tried first"
              placeholder="As other calls"
              choices={trunks.map((trunk) => ({ value: trunk.id, label: trunk.label }))}
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(site: Site | undefined): Removal | undefined {
  const remove = useRemoveRecord('sites');
  return (
    site && {
      what: `the site “${site.label}”`,
      consequences: [
        'Emergency calls no longer say this number and place. It cannot be deleted while users, or the defaults, name it.',
        'Past calls stay.',
      ],
      run: () => remove.mutateAsync(site.id),
    }
  );
}
