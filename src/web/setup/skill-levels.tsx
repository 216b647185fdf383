import { Anchor, CloseButton, Group, Input, NativeSelect, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Skill, SkillLevel } from '../../protocol/skills.ts';
import { useRecords } from './resource.ts';

interface SkillLevelsProps {
  /** Name of the form's field. */
  name: string;
  /** What a level is to it, such as `Level`. */
  levelLabel: string;
  values: readonly SkillLevel[];
  /** What a skill gets when it is added. */
  firstLevel: number;
  error: string | undefined;
  onChange: (values: SkillLevel[]) => void;
}

const LEVELS = Array.from({ length: 10 }, (_, index) => String(index + 1));

/** Skills with a level each, from 1 to 10: what a user can do, or what a queue asks for. */
export function SkillLevels({ name, levelLabel, values, firstLevel, error, onChange }: SkillLevelsProps) {
  const skills = useRecords<Skill>('skills').data;
  if (skills?.length === 0)
    return (
      <Text size="sm" c="dimmed">
        There are no skills yet:{' '}
        <Anchor component={Link} href="/skills/new" inherit underline="always">
          make one
        </Anchor>
        .
      </Text>
    );
  const others = (skills ?? []).filter(({ id }) => !values.some(({ skillId }) => skillId === id));
  return (
    <Input.Wrapper error={error} size="xs" data-field={name} data-testid={`field-${name}`}>
      <Stack gap={6} align="flex-start">
        {values.map(({ skillId, level }) => {
          const label = skills?.find(({ id }) => id === skillId)?.label ?? skillId;
          return (
            <Group key={skillId} gap="xs" wrap="nowrap">
              <Text size="sm" w={200} truncate>
                {label}
              </Text>
              <NativeSelect
                size="xs"
                aria-label={`${levelLabel} of ${label}`}
                data={LEVELS}
                value={String(level)}
                onChange={(event) => {
                  const next = Number(event.currentTarget.value);
                  onChange(values.map((one) => (one.skillId === skillId ? { skillId, level: next } : one)));
                }}
              />
              <CloseButton
                size="sm"
                aria-label={`Remove ${label}`}
                onClick={() => onChange(values.filter((one) => one.skillId !== skillId))}
              />
            </Group>
          );
        })}
        {others.length > 0 && (
          <NativeSelect
            size="xs"
            w={200}
            aria-label="Add a skill"
            data={[
              { value: '', label: 'Add a skill…' },
              ...others.map(({ id, label }) => ({ value: id, label })),
            ]}
            value=""
            onChange={(event) => {
              const skillId = event.currentTarget.value;
              if (skillId !== '') onChange([...values, { skillId, level: firstLevel }]);
            }}
            data-testid={`add-${name}`}
          />
        )}
      </Stack>
    </Input.Wrapper>
  );
}
