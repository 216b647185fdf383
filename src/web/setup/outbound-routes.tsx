import { type OutboundRoute, OutboundRouteInput, type ShownTrunk } from '../../protocol/trunks.ts';
import { useForm } from '../ui/use-form.ts';
import { useViewer } from '../ui/viewer.tsx';
import { FieldGrid, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { OrderPart } from './order-part.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { countryChoices } from './regions.ts';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

const NOUN = 'outbound-routes';

function useRoutes() {
  return useRecords<OutboundRoute>(NOUN, { field: 'routes' });
}

/** Which calls go by which trunks. */
export function RoutesPage() {
  const trunks = useRecords<ShownTrunk>('trunks').data ?? [];
  const routes = useRoutes();
  const nameOf = (id: string) => trunks.find((trunk) => trunk.id === id)?.label ?? id;
  return (
    <ListPage
      title="Outbound routes"
      one="route"
      intro="Which calls go by which trunks. The first route that fits a number is taken, and its trunks are tried in turn."
      query={routes}
      path={(route) => `/${NOUN}/${route.id}`}
      newPath={`/${NOUN}/new`}
      empty="Without routes every call outside tries the trunks in their order. A route sends some of them, such as those to one country, by trunks of their own."
      columns={[
        { label: 'Name', show: (route) => route.label },
        {
          label: 'Numbers',
          show: ({ prefixes, countries }) => [...prefixes, ...countries].join(', ') || 'all',
        },
        { label: 'Trunks, in order', show: (route) => route.trunkIds.map(nameOf).join(', ') },
      ]}
      below={
        <OrderPart
          noun={NOUN}
          label="Order of routes"
          intro="The first route that fits a number is taken."
          items={routes.data ?? []}
        />
      }
    />
  );
}

/** One route. */
export function RouteForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRoutes()} id={id} what="outbound route">
      {(route) => <Editor route={route} />}
    </OneRecord>
  );
}

function Editor({ route }: { route: OutboundRoute | undefined }) {
  const { locale } = useViewer();
  const trunks = useRecords<ShownTrunk>('trunks').data ?? [];
  const save = useSaveRecord<OutboundRoute>(NOUN, route?.id);
  const form = useForm({
    base: {
      label: route?.label ?? '',
      prefixes: route?.prefixes ?? [],
      countries: route?.countries ?? [],
      trunkIds: route?.trunkIds ?? [],
    },
    schema: OutboundRouteInput,
    save: (values, changed) => save.mutateAsync(route ? changed : values),
  });
  return (
    <Page
      title={route?.label ?? 'New outbound route'}
      parent={{ label: 'Outbound routes', path: `/${NOUN}` }}
    >
      <FormPage
        form={form}
        what="this route"
        back={`/setup/${NOUN}`}
        createdAt={route ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(route)}
      >
        <Section title="The route">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!route} />
            <MultiSelectField
              form={form}
              name="prefixes"
              label="Numbers that begin with"
              placeholder="+4420"
              help="International form. With no country and no beginning: every number."
            />
            <MultiSelectField
              form={form}
              name="countries"
              label="Numbers of these countries"
              choices={countryChoices(locale)}
            />
            <MultiSelectField
              form={form}
              name="trunkIds"
              label="By these trunks"
              required
              help="In this order: the next one when one is down, full or congested."
              choices={trunks.map((trunk) => ({ value: trunk.id, label: trunk.label }))}
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(route: OutboundRoute | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  return (
    route && {
      what: `the outbound route “${route.label}”`,
      consequences: ['Its calls go by the next route that fits, or by the trunks in their order.'],
      run: () => remove.mutateAsync(route.id),
    }
  );
}
