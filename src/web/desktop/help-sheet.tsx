import { ActionIcon, Modal, Tooltip } from '@mantine/core';
import { IconKeyboard } from '@tabler/icons-react';
import { useState } from 'react';
import { KeyHint } from '../ui/key-hint.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import classes from './help-sheet.module.css';
import { KEYS } from './keys.ts';

/** Opens the list of keys, by a button or `?`. */
export function HelpSheet({ className }: { className?: string }) {
  const [opened, setOpened] = useState(false);
  useHotkey('?', () => setOpened(true));
  return (
    <>
      <Tooltip label={<KeyHint keys="?" />}>
        <ActionIcon className={className} aria-label="Keyboard shortcuts" onClick={() => setOpened(true)}>
          <IconKeyboard size={18} stroke={1.8} />
        </ActionIcon>
      </Tooltip>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Keyboard shortcuts" size="lg">
        <dl className={classes.keys} data-testid="help-sheet">
          {KEYS.map(([keys, does]) => (
            <div key={keys}>
              <dt>
                <KeyHint keys={keys} />
                <span className="cp-visually-hidden">{keys}</span>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
}
