import { Alert, Button, FileButton, Group, Stack, Table, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconFileImport, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { CheckedDefinition, Diagnostic, ImportedCallCenter } from '../../protocol/opencti.ts';
import { api } from '../ui/api.ts';
import { errorText } from '../ui/states.tsx';
import { useNavigation, useUnsaved } from './navigation-context.tsx';
import { Page, Section } from './page.tsx';
import { useChange } from './resource.ts';

/** What a definition looks like, for who has none. */
const TEMPLATE = `<callCenter>
  <section sortOrder="0" name="reqGeneralInfo" label="General Information">
    <item sortOrder="0" name="reqInternalName" label="Internal Name">MyCallCenter</item>
    <item sortOrder="1" name="reqDisplayName" label="Display Name">My call center</item>
    <item sortOrder="2" name="reqAdapterUrl" label="CTI Adapter URL">https://</item>
    <item sortOrder="3" name="reqUseApi" label="Use CTI API">true</item>
    <item sortOrder="4" name="reqSoftphoneHeight" label="Softphone Height">400</item>
    <item sortOrder="5" name="reqSoftphoneWidth" label="Softphone Width">320</item>
    <item sortOrder="6" name="reqSalesforceCompatibilityMode" label="Salesforce Compatibility Mode">Lightning</item>
  </section>
</callCenter>
`;

/** A new call center: a definition file is chosen or written, checked, and imported. */
export function ImportDefinition() {
  const navigation = useNavigation();
  const [text, setText] = useState('');
  const [fileName, setFileName] = useState<string>();
  useUnsaved(text === '' || text === TEMPLATE ? undefined : 'this definition');
  const check = useChange<CheckedDefinition, string>((given) =>
    api('/api/call-centers/check', { body: { text: given, fileName } }),
  );
  const load = useChange<ImportedCallCenter>(() =>
    api('/api/call-centers/import', { body: { text, fileName } }),
  );
  const read = (given: string) => {
    setText(given);
    load.reset();
    if (given.trim() === '') check.reset();
    else check.mutate(given);
  };
  const choose = (file: File | null) => {
    if (!file) return;
    setFileName(file.name);
    void file.text().then(read);
  };
  const submit = () =>
    load.mutate(undefined, {
      onSuccess: ({ callCenter }) => {
        notifications.show({ color: 'ok', message: `${callCenter.displayName} has been imported.` });
        navigation.leave(`/setup/call-centers/${callCenter.id}`, { replace: true });
      },
    });
  const usable = check.data?.definition != null;
  const failure = load.error ?? check.error;
  return (
    <Page
      title="New call center"
      parent={{ label: 'Call centers', path: '/call-centers' }}
      intro="The definition file that your vendor gave you for Salesforce, or an exported *.callCenter file. It is checked as you write."
    >
      <Section title="Definition">
        <Stack gap="sm">
          <Group gap="xs">
            <FileButton onChange={choose} accept=".xml,.callCenter,.callcenter,text/xml,application/xml">
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconUpload size={15} />}>
                  Choose a file
                </Button>
              )}
            </FileButton>
            <Button variant="subtle" onClick={() => read(TEMPLATE)} data-testid="template">
              Begin with a template
            </Button>
          </Group>
          <Textarea
            aria-label="The definition as XML"
            autosize
            minRows={12}
            maxRows={28}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
            value={text}
            onChange={(event) => read(event.currentTarget.value)}
            data-testid="definition"
          />
          {check.data && text !== '' && <Diagnostics found={check.data.diagnostics} />}
          {failure && (
            <Alert color="stop" variant="light" p="xs" role="alert">
              {errorText(failure)}
            </Alert>
          )}
          <Group gap="xs">
            <Button
              disabled={!usable}
              loading={load.isPending}
              onClick={submit}
              leftSection={<IconFileImport size={15} />}
              data-testid="import"
            >
              Import
            </Button>
            <Button variant="default" onClick={() => navigation.navigate('/setup/call-centers')}>
              Cancel
            </Button>
          </Group>
        </Stack>
      </Section>
    </Page>
  );
}

function Diagnostics({ found }: { found: Diagnostic[] }) {
  if (found.length === 0)
    return (
      <Alert color="ok" variant="light" p="xs" role="status">
        Nothing is wrong with this definition.
      </Alert>
    );
  return (
    <Table aria-label="What is wrong" data-testid="diagnostics">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Line</Table.Th>
          <Table.Th>Kind</Table.Th>
          <Table.Th>Rule</Table.Th>
          <Table.Th>What</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {found.map((one, place) => (
          <Table.Tr key={place}>
            <Table.Td>{one.line || '–'}</Table.Td>
            <Table.Td c={one.severity === 'error' ? 'red' : undefined}>{one.severity}</Table.Td>
            <Table.Td>{one.rule}</Table.Td>
            <Table.Td>{one.message}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
