import { notifications } from '@mantine/notifications';
import { useLocation, useSearch } from 'wouter';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { useSave } from './data.ts';
import { initialFields } from './form-state.ts';
import { NotFound } from './not-found.tsx';
import { editableFields, useObject } from './objects-context.tsx';
import { Card, PageHeader } from './page.tsx';
import page from './page.module.css';
import { RecordForm } from './record-form.tsx';
import { pathOf } from './softphone-host.ts';
import { useTab, useTabTitle } from './tab-context.tsx';

/** What a new record has stored. The form compares by identity. */
const NOTHING = {};

/** The form for a new record; the query fills in fields by name, such as `/Contact/new?Phone=+44…`. */
export function NewRecordPage({ object }: { object: string }) {
  const meta = useObject(object);
  const search = useSearch();
  if (!meta) return <NotFound what="kind of record" />;
  return <NewRecordForm key={search} meta={meta} query={new URLSearchParams(search)} />;
}

function NewRecordForm({ meta, query }: { meta: ObjectMeta; query: URLSearchParams }) {
  const [, navigate] = useLocation();
  const { workspace, tabId } = useTab();
  const save = useSave(meta.name);
  useTabTitle(`New ${meta.label.toLowerCase()}`);
  const submit = (fields: Parameters<typeof save.mutate>[0]['fields']) =>
    save.mutate(
      { fields },
      {
        onSuccess: (record) => {
          workspace.setDirty(tabId, undefined);
          notifications.show({ color: 'ok', message: `${record.name} has been created.` });
          navigate(pathOf(record), { replace: true });
        },
      },
    );
  const number = meta.fields.find((field) => field.type === 'phone' && query.has(field.name));
  const kind = number
    ? 'Nobody has this number yet: save it with a name, and the next call will be known'
    : undefined;
  return (
    <div className={page.page} data-testid="new-record-page">
      <PageHeader object={meta.name} kind={kind} title={`New ${meta.label.toLowerCase()}`} />
      <Card title="Details">
        <RecordForm
          meta={meta}
          base={NOTHING}
          start={initialFields(editableFields(meta), query)}
          saving={save.isPending}
          error={save.error}
          onSubmit={submit}
          onCancel={() => navigate(`/${meta.name}`)}
        />
      </Card>
    </div>
  );
}
