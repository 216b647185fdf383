import { ActionIcon, Alert, Button, Group, Menu, Modal, Skeleton, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { type MouseEvent, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import {
  type CrmRecord,
  type FieldMeta,
  listFields,
  type ObjectMeta,
  pageFields,
} from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type Fact, Facts } from '../ui/data-list.tsx';
import { FieldView } from '../ui/field.tsx';
import { KeyHint } from '../ui/key-hint.tsx';
import { ErrorState, errorText } from '../ui/states.tsx';
import { DateTime } from '../ui/time.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import { type Fields, useExpectedName, useRecord, useRemove, useSave } from './data.ts';
import { useMe } from '../ui/me-context.ts';
import { useNoteViewed } from './lists.ts';
import { NotFound } from './not-found.tsx';
import { thisObject, useObject } from './objects-context.tsx';
import { useOpenRecord } from './open-record.ts';
import { Card, PageHeader } from './page.tsx';
import page from './page.module.css';
import { RecordForm } from './record-form.tsx';
import classes from './record-page.module.css';
import { TaskScripts } from './script-answers.tsx';
import { TaskRecordings } from './recordings.tsx';
import { ReferenceLink } from './reference-link.tsx';
import { RelatedList } from './related-list.tsx';
import { useTab, useTabTitle } from './tab-context.tsx';
import { ActivityTimeline } from './timeline.tsx';

/** How many fields stand in the head of a record. */
const HIGHLIGHTS = 5;

/** A record: what matters in its head, its details for reading and editing, its related lists, its activity. */
export function RecordPage({ object, id }: { object: string; id: string }) {
  const meta = useObject(object);
  const record = useRecord(object, meta ? id : undefined);
  if (!meta) return <NotFound what="page" />;
  if (record.error instanceof CodedError && record.error.code === 'not-found')
    return <NotFound what={meta.label.toLowerCase()} />;
  if (record.isError && !record.data)
    return <ErrorState error={record.error} onRetry={() => void record.refetch()} />;
  if (!record.data) return <RecordSkeleton meta={meta} id={id} />;
  return <LoadedRecord meta={meta} record={record.data} />;
}

function LoadedRecord({ meta, record }: { meta: ObjectMeta; record: CrmRecord }) {
  useTabTitle(record.name);
  useOpenRecord(record);
  useNoteFront(record.id);
  const withActivity = meta.name !== 'Task';
  return (
    <div className={page.page} data-testid="record-page" data-id={record.id}>
      <RecordHead meta={meta} record={record} />
      <div className={withActivity ? classes.columns : undefined}>
        <div className={classes.column}>
          {meta.name === 'Task' && <TaskRecordings task={record} />}
          {meta.name === 'Task' && <TaskScripts task={record} />}
          <Details meta={meta} record={record} />
          {meta.related.map((related) => (
            <div key={`${related.object}.${related.field}`} className={classes.related}>
              <RelatedList record={record} related={related} />
            </div>
          ))}
        </div>
        {withActivity && (
          <div className={classes.activity}>
            <ActivityTimeline object={meta.name} record={record} />
          </div>
        )}
      </div>
    </div>
  );
}

/** Remembers that the user has this record before him, whenever its tab comes to the front. */
function useNoteFront(id: string): void {
  const note = useNoteViewed();
  const { active } = useTab();
  useEffect(() => {
    if (active) note(id);
  }, [note, active, id]);
}

function RecordHead({ meta, record }: { meta: ObjectMeta; record: CrmRecord }) {
  const shown = listFields(meta).filter(
    (field) => field.name !== meta.nameField && hasValue(record.fields[field.name]),
  );
  return (
    <div className={`${page.card} ${classes.head}`}>
      <PageHeader
        object={meta.name}
        kind={meta.label}
        title={record.name}
        titleTestId="record-name"
        actions={<RecordMenu meta={meta} record={record} />}
      />
      {shown.length > 0 && (
        <Facts
          minWidth={150}
          items={shown.slice(0, HIGHLIGHTS).map((field) => toFact(field, record, 'highlight'))}
        />
      )}
    </div>
  );
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function toFact(field: FieldMeta, record: CrmRecord, testId: string): Fact {
  return {
    label: field.label,
    wide: field.type === 'textarea',
    testId: `${testId}-${field.name}`,
    value: (
      <FieldView
        meta={field}
        value={record.fields[field.name]}
        reference={(id) => <ReferenceLink id={id} name={record.names[id]} />}
      />
    ),
  };
}

/**
 * The fields, for reading until edited in place. An edit that meets somebody else's keeps what was typed, and offers to
 * save it over the newer record.
 */
function Details({ meta, record }: { meta: ObjectMeta; record: CrmRecord }) {
  const [editing, setEditing] = useState<{ base: CrmRecord; focus?: string }>();
  const { active, workspace, tabId } = useTab();
  const save = useSave(meta.name);
  useHotkey('e', () => setEditing({ base: record }), active && !editing);

  const close = () => {
    setEditing(undefined);
    save.reset();
  };
  const submit = (fields: Fields) => {
    if (!editing || Object.keys(fields).length === 0) return close();
    save.mutate(
      { id: record.id, fields, rev: editing.base.rev },
      {
        onSuccess: () => {
          workspace.setDirty(tabId, undefined);
          close();
          notifications.show({ color: 'ok', message: 'Saved.' });
        },
      },
    );
  };
  const conflict = save.error instanceof CodedError && save.error.code === 'conflict';

  if (!editing)
    return (
      <DetailsForReading
        meta={meta}
        record={record}
        onEdit={(focus) => setEditing({ base: record, focus })}
      />
    );
  return (
    <Card title="Edit details">
      {conflict && (
        <Conflict
          meta={meta}
          onTakeNew={close}
          onKeepMine={(base) => setEditing({ ...editing, base })}
          id={record.id}
          onDone={save.reset}
        />
      )}
      <RecordForm
        meta={meta}
        base={editing.base.fields}
        names={record.names}
        focus={editing.focus}
        saving={save.isPending}
        error={conflict ? undefined : save.error}
        onSubmit={submit}
        onCancel={close}
      />
    </Card>
  );
}

interface DetailsForReadingProps {
  meta: ObjectMeta;
  record: CrmRecord;
  /** Begins editing, at a field if one was meant. */
  onEdit: (focus?: string) => void;
}

/** What the record says; fields that are empty are shown on request. A double click edits the field under it. */
function DetailsForReading({ meta, record, onEdit }: DetailsForReadingProps) {
  const [all, setAll] = useState(false);
  const fields = pageFields(meta).filter((field) => field.name !== meta.nameField || !field.readOnly);
  const filled = fields.filter((field) => hasValue(record.fields[field.name]));
  const empty = fields.length - filled.length;
  const edit = (event: MouseEvent) => {
    const testId = (event.target as HTMLElement)
      .closest('[data-testid^="field-"]')
      ?.getAttribute('data-testid');
    onEdit(meta.fields.find((field) => !field.readOnly && `field-${field.name}` === testId)?.name);
  };
  return (
    <Card
      title="Details"
      actions={
        <Button
          variant="subtle"
          leftSection={<IconPencil size={14} />}
          rightSection={<KeyHint keys="e" />}
          onClick={() => onEdit()}
          data-testid="edit"
        >
          Edit
        </Button>
      }
    >
      <div onDoubleClick={edit}>
        <Facts items={(all ? fields : filled).map((field) => toFact(field, record, 'field'))} />
      </div>
      <Group mt="md" justify="space-between" gap="xs">
        <Text size="xs" c="dimmed">
          Created <DateTime at={record.createdAt} /> · Changed <DateTime at={record.updatedAt} relative />
        </Text>
        {empty > 0 && (
          <Button variant="subtle" size="compact-xs" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Hide empty fields' : `Show ${empty} empty ${empty === 1 ? 'field' : 'fields'}`}
          </Button>
        )}
      </Group>
    </Card>
  );
}

interface ConflictProps {
  meta: ObjectMeta;
  id: string;
  onTakeNew: () => void;
  onKeepMine: (base: CrmRecord) => void;
  onDone: () => void;
}

/** Somebody else saved first: take theirs, or save mine over it, knowingly. */
function Conflict({ meta, id, onTakeNew, onKeepMine, onDone }: ConflictProps) {
  const record = useRecord(meta.name, id);
  const refetch = async (then: (base: CrmRecord) => void) => {
    const { data } = await record.refetch();
    if (!data) return;
    then(data);
    onDone();
  };
  return (
    <Alert
      color="warn"
      variant="light"
      mb="sm"
      p="xs"
      role="alert"
      data-testid="conflict"
      title="Somebody else changed this meanwhile"
    >
      What you typed is still here and has not been saved.
      <Group gap="xs" mt="xs">
        <Button variant="default" onClick={() => void refetch(onTakeNew)}>
          Show their version
        </Button>
        <Button variant="default" onClick={() => void refetch(onKeepMine)}>
          Keep mine, then save again
        </Button>
      </Group>
    </Alert>
  );
}

function RecordMenu({ meta, record }: { meta: ObjectMeta; record: CrmRecord }) {
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const [, navigate] = useLocation();
  const remove = useRemove(meta.name);
  if (!me.roles.includes('administrator')) return null;
  const confirm = () =>
    remove.mutate(record.id, {
      onSuccess: () => {
        notifications.show({ color: 'ok', message: `${record.name} has been deleted.` });
        navigate(`/${meta.name}`, { replace: true });
      },
    });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="stop" leftSection={<IconTrash size={15} />} onClick={() => setAsking(true)}>
            Delete {thisObject(meta)}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Delete ${record.name}?`} size="sm">
        <Text size="sm">This cannot be undone.</Text>
        {remove.isError && (
          <Alert color="stop" variant="light" mt="sm" p="xs" role="alert">
            {errorText(remove.error)}
          </Alert>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            Keep it
          </Button>
          <Button color="stop" loading={remove.isPending} onClick={confirm}>
            Delete
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function RecordSkeleton({ meta, id }: { meta: ObjectMeta; id: string }) {
  const name = useExpectedName(id);
  return (
    <div className={page.page} aria-busy aria-label={`Loading ${thisObject(meta)}`} role="status">
      <div className={`${page.card} ${classes.head}`}>
        {name === undefined ? (
          <Skeleton h={38} w="40%" />
        ) : (
          <PageHeader object={meta.name} kind={meta.label} title={name} titleTestId="record-name" />
        )}
        <Skeleton h={14} w="70%" />
      </div>
      <div className={classes.columns}>
        <Skeleton h={360} radius="lg" />
        <Skeleton h={360} radius="lg" />
      </div>
    </div>
  );
}
