import { ActionIcon, Button, Group, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { OpenTime } from '../../protocol/hours.ts';

interface OpenTimesProps {
  /** Of what: a weekday, a holiday. */
  label: string;
  hideLabel?: boolean;
  times: readonly OpenTime[];
  error: string | undefined;
  onChange: (times: OpenTime[]) => void;
}

/** When it is open on a day; nothing: closed. */
export function OpenTimes({ label, hideLabel = false, times, error, onChange }: OpenTimesProps) {
  const last = times.at(-1);
  const add = () =>
    onChange([
      ...times,
      last && last.to < '23:00' ? { from: last.to, to: '23:00' } : { from: '09:00', to: '17:00' },
    ]);
  return (
    <Group gap={6} role="group" aria-label={label}>
      {!hideLabel && (
        <Text size="sm" w={96}>
          {label}
        </Text>
      )}
      {times.length === 0 && (
        <Text size="sm" c="dimmed">
          Closed
        </Text>
      )}
      {times.map((time, index) => (
        // Times have no identity but their place.
        <Group key={index} gap={4} wrap="nowrap">
          {(['from', 'to'] as const).map((end) => (
            <TextInput
              key={end}
              size="xs"
              w={66}
              aria-label={`${label}, ${end}`}
              placeholder={end === 'from' ? '09:00' : '17:00'}
              value={time[end]}
              error={error !== undefined}
              onChange={(event) =>
                onChange(times.with(index, { ...time, [end]: event.currentTarget.value }) as OpenTime[])
              }
            />
          ))}
          <ActionIcon
            aria-label={`${label}: remove ${time.from} to ${time.to}`}
            onClick={() => onChange(times.toSpliced(index, 1))}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<IconPlus size={13} />}
        mih={24}
        aria-label={`${times.length === 0 ? 'Open' : 'Also'}: ${label}, one more time`}
        onClick={add}
      >
        {times.length === 0 ? 'Open' : 'Also'}
      </Button>
      {error && (
        <Text size="xs" c="stop" role="alert">
          {error}
        </Text>
      )}
    </Group>
  );
}
