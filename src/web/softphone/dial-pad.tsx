import { ActionIcon, Collapse, TextInput, Tooltip } from '@mantine/core';
import { IconBackspace, IconDialpad, IconPhone } from '@tabler/icons-react';
import { type FormEvent, type RefObject, useState } from 'react';
import { isEmergency } from '../../protocol/address.ts';
import type { Action } from '../../protocol/softphone.ts';
import { ActionButton } from './action-button.tsx';
import classes from './dial-pad.module.css';
import { Keypad } from './keypad.tsx';
import { usePending, useSession, useSoftphone } from './session-context.tsx';

/** A number field to type or paste into, with keys to click for those who like them. */
export function DialPad({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const session = useSession();
  const { dial, lines, user } = useSoftphone();
  const pending = usePending('dial');
  const [number, setNumber] = useState('');
  const [keys, setKeys] = useState(false);
  const [problem, setProblem] = useState<string>();
  // emergency numbers are called whatever the agent's state is
  const helps = [user.country, user.siteCountry ?? ''].some((country) => isEmergency(number, country));
  const action: Action = helps ? { enabled: true } : dial;
  const change = (text: string) => {
    setNumber(text);
    setProblem(undefined);
  };
  const call = async () => {
    if (!number.trim() || !action.enabled)
      return setProblem(action.enabled ? 'Type or paste a number first.' : action.text);
    try {
      await session.send({ verb: 'dial', number: number.trim() });
      change('');
      field.current?.blur(); // the call's keys work at once
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void call();
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Make a call">
      <div className={classes.row}>
        <TextInput
          ref={field}
          className={classes.field}
          type="tel"
          inputMode="tel"
          autoComplete="off"
          size="sm"
          aria-label="Number to call"
          placeholder="Number to call"
          maxLength={64}
          value={number}
          error={problem}
          onChange={(event) => change(event.currentTarget.value)}
          rightSection={number && <Erase onErase={() => change(number.slice(0, -1))} />}
          data-testid="dial-input"
        />
        <Tooltip label={keys ? 'Hide the keys' : 'Show the keys'}>
          <ActionIcon
            variant="default"
            size={42}
            aria-label={keys ? 'Hide the keys' : 'Show the keys'}
            aria-expanded={keys}
            onClick={() => setKeys(!keys)}
          >
            <IconDialpad size={20} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <div className={classes.call}>
          <ActionButton
            label="Call"
            icon={<IconPhone size={18} />}
            tone={lines.length > 0 ? 'plain' : 'ok'}
            wide
            action={action}
            pending={pending}
            testId="dial"
            onClick={() => void call()}
          />
        </div>
      </div>
      <Collapse expanded={keys}>
        {keys && <Keypad label="Dial pad" onKey={(key) => change(`${number}${key}`)} />}
      </Collapse>
    </form>
  );
}

function Erase({ onErase }: { onErase(): void }) {
  return (
    <ActionIcon aria-label="Erase the last digit" onClick={onErase}>
      <IconBackspace size={18} stroke={1.7} />
    </ActionIcon>
  );
}
