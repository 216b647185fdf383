import { ActionIcon, Button, Checkbox, Popover, Tooltip } from '@mantine/core';
import { IconArrowUp, IconColumns3 } from '@tabler/icons-react';
import type { FieldMeta } from '../../protocol/crm.ts';
import classes from './columns-menu.module.css';

interface ColumnsMenuProps {
  fields: FieldMeta[];
  /** Names of those shown, in order. */
  shown: string[];
  onChange: (names: string[]) => void;
  onReset: () => void;
}

/** Which fields are columns, and in what order: those that are come first, each can be moved up. */
export function ColumnsMenu({ fields, shown, onChange, onReset }: ColumnsMenuProps) {
  const known = new Map(fields.map((field) => [field.name, field]));
  const chosen = shown.flatMap((name) => known.get(name) ?? []);
  const others = fields.filter((field) => !shown.includes(field.name));
  const raise = (name: string) => {
    const at = shown.indexOf(name);
    onChange(shown.toSpliced(at, 1).toSpliced(at - 1, 0, name));
  };
  return (
    <Popover position="bottom-end" withinPortal trapFocus shadow="md" width={270}>
      <Tooltip label="Columns">
        <Popover.Target>
          <ActionIcon variant="default" size={30} aria-label="Columns" data-testid="columns">
            <IconColumns3 size={16} stroke={1.7} />
          </ActionIcon>
        </Popover.Target>
      </Tooltip>
      <Popover.Dropdown className={classes.dropdown}>
        {[...chosen, ...others].map((field) => {
          const at = shown.indexOf(field.name);
          return (
            <div key={field.name} className={classes.row}>
              <Checkbox
                size="xs"
                label={field.label}
                checked={at >= 0}
                disabled={at >= 0 && chosen.length === 1}
                onChange={() => onChange(at >= 0 ? shown.toSpliced(at, 1) : [...shown, field.name])}
              />
              {at > 0 && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`Move ${field.label} to the front`}
                  onClick={() => raise(field.name)}
                >
                  <IconArrowUp size={13} />
                </ActionIcon>
              )}
            </div>
          );
        })}
        <Button variant="subtle" size="compact-xs" mt={6} onClick={onReset}>
          As the object has them
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
