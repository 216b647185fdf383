import { UnstyledButton } from '@mantine/core';
import { useEffect } from 'react';
import classes from './keypad.module.css';

const KEYS: [key: string, letters: string][] = [
  ['1', ''],
  ['2', 'ABC'],
  ['3', 'DEF'],
  ['4', 'GHI'],
  ['5', 'JKL'],
  ['6', 'MNO'],
  ['7', 'PQRS'],
  ['8', 'TUV'],
  ['9', 'WXYZ'],
  ['*', ''],
  ['0', '+'],
  ['#', ''],
];

const SPOKEN: Record<string, string> = { '*': 'Star', '#': 'Hash' };

interface KeypadProps {
  label: string;
  onKey(key: string): void;
  /** Typed digits press the keys as well, while no field has the focus. */
  listen?: boolean;
}

/** Twelve keys, as on a telephone. */
export function Keypad({ label, onKey, listen = false }: KeypadProps) {
  useTypedDigits(onKey, listen);
  return (
    <div className={classes.pad} role="group" aria-label={label}>
      {KEYS.map(([key, letters]) => (
        <UnstyledButton
          key={key}
          className={classes.key}
          aria-label={SPOKEN[key] ?? key}
          data-testid={`key-${key}`}
          onClick={() => onKey(key)}
        >
          <span>{key}</span>
          <small aria-hidden>{letters}</small>
        </UnstyledButton>
      ))}
    </div>
  );
}

function useTypedDigits(onKey: (key: string) => void, listen: boolean): void {
  useEffect(() => {
    if (!listen) return;
    const press = (event: KeyboardEvent) => {
      const field =
        event.target instanceof HTMLElement &&
        event.target.closest('input, textarea, select, [contenteditable]');
      if (field || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9*#]$/.test(event.key)) return;
      event.preventDefault();
      onKey(event.key);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [onKey, listen]);
}
