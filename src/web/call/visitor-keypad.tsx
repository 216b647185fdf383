import { UnstyledButton } from '@mantine/core';
import classes from './call-page.module.css';

const KEYS = [...'123456789*0#'];
const SPOKEN: Record<string, string> = { '*': 'Star', '#': 'Hash' };

/** Twelve keys for menus that ask for digits. */
export function VisitorKeypad({ onKey }: { onKey(key: string): void }) {
  return (
    <div className={classes.keys} role="group" aria-label="Keypad">
      {KEYS.map((key) => (
        <UnstyledButton
          key={key}
          className={classes.key}
          aria-label={SPOKEN[key] ?? key}
          onClick={() => onKey(key)}
        >
          {key}
        </UnstyledButton>
      ))}
    </div>
  );
}
