/** Inputs of a queue's rule: times, lines that come and go, and where a caller is sent. */
import { Button, CloseButton, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { FlowSummary } from '../../protocol/flows.ts';
import type { OverflowTarget } from '../../protocol/queue-rules.ts';
import type { ShownQueue } from '../../protocol/setup.ts';
import { SMALL } from './fields.tsx';
import { useRecords } from './resource.ts';

interface TimeInputProps {
  label: string;
  help?: string;
  /** Undefined: empty. */
  ms: number | undefined;
  error: string | undefined;
  onChange: (ms: number | undefined) => void;
  testId?: string;
}

/** A time, typed in seconds; empty: none. */
export function TimeInput({ label, help, ms, error, onChange, testId }: TimeInputProps) {
  return (
    <NumberInput
      {...SMALL}
      label={label}
      description={help}
      suffix=" s"
      min={0}
      max={86_400}
      clampBehavior="none"
      value={ms === undefined || Number.isNaN(ms) ? '' : ms / 1_000}
      error={error}
      onChange={(value) => onChange(value === '' ? undefined : Math.round(Number(value) * 1_000))}
      data-testid={testId}
    />
  );
}

interface LinesProps<T> {
  /** What one is called. */
  one: string;
  values: readonly T[];
  fresh: T;
  max: number;
  show: (value: T, set: (value: T) => void, index: number) => ReactNode;
  onChange: (values: T[]) => void;
}

/** Things of a kind, each in a line of its own that can go, and a button for one more. */
export function Lines<T>({ one, values, fresh, max, show, onChange }: LinesProps<T>) {
  return (
    <Stack gap="xs" align="flex-start">
      {values.map((value, index) => (
        // Lines have no identity but their place.
        <Group key={index} gap="xs" align="flex-start" role="group" aria-label={`${one} ${index + 1}`}>
          {show(value, (next) => onChange(values.with(index, next)), index)}
          <CloseButton
            mt={22}
            size="sm"
            aria-label={`Remove ${one} ${index + 1}`}
            onClick={() => onChange(values.toSpliced(index, 1))}
          />
        </Group>
      ))}
      {values.length < max && (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange([...values, fresh])}
          data-testid={`add-${one.replaceAll(' ', '-')}`}
        >
          Add {/^[aeiou]/.test(one) ? 'an' : 'a'} {one}
        </Button>
      )}
    </Stack>
  );
}

const KINDS: { value: OverflowTarget['kind']; label: string }[] = [
  { value: 'queue', label: 'Another queue' },
  { value: 'number', label: 'A number outside' },
  { value: 'flow', label: 'A flow' },
  { value: 'voicemail', label: 'Voicemail' },
  { value: 'hangup', label: 'A message, then hang up' },
];

const FRESH: Record<OverflowTarget['kind'], OverflowTarget> = {
  queue: { kind: 'queue', queueId: '' },
  number: { kind: 'number', number: '' },
  flow: { kind: 'flow', flowId: '' },
  voicemail: { kind: 'voicemail' },
  hangup: { kind: 'hangup', text: 'All our lines are busy. Please call again later.' },
};

/** Where a caller is sent until something else is chosen. */
export const FRESH_TARGET = FRESH.voicemail;

interface TargetInputProps {
  target: OverflowTarget;
  queues: readonly ShownQueue[];
  /** By the path inside of the target. */
  error: (path: string) => string | undefined;
  onChange: (target: OverflowTarget) => void;
}

/** Where a caller is sent. */
export function TargetInput({ target, queues, error, onChange }: TargetInputProps) {
  const flows = useRecords<FlowSummary>('flows').data ?? [];
  const choices = (all: readonly { id: string; label: string }[]) =>
    all.map(({ id, label }) => ({ value: id, label }));
  return (
    <>
      <Select
        {...SMALL}
        label="Goes to"
        data={KINDS}
        allowDeselect={false}
        value={target.kind}
        onChange={(kind) => onChange(FRESH[kind as OverflowTarget['kind']])}
      />
      {target.kind === 'queue' && (
        <Select
          {...SMALL}
          label="Queue"
          placeholder="Choose a queue"
          data={choices(queues)}
          searchable
          value={target.queueId || null}
          error={error('queueId')}
          onChange={(queueId) => onChange({ kind: 'queue', queueId: queueId ?? '' })}
        />
      )}
      {target.kind === 'flow' && (
        <Select
          {...SMALL}
          label="Flow"
          placeholder="Choose a flow"
          data={choices(flows)}
          searchable
          value={target.flowId || null}
          error={error('flowId')}
          onChange={(flowId) => onChange({ kind: 'flow', flowId: flowId ?? '' })}
        />
      )}
      {target.kind === 'number' && (
        <TextInput
          {...SMALL}
          label="Number"
          type="tel"
          value={target.number}
          error={error('number')}
          onChange={(event) => onChange({ kind: 'number', number: event.currentTarget.value })}
        />
      )}
      {target.kind === 'hangup' && (
        <TextInput
          {...SMALL}
          label="What the caller hears"
          w={320}
          value={target.text}
          error={error('text')}
          onChange={(event) => onChange({ kind: 'hangup', text: event.currentTarget.value })}
        />
      )}
    </>
  );
}
