import { Alert, Badge, Button, Checkbox, FileButton, Group, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload, IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import type {
  ConfigurationChange,
  ConfigurationFile,
  ConfigurationPlan,
} from '../../protocol/configuration.ts';
import { CodedError } from '../../protocol/errors.ts';
import { api } from '../ui/api.ts';
import { errorText } from '../ui/states.tsx';
import classes from './configuration-page.module.css';
import { Page, Section } from './page.tsx';
import { useChange } from './resource.ts';
import { saveJson } from './save-file.ts';

const PATH = '/api/configuration';

/** A file that was read, and what applying it would do. */
interface Tried {
  name: string;
  configuration: ConfigurationFile;
  plan: ConfigurationPlan;
}

/** The configuration as one file: saved, looked at, applied. */
export function ConfigurationPage() {
  const [tried, setTried] = useState<Tried>();
  const [failure, setFailure] = useState<unknown>();
  const [deleteData, setDeleteData] = useState(false);
  const attempt = useChange<Tried, { name: string; configuration: ConfigurationFile; deleteData: boolean }>(
    async ({ name, ...body }) => ({
      name,
      configuration: body.configuration,
      plan: await api<ConfigurationPlan>(`${PATH}/plan`, { body }),
    }),
  );
  const apply = useChange<ConfigurationPlan, ConfigurationFile>((configuration) =>
    api<ConfigurationPlan>(`${PATH}/apply`, { body: { configuration, deleteData } }),
  );

  const guarded = async (work: () => Promise<void>) => {
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(error);
    }
  };
  const look = (name: string, configuration: ConfigurationFile, withData = deleteData) =>
    guarded(async () => setTried(await attempt.mutateAsync({ name, configuration, deleteData: withData })));
  const read = (file: File | null) => {
    if (file) void guarded(async () => look(file.name, parse(await file.text())));
  };
  const run = ({ configuration }: Tried) =>
    guarded(async () => {
      const { changes } = await apply.mutateAsync(configuration);
      setTried(undefined);
      notifications.show({ color: 'ok', message: `Applied: ${counted(changes.length, 'change')}.` });
    });
  const allowLoss = (allowed: boolean) => {
    setDeleteData(allowed);
    if (tried) void look(tried.name, tried.configuration, allowed);
  };
  return (
    <Page
      title="Configuration file"
      intro="Everything that is set here as one file: to keep, to compare, to move to another installation. Passwords are not in it."
      actions={
        <Button
          leftSection={<IconDownload size={15} />}
          onClick={() => void guarded(save)}
          data-testid="export"
        >
          Save as a file
        </Button>
      }
    >
      <Section
        title="Apply a file"
        intro="It is tried first: what would change is shown, and nothing is changed yet."
      >
        <DropZone busy={attempt.isPending} onFile={read} />
        {Boolean(failure) && (
          <Alert color="stop" variant="light" p="xs" mt="sm" role="alert" data-testid="configuration-error">
            {errorText(failure)}
          </Alert>
        )}
      </Section>
      {tried && (
        <Section title={`What “${tried.name}” would change`}>
          <Plan plan={tried.plan} />
          <Group mt="md" gap="md">
            <Button
              onClick={() => void run(tried)}
              loading={apply.isPending}
              disabled={tried.plan.problems.length > 0 || tried.plan.changes.length === 0}
              data-testid="apply"
            >
              Apply
            </Button>
            <Button variant="default" onClick={() => setTried(undefined)}>
              Put it away
            </Button>
            <Checkbox
              size="xs"
              label="Fields and objects that go may take the values of records with them"
              checked={deleteData}
              onChange={(event) => allowLoss(event.currentTarget.checked)}
            />
          </Group>
        </Section>
      )}
    </Page>
  );
}

function DropZone({ busy, onFile }: { busy: boolean; onFile: (file: File | null) => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0] ?? null);
  };
  return (
    <div
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Text size="sm">Drop a configuration file here, or</Text>
      <FileButton onChange={onFile} accept="application/json,.json">
        {(props) => (
          <Button {...props} variant="default" loading={busy} leftSection={<IconFileUpload size={15} />}>
            Choose a file
          </Button>
        )}
      </FileButton>
    </div>
  );
}

/** What is wrong, or what would change. */
function Plan({ plan: { problems, changes } }: { plan: ConfigurationPlan }) {
  if (problems.length > 0)
    return (
      <Alert
        color="stop"
        variant="light"
        p="xs"
        title={`${counted(problems.length, 'thing')} wrong in the file`}
      >
        <Table aria-label="What is wrong">
          <Table.Tbody>
            {problems.map(({ path, message }) => (
              <Table.Tr key={`${path} ${message}`}>
                <Table.Th scope="row" className={classes.value}>
                  {path}
                </Table.Th>
                <Table.Td>{message}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Alert>
    );
  if (changes.length === 0) return <Text size="sm">Nothing: all of it is set already.</Text>;
  return (
    <Stack gap={0} data-testid="plan">
      {changes.map((change) => (
        <Change key={`${change.section} ${change.name}`} change={change} />
      ))}
    </Stack>
  );
}

const WORDS = {
  add: { label: 'New', color: 'ok' },
  change: { label: 'Changed', color: 'warn' },
  remove: { label: 'Removed', color: 'stop' },
} as const;

function Change({ change: { section, name, action, fields } }: { change: ConfigurationChange }) {
  const { label, color } = WORDS[action];
  return (
    <div className={classes.change}>
      <Group gap="xs">
        <Badge variant="light" color={color}>
          {label}
        </Badge>
        <Text size="sm" fw={550}>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {section}
        </Text>
      </Group>
      {action === 'change' && (
        <Table aria-label={`What changes of ${name}`} mt={4}>
          <Table.Tbody>
            {fields.map(({ path, before, after }) => (
              <Table.Tr key={path}>
                <Table.Th scope="row" fw={450}>
                  {path}
                </Table.Th>
                <Table.Td className={classes.value}>
                  <del>{text(before)}</del>
                </Table.Td>
                <Table.Td className={classes.value}>
                  <ins>{text(after)}</ins>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}

function text(value: unknown): string {
  if (value === null || value === '') return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function parse(source: string): ConfigurationFile {
  try {
    return JSON.parse(source) as ConfigurationFile;
  } catch {
    throw new CodedError('bad-input', { detail: 'this is no configuration file: it does not hold JSON' });
  }
}

async function save(): Promise<void> {
  saveJson('crosspoint.json', await api<ConfigurationFile>(PATH));
}
