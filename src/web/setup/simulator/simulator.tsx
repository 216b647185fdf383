import { Alert, Button, FileButton, Group, Progress, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconDownload, IconFolderOpen, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { CodedError } from '../../../protocol/errors.ts';
import type { SimulationFile, SimulationJob } from '../../../protocol/simulation.ts';
import { api } from '../../ui/api.ts';
import { showError } from '../../ui/show-error.ts';
import { EmptyState, ErrorState, errorText } from '../../ui/states.tsx';
import { Page, Section } from '../page.tsx';
import { saveJson } from '../save-file.ts';
import { check, readFile } from './simulation-edit.ts';
import { SimulatorDay } from './simulator-day.tsx';
import { SimulatorResult } from './simulator-result.tsx';
import { SimulatorTry } from './simulator-try.tsx';
import classes from './simulator.module.css';

/** Days of callers played through the real routing: what is configured now, beside what is tried. */
export function SimulatorPage() {
  const [file, setFile] = useState<SimulationFile>();
  const [problems, setProblems] = useState<string[]>([]);
  const day = useMutation({
    mutationFn: (midnight: number | undefined) =>
      api<SimulationFile>(`/api/simulation-day${midnight === undefined ? '' : `?midnight=${midnight}`}`),
    onSuccess: (loaded) => take({ file: loaded }),
  });
  const load = day.mutate;
  useEffect(() => load(undefined), [load]);
  const take = (read: { file: SimulationFile } | { problems: string[] }) => {
    setProblems('problems' in read ? read.problems : []);
    if ('file' in read) setFile(read.file);
  };
  return (
    <Page
      title="Simulator"
      intro="What if there were one agent fewer, or support also took sales? Days of callers go through the same routing as your calls, in seconds and beside them: nothing rings, nothing is saved."
    >
      <Source file={file} loading={day.isPending} onLoad={load} onRead={(text) => take(readFile(text))} />
      <Problems problems={problems} />
      {day.isError && isNothing(day.error) ? (
        <EmptyState title="There is nothing to simulate yet">
          Make a queue and give it a member in Setup; then its days can be played.
        </EmptyState>
      ) : day.isError ? (
        <ErrorState error={day.error} onRetry={() => load(undefined)} />
      ) : null}
      {file && (
        <>
          <SimulatorDay file={file} onChange={setFile} />
          <SimulatorTry file={file} onChange={setFile} />
          <Run file={file} onProblems={setProblems} />
        </>
      )}
    </Page>
  );
}

function isNothing(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'not-found';
}

interface SourceProps {
  file: SimulationFile | undefined;
  loading: boolean;
  onLoad: (midnight: number | undefined) => void;
  onRead: (text: string) => void;
}

/** Where the day comes from. */
function Source({ file, loading, onLoad, onRead }: SourceProps) {
  const [kind, setKind] = useState('made-up');
  const [date, setDate] = useState('');
  const choose = (next: string) => {
    setKind(next);
    if (next === 'made-up') onLoad(undefined);
  };
  const chooseDate = (next: string) => {
    setDate(next);
    const midnight = new Date(`${next}T00:00`).getTime();
    if (Number.isFinite(midnight)) onLoad(midnight);
  };
  return (
    <Section title="Calls">
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          size="xs"
          aria-label="Whose calls"
          data={[
            { value: 'made-up', label: 'Made-up calls' },
            { value: 'recorded', label: 'Calls of a day that was' },
          ]}
          value={kind}
          onChange={choose}
        />
        {kind === 'recorded' && (
          <TextInput
            size="xs"
            type="date"
            aria-label="Which day"
            value={date}
            onChange={(event) => chooseDate(event.currentTarget.value)}
          />
        )}
        {loading && (
          <Text size="xs" c="dimmed" role="status">
            Being read…
          </Text>
        )}
        <Group gap="xs" ml="auto">
          <FileButton accept=".json,application/json" onChange={(chosen) => void chosen?.text().then(onRead)}>
            {(props) => (
              <Button {...props} size="xs" variant="default" leftSection={<IconFolderOpen size={14} />}>
                Open a file
              </Button>
            )}
          </FileButton>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
            disabled={!file}
            onClick={() => file && saveJson('simulation.json', file)}
          >
            Save as a file
          </Button>
        </Group>
      </Group>
    </Section>
  );
}

function Problems({ problems }: { problems: string[] }) {
  if (problems.length === 0) return null;
  return (
    <Alert color="stop" variant="light" role="alert" title="This cannot be played" data-testid="problems">
      <ul className={classes.problems}>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </Alert>
  );
}

const isOver = (job: SimulationJob | undefined) =>
  job !== undefined && job.state !== 'waiting' && job.state !== 'running';

/** The button, how far it is, and what came of it. */
function Run({ file, onProblems }: { file: SimulationFile; onProblems: (problems: string[]) => void }) {
  const [jobId, setJobId] = useState<string>();
  const start = useMutation({
    mutationFn: (body: SimulationFile) => api<SimulationJob>('/api/simulations', { body }),
    onSuccess: ({ id }) => setJobId(id),
  });
  const cancel = useMutation({
    mutationFn: (id: string) => api<SimulationJob>(`/api/simulations/${id}/cancel`, { method: 'POST' }),
  });
  const job = useQuery({
    queryKey: ['simulation', jobId],
    queryFn: ({ signal }) => api<SimulationJob>(`/api/simulations/${jobId}`, { signal }),
    enabled: jobId !== undefined,
    refetchInterval: (query) => (isOver(query.state.data) ? false : 500),
  });
  const running = start.isPending || (jobId !== undefined && !job.isError && !isOver(job.data));
  const run = () => {
    const checked = check(file);
    onProblems('problems' in checked ? checked.problems : []);
    if ('file' in checked) start.mutate(checked.file);
  };
  return (
    <>
      <Group gap="sm">
        <Button
          leftSection={<IconPlayerPlay size={15} />}
          onClick={run}
          disabled={running}
          data-testid="simulate"
        >
          {file.b ? 'Play A and B' : 'Play A'}
        </Button>
        {running && jobId !== undefined && (
          <>
            <Progress value={100 * (job.data?.share ?? 0)} aria-label="Simulation" flex={1} animated />
            <Text size="sm" role="status">
              {job.data?.state === 'waiting'
                ? 'Waits for another one'
                : `${Math.round(100 * (job.data?.share ?? 0))} %`}
            </Text>
            <Button variant="default" size="xs" onClick={() => cancel.mutate(jobId, { onError: showError })}>
              Cancel
            </Button>
          </>
        )}
        {job.data?.state === 'cancelled' && <Text size="sm">Cancelled.</Text>}
      </Group>
      {(start.isError || job.isError || job.data?.state === 'failed') && (
        <Alert color="stop" variant="light" p="xs" role="alert">
          {job.data?.state === 'failed'
            ? 'The simulation broke off. The log of the server says why.'
            : errorText(start.error ?? job.error)}
        </Alert>
      )}
      {job.data?.result && <SimulatorResult key={jobId} result={job.data.result} />}
    </>
  );
}
