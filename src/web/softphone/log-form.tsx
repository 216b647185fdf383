import { Select, Textarea } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Line, LogDraft } from '../../protocol/softphone.ts';
import classes from './log-form.module.css';
import { useSession } from './session-context.tsx';

interface LogFormProps {
  line: Line;
  log: LogDraft;
}

/** The call's log while it is written: notes, wrap-up code, and the records it is about. */
export function LogForm({ line, log }: LogFormProps) {
  const editable = log.edit.enabled;
  return (
    <div className={classes.form}>
      <Notes line={line} log={log} />
      <Disposition line={line} log={log} />
      <div className={classes.links}>
        <Linked label="Person" field="who" line={line} log={log} />
        <Linked label="About" field="what" line={line} log={log} />
      </div>
      {!log.edit.enabled && <p className={classes.note}>{log.edit.text}</p>}
      {editable && log.save === 'failed' && (
        <p className={classes.error} role="alert">
          {log.error ?? 'The log could not be saved yet. It is tried again.'}
        </p>
      )}
    </div>
  );
}

function Notes({ line, log }: LogFormProps) {
  const session = useSession();
  const [draft] = useState(() => session.notes(line.id, log.comments));
  const text = useSyncExternalStore(draft.subscribe, () => draft.text);
  const unsaved = useSyncExternalStore(draft.subscribe, () => draft.unsaved);
  return (
    <Textarea
      label="Notes"
      labelProps={{ className: classes.label }}
      description={unsaved ? 'Saving…' : undefined}
      descriptionProps={{ className: classes.saving, 'aria-live': 'polite' }}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder="What was it about?"
      autosize
      minRows={2}
      maxRows={9}
      maxLength={32_000}
      value={text}
      readOnly={!log.edit.enabled}
      onChange={(event) => draft.type(event.currentTarget.value)}
      onBlur={() => draft.flush().catch(() => {})}
      data-testid="notes"
    />
  );
}

function Disposition({ line, log }: LogFormProps) {
  const session = useSession();
  const missing = log.dispositionRequired && log.disposition === null;
  return (
    <Select
      label="Wrap-up code"
      labelProps={{ className: classes.label }}
      withAsterisk={missing}
      placeholder={log.dispositions.length === 0 ? 'None set up for this queue' : 'How did it end?'}
      data={log.dispositions.map(({ id, label }) => ({ value: id, label }))}
      value={log.disposition}
      clearable={!log.dispositionRequired}
      clearSectionMode="clear"
      searchable={log.dispositions.length > 8}
      disabled={!log.edit.enabled || log.dispositions.length === 0}
      onChange={(disposition) => session.run({ verb: 'log.edit', lineId: line.id, disposition })}
      data-testid="disposition"
    />
  );
}

/** Objects that are persons; everything else can only be what a call is about. */
const PERSONS = new Set(['Contact', 'Lead']);

function Linked({ label, field, line, log }: LogFormProps & { label: string; field: 'who' | 'what' }) {
  const session = useSession();
  const chosen = log[field];
  const fitting = log.candidates.filter((record) => PERSONS.has(record.object) === (field === 'who'));
  const options = chosen && !fitting.some((one) => one.id === chosen.id) ? [chosen, ...fitting] : fitting;
  const pick = (id: string | null) =>
    session.run({ verb: 'log.edit', lineId: line.id, [field]: options.find((one) => one.id === id) ?? null });
  return (
    <Select
      label={label}
      labelProps={{ className: classes.label }}
      placeholder={options.length === 0 ? 'None found' : 'None'}
      data={options.map((record) => ({ value: record.id, label: nameOf(record, options) }))}
      value={chosen?.id ?? null}
      clearable
      clearSectionMode="clear"
      disabled={!log.edit.enabled || options.length === 0}
      onChange={pick}
      data-testid={`log-${field}`}
    />
  );
}

/** Namesakes get the line that tells them apart. */
function nameOf(record: RecordRef, among: RecordRef[]): string {
  const twin = among.some((one) => one.id !== record.id && one.name === record.name);
  return twin && record.detail ? `${record.name} (${record.detail})` : record.name;
}
