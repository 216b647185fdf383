import { ActionIcon, Button, Input, NumberInput, Table, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import type { PrefixRule } from '../../protocol/trunks.ts';

interface PrefixRulesProps {
  label: string;
  help: string;
  name: string;
  rules: PrefixRule[];
  error: (path: string) => string | undefined;
  onChange: (rules: PrefixRule[]) => void;
}

/** Rules for the beginning of a number, in their order: the first that fits is the only one. */
export function PrefixRules({ label, help, name, rules, error, onChange }: PrefixRulesProps) {
  const set = (index: number, change: Partial<PrefixRule>) =>
    onChange(rules.map((rule, at) => (at === index ? { ...rule, ...change } : rule)));
  const move = (index: number, to: number) => {
    const rule = rules[index];
    if (rule) onChange(rules.toSpliced(index, 1).toSpliced(to, 0, rule));
  };
  return (
    <Input.Wrapper label={label} labelElement="div" description={help} size="xs" data-field={name}>
      {rules.length > 0 && (
        <Table aria-label={label} verticalSpacing={4} horizontalSpacing={6} withRowBorders={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Begins with</Table.Th>
              <Table.Th>Length</Table.Th>
              <Table.Th>Take away</Table.Th>
              <Table.Th>Put in front</Table.Th>
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rules.map((rule, index) => (
              // Rules have no identity but their place.
              <Table.Tr key={index}>
                <Table.Td>
                  <TextInput
                    size="xs"
                    aria-label={`Rule ${index + 1}: begins with`}
                    value={rule.prefix}
                    error={error(`${name}.${index}.prefix`)}
                    onChange={(event) => set(index, { prefix: event.currentTarget.value })}
                  />
                </Table.Td>
                <Table.Td>
                  <NumberInput
                    size="xs"
                    aria-label={`Rule ${index + 1}: length`}
                    placeholder="any"
                    value={rule.length ?? ''}
                    error={error(`${name}.${index}.length`)}
                    onChange={(length) => set(index, { length: length === '' ? undefined : Number(length) })}
                  />
                </Table.Td>
                <Table.Td>
                  <NumberInput
                    size="xs"
                    aria-label={`Rule ${index + 1}: characters to take away`}
                    value={rule.strip}
                    error={error(`${name}.${index}.strip`)}
                    onChange={(strip) => set(index, { strip: Number(strip) })}
                  />
                </Table.Td>
                <Table.Td>
                  <TextInput
                    size="xs"
                    aria-label={`Rule ${index + 1}: put in front`}
                    value={rule.prepend}
                    error={error(`${name}.${index}.prepend`)}
                    onChange={(event) => set(index, { prepend: event.currentTarget.value })}
                  />
                </Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  <ActionIcon
                    aria-label={`Move rule ${index + 1} up`}
                    disabled={index === 0}
                    onClick={() => move(index, index - 1)}
                  >
                    <IconArrowUp size={15} />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={`Move rule ${index + 1} down`}
                    disabled={index === rules.length - 1}
                    onClick={() => move(index, index + 1)}
                  >
                    <IconArrowDown size={15} />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={`Remove rule ${index + 1}`}
                    onClick={() => onChange(rules.toSpliced(index, 1))}
                  >
                    <IconX size={15} />
                  </ActionIcon>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Button
        variant="subtle"
        size="compact-xs"
        mt={4}
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...rules, { prefix: '', strip: 0, prepend: '' }])}
      >
        Add a rule
      </Button>
    </Input.Wrapper>
  );
}
