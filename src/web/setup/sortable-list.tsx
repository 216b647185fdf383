import { ActionIcon } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical, IconX } from '@tabler/icons-react';
import { type DragEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import classes from './sortable-list.module.css';

interface SortableListProps<T> {
  /** What the list is, for who does not see it. */
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  nameOf: (item: T) => string;
  /** What a line shows; default: its name. */
  show?: (item: T) => ReactNode;
  onChange: (items: T[]) => void;
  removable?: boolean;
  disabled?: boolean;
  testId?: string;
}

/** Things in an order that can be changed: dragged, by the arrows of a line, or by Alt with up and down. */
export function SortableList<T>(props: SortableListProps<T>) {
  const { label, items, keyOf, nameOf, show = nameOf, onChange, removable = false, disabled = false } = props;
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<number>();
  const [over, setOver] = useState<number>();
  const [said, setSaid] = useState('');

  const move = (from: number, to: number, focus?: string) => {
    const item = items[from];
    if (item === undefined || to < 0 || to >= items.length || to === from) return;
    onChange(items.toSpliced(from, 1).toSpliced(to, 0, item));
    setSaid(`${nameOf(item)} is now ${to + 1} of ${items.length}.`);
    if (focus) requestAnimationFrame(() => focusIn(list.current, to, focus));
  };
  const key = (event: KeyboardEvent, index: number) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const by = event.key === 'ArrowUp' ? -1 : 1;
    move(index, index + by, by < 0 ? 'up' : 'down');
  };
  const drop = (event: DragEvent, index: number) => {
    event.preventDefault();
    if (dragged !== undefined) move(dragged, index);
    setDragged(undefined);
    setOver(undefined);
  };
  return (
    <>
      <ol ref={list} className={classes.list} aria-label={label} data-testid={props.testId}>
        {items.map((item, index) => (
          <li
            key={keyOf(item)}
            className={classes.item}
            draggable={!disabled}
            data-over={(over === index && dragged !== undefined && dragged !== index) || undefined}
            onDragStart={() => setDragged(index)}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(index);
            }}
            onDrop={(event) => drop(event, index)}
            onKeyDown={(event) => key(event, index)}
          >
            {!disabled && <IconGripVertical size={15} className={classes.grip} aria-hidden />}
            <span className={classes.text}>{show(item)}</span>
            <ActionIcon
              aria-label={`Move ${nameOf(item)} up`}
              data-move="up"
              disabled={disabled || index === 0}
              onClick={() => move(index, index - 1, 'up')}
            >
              <IconArrowUp size={14} />
            </ActionIcon>
            <ActionIcon
              aria-label={`Move ${nameOf(item)} down`}
              data-move="down"
              disabled={disabled || index === items.length - 1}
              onClick={() => move(index, index + 1, 'down')}
            >
              <IconArrowDown size={14} />
            </ActionIcon>
            {removable && (
              <ActionIcon
                aria-label={`Remove ${nameOf(item)}`}
                disabled={disabled}
                onClick={() => onChange(items.toSpliced(index, 1))}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ol>
      <span className={classes.said} role="status">
        {said}
      </span>
    </>
  );
}

/** The button that moved the line goes with it; at an end of the list, where it is of no use, the other one. */
function focusIn(list: HTMLElement | null, index: number, direction: string): void {
  const buttons = [...(list?.children[index]?.querySelectorAll<HTMLButtonElement>('[data-move]') ?? [])];
  const usable = buttons.filter((button) => !button.disabled);
  (usable.find((button) => button.dataset.move === direction) ?? usable[0])?.focus();
}
