import { Alert, Badge, Button, FileButton, Group, Progress, Select, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { DELIMITERS, ENCODINGS, type ImportJob, type ImportStatus, RUNNING } from '../../protocol/imports.ts';
import { EmptyState, ErrorState, errorText } from '../ui/states.tsx';
import { DateTime } from '../ui/time.tsx';
import { useNavigation } from './navigation-context.tsx';
import { Page, Section } from './page.tsx';
import { type Column, RecordTable } from './record-table.tsx';
import { useRecords } from './resource.ts';
import { uploadFile } from './upload-file.ts';

export const STATUS_WORDS: Record<ImportStatus, string> = {
  uploading: 'Being uploaded',
  uploaded: 'Uploaded',
  checking: 'Being checked',
  checked: 'Checked',
  applying: 'Being imported',
  done: 'Imported',
  cancelled: 'Cancelled',
  failed: 'Failed',
  aborted: 'Aborted',
};

const TONES: Partial<Record<ImportStatus, string>> = { done: 'ok', failed: 'stop', aborted: 'stop' };

export function StatusBadge({ status }: { status: ImportStatus }) {
  return (
    <Badge variant="light" color={TONES[status] ?? (RUNNING.includes(status) ? 'blue' : 'gray')}>
      {STATUS_WORDS[status]}
    </Badge>
  );
}

const COLUMNS: Column<ImportJob>[] = [
  { label: 'File', show: ({ fileName }) => fileName },
  { label: 'Object', show: ({ plan }) => plan?.object ?? '–' },
  { label: 'State', show: ({ status }) => <StatusBadge status={status} /> },
  { label: 'Rows', show: ({ rows }) => rows.toLocaleString(), align: 'right' },
  {
    label: 'Made',
    show: ({ status, inserts }) => (status === 'done' ? inserts.toLocaleString() : '–'),
    align: 'right',
  },
  {
    label: 'Changed',
    show: ({ status, updates }) => (status === 'done' ? updates.toLocaleString() : '–'),
    align: 'right',
  },
  {
    label: 'Left out',
    show: ({ status, bad }) => (status === 'done' ? bad.toLocaleString() : '–'),
    align: 'right',
  },
  { label: 'When', show: ({ createdAt }) => <DateTime at={createdAt} /> },
];

/** Imports of records: a new one, and those of the last month. */
export function ImportsPage() {
  const imports = useRecords<ImportJob>('imports', { everyMs: 3_000 });
  return (
    <Page
      title="Import records"
      intro="Contacts, accounts and other records from a CSV file, 500,000 rows at most. The whole file is checked before anything is written, and then all of it is written, or nothing."
    >
      <UploadSection />
      <Section title="Earlier imports" flush>
        {imports.isError ? (
          <ErrorState error={imports.error} onRetry={() => void imports.refetch()} />
        ) : imports.data?.length === 0 ? (
          <EmptyState title="Nothing has been imported yet">
            Each import stays here for a month, with the rows that it left out.
          </EmptyState>
        ) : (
          <RecordTable
            caption="Imports"
            records={imports.data}
            columns={COLUMNS}
            path={({ id }) => `/imports/${id}`}
          />
        )}
      </Section>
    </Page>
  );
}

const DETECT = '';
const DELIMITER_WORDS: Record<string, string> = { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar' };

function UploadSection() {
  const navigation = useNavigation();
  const [delimiter, setDelimiter] = useState<string>(DETECT);
  const [encoding, setEncoding] = useState<string>(DETECT);
  const [sent, setSent] = useState<number>();
  const [error, setError] = useState<unknown>();
  const abort = useRef<AbortController>(undefined);
  const choose = async (file: File | null) => {
    if (!file) return;
    const controller = new AbortController();
    abort.current = controller;
    setError(undefined);
    setSent(0);
    try {
      const query = {
        delimiter: DELIMITERS.find((one) => one === delimiter),
        encoding: ENCODINGS.find((one) => one === encoding),
      };
      const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
      const job = await uploadFile(file, given, { onProgress: setSent, signal: controller.signal });
      navigation.navigate(`/setup/imports/${job.id}`);
    } catch (reason) {
      if (!controller.signal.aborted) setError(reason);
    } finally {
      setSent(undefined);
    }
  };
  return (
    <Section title="New import" intro="The first line of the file names its columns.">
      <Group gap="sm" align="flex-end">
        <FileButton onChange={(file) => void choose(file)} accept=".csv,.txt,.tsv,text/csv">
          {(props) => (
            <Button
              {...props}
              leftSection={<IconUpload size={15} />}
              disabled={sent !== undefined}
              data-testid="choose-file"
            >
              Choose a CSV file
            </Button>
          )}
        </FileButton>
        <Select
          size="xs"
          label="Separator"
          data={[
            { value: DETECT, label: 'As the file looks' },
            ...DELIMITERS.map((value) => ({ value, label: DELIMITER_WORDS[value] ?? value })),
          ]}
          value={delimiter}
          onChange={(value) => setDelimiter(value ?? DETECT)}
          allowDeselect={false}
        />
        <Select
          size="xs"
          label="Characters"
          data={[
            { value: DETECT, label: 'As the file looks' },
            ...ENCODINGS.map((value) => ({ value, label: value.toUpperCase() })),
          ]}
          value={encoding}
          onChange={(value) => setEncoding(value ?? DETECT)}
          allowDeselect={false}
        />
      </Group>
      {sent !== undefined && (
        <Group mt="md" gap="sm">
          <Progress value={sent * 100} aria-label="Upload" flex={1} animated />
          <Text size="sm">{sent < 1 ? `${Math.round(sent * 100)} % sent` : 'Being read'}</Text>
          <Button variant="default" size="xs" onClick={() => abort.current?.abort()}>
            Cancel
          </Button>
        </Group>
      )}
      {error !== undefined && (
        <Alert color="stop" variant="light" mt="md" p="xs" role="alert" data-testid="upload-error">
          {errorText(error)}
        </Alert>
      )}
    </Section>
  );
}

/** Where one comes from on an import's own page. */
export function BackToImports() {
  return (
    <Button component={Link} href="/imports" variant="default">
      Another import
    </Button>
  );
}
