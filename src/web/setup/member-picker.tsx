import { Checkbox, CloseButton, Group, Input, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { ShownUser } from '../../protocol/setup.ts';
import classes from './member-picker.module.css';

interface MemberPickerProps {
  users: ShownUser[];
  memberIds: string[];
  error?: string;
  onChange: (memberIds: string[]) => void;
}

/** Who answers a queue's calls: everybody who can take calls, with a box each; members first. */
export function MemberPicker({ users, memberIds, error, onChange }: MemberPickerProps) {
  const [filter, setFilter] = useState('');
  // Members stay on top where they were when the page was opened, so that nothing jumps under the mouse.
  const [top] = useState(memberIds);
  const wanted = filter.trim().toLowerCase();
  const candidates = users
    .filter((user) => memberIds.includes(user.id) || takesCalls(user))
    .filter((user) => `${user.name} ${user.username} ${user.extension ?? ''}`.toLowerCase().includes(wanted))
    .sort((a, b) => Number(top.includes(b.id)) - Number(top.includes(a.id)) || a.name.localeCompare(b.name));
  const toggle = (id: string, on: boolean) =>
    onChange(on ? [...memberIds, id] : memberIds.filter((one) => one !== id));
  return (
    <Input.Wrapper error={error} size="xs" data-field="memberIds" data-testid="field-memberIds">
      <Group justify="space-between" mb={6}>
        <TextInput
          size="xs"
          w={240}
          aria-label="Find a user"
          placeholder="Find a user"
          leftSection={<IconSearch size={14} />}
          rightSection={filter && <CloseButton size="xs" aria-label="Clear" onClick={() => setFilter('')} />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed" role="status">
          {memberIds.length} {memberIds.length === 1 ? 'member' : 'members'}
        </Text>
      </Group>
      <div className={classes.list} role="group" aria-label="Members">
        {candidates.map((user) => (
          <Checkbox
            key={user.id}
            size="xs"
            className={classes.item}
            checked={memberIds.includes(user.id)}
            onChange={(event) => toggle(user.id, event.currentTarget.checked)}
            label={
              <>
                {user.name}
                {user.extension && <span className={classes.extension}> {user.extension}</span>}
                {!takesCalls(user) && <span className={classes.extension}> takes no calls</span>}
              </>
            }
            data-testid={`member-${user.username}`}
          />
        ))}
        {candidates.length === 0 && (
          <Text size="sm" c="dimmed" p="xs">
            {wanted === '' ? 'There is no user who takes calls yet.' : 'Nobody of this name takes calls.'}
          </Text>
        )}
      </div>
    </Input.Wrapper>
  );
}

function takesCalls(user: ShownUser): boolean {
  return !user.disabled && user.roles.some((role) => role !== 'administrator');
}
