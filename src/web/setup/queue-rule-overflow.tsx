import { Group, NumberInput, Select, Stack, Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Overflow, OverflowTarget } from '../../protocol/queue-rules.ts';
import { SMALL } from './fields.tsx';
import type { RulePartProps } from './queue-rule.tsx';
import { FRESH_TARGET, Lines, TargetInput, TimeInput } from './queue-rule-inputs.tsx';

const WHEN: { value: Overflow['when']; label: string }[] = [
  { value: 'wait', label: 'After a wait' },
  { value: 'length', label: 'On coming, while so many wait' },
  { value: 'predicted-wait', label: 'On coming, by the predicted wait' },
];

function fresh(when: Overflow['when'], target: OverflowTarget): Overflow {
  if (when === 'wait') return { when, afterMs: 300_000, target };
  return when === 'length' ? { when, waiting: 20, target } : { when, waitMs: 600_000, target };
}

/** When callers are sent elsewhere: by wait, length and prediction, and when the queue is full, closed or has had enough. */
export function OverflowRules({ rule, queues, error, set }: RulePartProps) {
  const { full, closed, maxWait } = rule;
  const target = (path: string, value: OverflowTarget, put: (value: OverflowTarget) => void) => (
    <TargetInput
      target={value}
      queues={queues}
      error={(name) => error(`${path}.target.${name}`)}
      onChange={put}
    />
  );
  return (
    <Stack gap="md">
      <Lines
        one="overflow"
        values={rule.overflow}
        fresh={fresh('wait', FRESH_TARGET)}
        max={10}
        onChange={(overflow) => set({ overflow })}
        show={(one, put, n) => (
          <>
            <Select
              {...SMALL}
              label="When"
              w={240}
              data={WHEN}
              allowDeselect={false}
              value={one.when}
              onChange={(when) => put(fresh(when as Overflow['when'], one.target))}
            />
            <Amount one={one} error={(name) => error(`overflow.${n}.${name}`)} onChange={put} />
            {target(`overflow.${n}`, one.target, (next) => put({ ...one, target: next }))}
          </>
        )}
      />
      <Toggled
        label="Full when so many wait"
        on={full !== null}
        onChange={(on) => set({ full: on ? { waiting: 50, target: FRESH_TARGET } : null })}
        testId="toggle-full"
      >
        {full && (
          <>
            <NumberInput
              {...SMALL}
              label="Callers"
              description="0: nobody may wait."
              min={0}
              max={100_000}
              value={full.waiting}
              error={error('full.waiting')}
              onChange={(value) => set({ full: { ...full, waiting: Number(value) } })}
            />
            {target('full', full.target, (next) => set({ full: { ...full, target: next } }))}
          </>
        )}
      </Toggled>
      <Toggled
        label="Closed outside the business hours that name this queue, also for who still waits"
        on={closed !== null}
        onChange={(on) => set({ closed: on ? { target: FRESH_TARGET } : null })}
        testId="toggle-closed"
      >
        {closed && target('closed', closed.target, (next) => set({ closed: { target: next } }))}
      </Toggled>
      <Toggled
        label="Nobody waits longer than"
        on={maxWait !== null}
        onChange={(on) => set({ maxWait: on ? { afterMs: 1_800_000, target: FRESH_TARGET } : null })}
        testId="toggle-maxWait"
      >
        {maxWait && (
          <>
            <TimeInput
              label="Longest wait"
              ms={maxWait.afterMs}
              error={error('maxWait.afterMs')}
              onChange={(afterMs) => set({ maxWait: { ...maxWait, afterMs: afterMs ?? 0 } })}
            />
            {target('maxWait', maxWait.target, (next) => set({ maxWait: { ...maxWait, target: next } }))}
          </>
        )}
      </Toggled>
    </Stack>
  );
}

interface AmountProps {
  one: Overflow;
  error: (name: string) => string | undefined;
  onChange: (one: Overflow) => void;
}

function Amount({ one, error, onChange }: AmountProps) {
  if (one.when === 'length')
    return (
      <NumberInput
        {...SMALL}
        label="Callers"
        min={1}
        max={100_000}
        value={one.waiting}
        error={error('waiting')}
        onChange={(value) => onChange({ ...one, waiting: Number(value) })}
      />
    );
  const name = one.when === 'wait' ? 'afterMs' : 'waitMs';
  const ms = one.when === 'wait' ? one.afterMs : one.waitMs;
  return (
    <TimeInput
      label={one.when === 'wait' ? 'After' : 'From'}
      ms={ms}
      error={error(name)}
      onChange={(next = 0) =>
        onChange(one.when === 'wait' ? { ...one, afterMs: next } : { ...one, waitMs: next })
      }
    />
  );
}

interface ToggledProps {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  testId: string;
  children: ReactNode;
}

function Toggled({ label, on, onChange, testId, children }: ToggledProps) {
  return (
    <div>
      <Switch
        size="xs"
        label={label}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
        data-testid={testId}
      />
      {on && (
        <Group gap="xs" align="flex-start" mt={6} role="group" aria-label={label}>
          {children}
        </Group>
      )}
    </div>
  );
}
