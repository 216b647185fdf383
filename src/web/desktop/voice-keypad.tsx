import { Button } from '@mantine/core';
import classes from './voice-dock.module.css';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** Digits into the call, one by one. */
export function VoiceKeypad({ onDigits }: { onDigits: (digits: string) => void }) {
  return (
    <div className={classes.card} role="group" aria-label="Keypad">
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(3, 1fr)', gap: 6 }}>
        {KEYS.map((key) => (
          <Button key={key} variant="default" onClick={() => onDigits(key)}>
            {key}
          </Button>
        ))}
      </div>
    </div>
  );
}
