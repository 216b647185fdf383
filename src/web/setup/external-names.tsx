import { ActionIcon, Button, Group, Input, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { CrmHostSettings } from '../../protocol/crm-hosts.ts';
import type { ShownUser } from '../../protocol/setup.ts';

type Names = CrmHostSettings['users'];

interface ExternalNamesProps {
  users: readonly ShownUser[];
  values: Names;
  error: string | undefined;
  onChange: (values: Names) => void;
}

/** Which name in a CRM is whose. */
export function ExternalNames({ users, values, error, onChange }: ExternalNamesProps) {
  const choices = users.map(({ id, name, username }) => ({ value: id, label: `${name} (${username})` }));
  const change = (index: number, part: Partial<Names[number]>) =>
    onChange(values.map((value, place) => (place === index ? { ...value, ...part } : value)));
  return (
    <Input.Wrapper
      label="Names that differ"
      labelElement="div"
      description="A user whose user name here is his name or e-mail address there needs no line."
      error={error}
      size="xs"
      data-field="users"
    >
      {values.map((value, index) => (
        // Lines have no identity but their place.
        <Group key={index} gap={4} mt={4} wrap="nowrap" align="flex-start">
          <TextInput
            size="xs"
            flex={1}
            aria-label={`Name in the CRM, line ${index + 1}`}
            placeholder="Id, name or e-mail address there"
            value={value.externalId}
            onChange={(event) => change(index, { externalId: event.currentTarget.value })}
          />
          <Select
            size="xs"
            flex={1}
            aria-label={`User, line ${index + 1}`}
            placeholder="User here"
            searchable
            data={choices}
            value={value.userId || null}
            onChange={(userId) => change(index, { userId: userId ?? '' })}
          />
          <ActionIcon
            variant="subtle"
            aria-label={`Remove line ${index + 1}`}
            onClick={() => onChange(values.toSpliced(index, 1))}
          >
            <IconX size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        mt={6}
        size="compact-xs"
        variant="subtle"
        leftSection={<IconPlus size={13} />}
        onClick={() => onChange([...values, { externalId: '', userId: '' }])}
      >
        Add a name
      </Button>
    </Input.Wrapper>
  );
}
