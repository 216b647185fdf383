/** What the parts of a step have in common. */
import { Select } from '@mantine/core';
import type { ObjectMeta } from '../../protocol/crm.ts';
import type { ScriptStep } from '../../protocol/scripts.ts';

export interface StepPartProps<S extends ScriptStep = ScriptStep> {
  step: S;
  objects: ObjectMeta[];
  targets: { value: string; label: string }[];
  error: (path: string) => string | undefined;
  onChange: (step: S) => void;
}

/** Where a step leads; nothing chosen ends the script. */
export function Target({
  label,
  value,
  targets,
  onTarget,
}: Pick<StepPartProps, 'targets'> & {
  label: string;
  value: string | null;
  onTarget: (to: string | null) => void;
}) {
  return (
    <Select
      size="xs"
      label={label}
      placeholder="The script ends"
      data={targets}
      clearable
      value={value}
      onChange={onTarget}
    />
  );
}
