import { Alert, Button, Checkbox, Group, Progress, Radio, Select, Stack, Table, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { type ObjectMeta } from '../../protocol/crm.ts';
import { type ImportError, type ImportJob, type ImportPlan, RUNNING } from '../../protocol/imports.ts';
import { api } from '../ui/api.ts';
import { errorText } from '../ui/states.tsx';
import classes from './import-page.module.css';
import { columnsOf, columnTargets, keysOf, suggestTargets, targetsOf } from './import-suggest.ts';
import { BackToImports, StatusBadge } from './imports.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { useAnswer, useChange } from './resource.ts';

/** How often a step that is at work is asked how far it is. */
const LOOK_MS = 700;

/** One import from its columns to its end: map, check, import. */
export function ImportPage({ id }: { id: string }) {
  const path = `/api/imports/${encodeURIComponent(id)}`;
  const [working, setWorking] = useState(true);
  const job = useAnswer<ImportJob>(path, working ? { everyMs: LOOK_MS } : {});
  const objects = useAnswer<ObjectMeta[]>('/api/crm/objects');
  const isWorking = job.data === undefined || RUNNING.includes(job.data.status);
  if (isWorking !== working) setWorking(isWorking);
  return (
    <Page
      title={job.data?.fileName ?? 'Import'}
      parent={{ label: 'Import records', path: '/imports' }}
      badge={job.data && <StatusBadge status={job.data.status} />}
      intro={job.data && `${job.data.rows.toLocaleString()} rows, ${job.data.columns.length} columns`}
      actions={job.data?.finishedAt != null ? <BackToImports /> : undefined}
    >
      <Loaded query={job}>
        {(data) => (
          <Loaded query={objects}>{(metas) => <Steps job={data} objects={metas} path={path} />}</Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface StepsProps {
  job: ImportJob;
  objects: ObjectMeta[];
  path: string;
}

function Steps({ job, objects, path }: StepsProps) {
  switch (job.status) {
    case 'uploading':
    case 'checking':
    case 'applying':
      return <AtWork job={job} path={path} />;
    case 'uploaded':
      return <MapColumns job={job} objects={objects} path={path} />;
    case 'checked':
      return (
        <>
          <Result job={job} path={path} />
          <MapColumns job={job} objects={objects} path={path} />
        </>
      );
    case 'done':
      return <Done job={job} path={path} />;
    default:
      return (
        <Alert
          color={job.status === 'cancelled' ? 'gray' : 'stop'}
          variant="light"
          role="status"
          data-testid="import-over"
        >
          {job.problem ?? 'The import has been cancelled.'} Nothing was written. To try again, upload the file
          anew.
        </Alert>
      );
  }
}

function AtWork({ job, path }: { job: ImportJob; path: string }) {
  const cancel = useChange<ImportJob>(() => api(`${path}/cancel`, { body: {} }));
  const doing = job.status === 'applying' ? 'Records are being written' : 'Rows are being checked';
  return (
    <Section title={doing}>
      <Group gap="sm">
        <Progress value={job.progress * 100} aria-label={doing} flex={1} animated />
        <Text size="sm" role="status">
          {Math.round(job.progress * 100)} %
        </Text>
        <Button
          variant="default"
          size="xs"
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
          data-testid="import-cancel"
        >
          Cancel
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mt="xs">
        Nobody sees anything of it before all of it is written. You can leave this page.
      </Text>
    </Section>
  );
}

const MODES: { value: ImportPlan['mode']; label: string; help: string }[] = [
  { value: 'insert', label: 'Make new records', help: 'Every row becomes a record.' },
  {
    value: 'upsert',
    label: 'Change those that are there, make the others',
    help: 'A field of your choice finds them.',
  },
  {
    value: 'update',
    label: 'Only change those that are there',
    help: 'A row without its record is an error.',
  },
];

function MapColumns({ job, objects, path }: StepsProps) {
  const [object, setObject] = useState(job.plan?.object ?? 'Contact');
  const meta = objects.find(({ name }) => name === object);
  const [targets, setTargets] = useState(() => firstTargets(job, meta));
  const [mode, setMode] = useState<ImportPlan['mode']>(job.plan?.mode ?? 'insert');
  const [wantedKey, setKey] = useState(job.plan?.key ?? null);
  const check = useChange<ImportJob, Partial<ImportPlan>>((plan) => api(`${path}/check`, { body: plan }));
  if (!meta) return null;
  const keys = keysOf(meta, targets);
  const key = keys.some(({ value }) => value === wantedKey) ? wantedKey : (keys[0]?.value ?? null);
  const submit = () =>
    check.mutate({ object, mode, key: mode === 'insert' ? null : key, columns: columnsOf(targets) });
  const choose = (name: string | null) => {
    const next = objects.find((one) => one.name === name);
    if (!next) return;
    setObject(next.name);
    setTargets(suggestTargets(next, job.columns));
  };
  return (
    <>
      <Section title="What the rows become">
        <Stack gap="sm">
          <Select
            size="xs"
            w={240}
            label="Object"
            data={objects
              .filter(({ name }) => name !== 'Task')
              .map(({ name, labelPlural }) => ({ value: name, label: labelPlural }))}
            value={object}
            onChange={choose}
            allowDeselect={false}
            data-testid="import-object"
          />
          <Radio.Group
            size="xs"
            label="Existing records"
            value={mode}
            onChange={(value) => setMode(MODES.find((one) => one.value === value)?.value ?? 'insert')}
          >
            <Stack gap={6} mt={4}>
              {MODES.map(({ value, label, help }) => (
                <Radio
                  key={value}
                  size="xs"
                  value={value}
                  label={label}
                  description={help}
                  data-testid={`mode-${value}`}
                />
              ))}
            </Stack>
          </Radio.Group>
          {mode !== 'insert' && (
            <Select
              size="xs"
              w={240}
              label="Found by"
              description="Texts are compared without case, numbers in any way of writing them."
              data={keys}
              value={key}
              onChange={setKey}
              allowDeselect={false}
              error={
                keys.length === 0
                  ? 'Map a column with an id, an e-mail address, a number or a text'
                  : undefined
              }
              data-testid="import-key"
            />
          )}
        </Stack>
      </Section>
      <Section title="Columns" intro="Where each column goes. An empty cell leaves a field as it is." flush>
        <div className={classes.scroll}>
          <Table className={classes.mapping} aria-label="Columns">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Column</Table.Th>
                <Table.Th>Goes to</Table.Th>
                <Table.Th>First rows</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {job.columns.map((column, i) => (
                // Two columns may have one name.
                <Table.Tr key={`${i}${column}`}>
                  <Table.Td className={classes.column}>{column || `Column ${i + 1}`}</Table.Td>
                  <Table.Td className={classes.target}>
                    <Select
                      size="xs"
                      aria-label={`${column || `Column ${i + 1}`} goes to`}
                      placeholder="Left out"
                      data={columnTargets(meta)}
                      value={targets[i] || null}
                      onChange={(value) => setTargets(targets.with(i, value ?? ''))}
                      searchable
                      clearable
                      data-testid="import-target"
                    />
                  </Table.Td>
                  <Table.Td className={classes.sample}>
                    {job.sample
                      .map((row) => row[i] ?? '')
                      .filter((cell) => cell !== '')
                      .slice(0, 3)
                      .join(' · ')}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Section>
      {check.isError && (
        <Alert color="stop" variant="light" p="xs" role="alert" data-testid="plan-error">
          {errorText(check.error)}
        </Alert>
      )}
      <Group>
        <Button
          onClick={submit}
          loading={check.isPending}
          variant={job.status === 'checked' ? 'default' : 'filled'}
          disabled={targets.every((target) => target === '')}
          data-testid="import-check"
        >
          {job.status === 'checked' ? 'Check again' : 'Check the file'}
        </Button>
      </Group>
    </>
  );
}

function firstTargets(job: ImportJob, meta: ObjectMeta | undefined): string[] {
  if (job.plan) return targetsOf(job.plan.columns, job.columns.length);
  return meta ? suggestTargets(meta, job.columns) : [];
}

function Result({ job, path }: { job: ImportJob; path: string }) {
  const [skipBad, setSkipBad] = useState(false);
  const apply = useChange<ImportJob>(() => api(`${path}/apply`, { body: { skipBad } }));
  const good = job.inserts + job.updates;
  return (
    <Section title="What will happen">
      <Stack gap="sm">
        <Text size="sm" data-testid="import-result">
          <b>{job.inserts.toLocaleString()}</b> records are made, <b>{job.updates.toLocaleString()}</b> are
          changed
          {job.bad > 0 ? (
            <>
              , <b>{job.bad.toLocaleString()}</b> {job.bad === 1 ? 'row has an error' : 'rows have errors'}.
            </>
          ) : (
            '. Every row is good.'
          )}
        </Text>
        {job.bad > 0 && <Errors path={path} bad={job.bad} />}
        {job.bad > 0 && good > 0 && (
          <Checkbox
            size="xs"
            label={`Leave out ${job.bad === 1 ? 'the row with an error' : `the ${job.bad.toLocaleString()} rows with errors`} and import the others`}
            checked={skipBad}
            onChange={(event) => setSkipBad(event.currentTarget.checked)}
            data-testid="skip-bad"
          />
        )}
        {apply.isError && (
          <Alert color="stop" variant="light" p="xs" role="alert">
            {errorText(apply.error)}
          </Alert>
        )}
        <Group>
          <Button
            onClick={() => apply.mutate()}
            loading={apply.isPending}
            disabled={good === 0 || (job.bad > 0 && !skipBad)}
            data-testid="import-apply"
          >
            Import {good.toLocaleString()} {good === 1 ? 'row' : 'rows'}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}

/** The first errors, and the file with all of them. */
function Errors({ path, bad }: { path: string; bad: number }) {
  const errors = useAnswer<{ errors: ImportError[] }>(`${path}/errors`);
  return (
    <div>
      <div className={classes.errors}>
        <Table aria-label="Rows with errors">
          <Table.Tbody>
            {(errors.data?.errors ?? []).map(({ row, error }) => (
              <Table.Tr key={row} data-testid="import-error">
                <Table.Td className={classes.row}>Row {(row + 1).toLocaleString()}</Table.Td>
                <Table.Td>{error}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Button
        component="a"
        href={`${path}/errors.csv`}
        variant="subtle"
        size="compact-sm"
        mt="xs"
        leftSection={<IconDownload size={14} />}
        data-testid="import-errors"
      >
        Download {bad === 1 ? 'the row' : `the ${bad.toLocaleString()} rows`} with what is wrong
      </Button>
    </div>
  );
}

function Done({ job, path }: { job: ImportJob; path: string }) {
  return (
    <Section title="Imported">
      <Text size="sm" role="status" data-testid="import-done">
        {job.inserts.toLocaleString()} {job.inserts === 1 ? 'record was' : 'records were'} made,{' '}
        {job.updates.toLocaleString()} changed
        {job.bad > 0 ? `, ${job.bad.toLocaleString()} ${job.bad === 1 ? 'row' : 'rows'} left out.` : '.'}
      </Text>
      {job.bad > 0 && <Errors path={path} bad={job.bad} />}
    </Section>
  );
}
