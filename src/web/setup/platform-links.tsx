import { PlatformLinkFields, type PlatformLink, type ShownPlatform } from '../../protocol/platforms.ts';
import { api } from '../ui/api.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, SelectField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { nullable, withoutNulls } from './nulls.ts';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useChange, useRecords, useRemoveRecord } from './resource.ts';

const NOUN = 'platform-links';

type ShownLink = PlatformLink & { id: string };

function useLinks() {
  return useRecords<ShownLink>(NOUN, { field: 'links' });
}

function useLabels(): (id: string) => string {
  const platforms = useRecords<ShownPlatform>('platforms').data ?? [];
  return (id) => platforms.find((one) => one.id === id)?.label ?? id;
}

/** How calls go from one telephone system to another. */
export function PlatformLinksPage() {
  const label = useLabels();
  return (
    <ListPage
      title="Links"
      one="link"
      intro="How calls of one telephone system reach another, one per direction. Agents then get callers of either, and calls between the two stay one call in the log."
      query={useLinks()}
      path={(link) => `/${NOUN}/${encodeURIComponent(link.id)}`}
      newPath={`/${NOUN}/new`}
      empty="With two telephone systems or more, a link lets an agent on one get callers of the other, and colleagues transfer between them."
      columns={[
        { label: 'From', show: ({ from }) => label(from) },
        { label: 'To', show: ({ to }) => label(to) },
        { label: 'By', show: ({ address, trunk }) => address ?? `trunk ${trunk ?? ''}` },
      ]}
    />
  );
}

/** One link. */
export function PlatformLinkForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useLinks()} id={id} what="link">
      {(link) => <Editor link={link} />}
    </OneRecord>
  );
}

const Check = nullable(PlatformLinkFields);

function Editor({ link }: { link: ShownLink | undefined }) {
  const label = useLabels();
  const platforms = useRecords<ShownPlatform>('platforms').data ?? [];
  const choices = platforms.map((one) => ({ value: one.id, label: one.label }));
  const save = useChange<ShownLink, object>((body) => api(`/api/${NOUN}`, { method: 'PUT', body }));
  const form = useForm({
    base: {
      from: link?.from ?? '',
      to: link?.to ?? '',
      address: link?.address ?? null,
      trunk: link?.trunk ?? null,
      prefix: link?.prefix ?? '',
    },
    schema: Check,
    save: (values) => save.mutateAsync(withoutNulls(values)),
  });
  const title = link ? `${label(link.from)} → ${label(link.to)}` : 'New link';
  return (
    <Page title={title} parent={{ label: 'Links', path: `/${NOUN}` }}>
      <FormPage
        form={form}
        what="this link"
        back={`/setup/${NOUN}`}
        createdAt={link ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(link, title)}
      >
        <Section
          title="The link"
          intro="Either an address or a trunk says how the first system reaches the second."
        >
          <FieldGrid>
            {/* Which two it joins is what it is: another pair is another link. */}
            {!link && <SelectField form={form} name="from" label="From" choices={choices} required />}
            {!link && <SelectField form={form} name="to" label="To" choices={choices} required />}
            <TextField
              form={form}
              name="address"
              label="SIP address"
              nullable
              placeholder="sip:{number}@10.0.0.2:5060"
              help="{number} is the one-time number that is dialled."
            />
            <TextField
              form={form}
              name="trunk"
              label="Or the trunk"
              nullable
              help="The name of the first system’s trunk that leads to the second."
            />
            <TextField
              form={form}
              name="prefix"
              label="Prefix"
              help="Put before the one-time number, where the second system’s dial plan needs one."
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(link: ShownLink | undefined, title: string): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  return (
    link && {
      what: `the link ${title}`,
      consequences: ['Calls between the two go on.', 'No new call goes this way.'],
      run: () => remove.mutateAsync(link.id),
    }
  );
}
