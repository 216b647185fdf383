import { Tooltip } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { createContext, type MouseEvent, type ReactNode, useContext } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import { formatPhone } from './format.ts';
import classes from './phone-number.module.css';
import { useViewer } from './viewer.tsx';

/** Who can dial: `dial` starts a call; when not `enabled`, `text` says why. */
export interface Dialer {
  dial: (number: string, record?: RecordRef) => void;
  enabled: boolean;
  text: string;
}

/** The record whose numbers stand below. */
export const NumbersOf = createContext<RecordRef | undefined>(undefined);

const DialContext = createContext<Dialer | undefined>(undefined);

/** Makes every PhoneNumber below click-to-dial. */
export function DialProvider({ value, children }: { value: Dialer; children: ReactNode }) {
  return <DialContext value={value}>{children}</DialContext>;
}

/** A telephone number as the viewer's country writes it; a click dials it where there is a phone. */
export function PhoneNumber({ value, onDial }: { value: string; onDial?: (number: string) => void }) {
  const dialer = useContext(DialContext);
  const record = useContext(NumbersOf);
  const text = formatPhone(value, useViewer().country);
  const dial = onDial ?? dialer?.dial;
  if (!dial) return <span className={classes.number}>{text}</span>;
  const disabled = !onDial && dialer?.enabled === false;
  const click = (event: MouseEvent) => {
    event.stopPropagation();
    if (!disabled) dial(value, record);
  };
  return (
    <Tooltip label={disabled ? dialer?.text : `Call ${text}`} disabled={disabled && !dialer?.text}>
      <button
        type="button"
        className={classes.link}
        data-testid="phone-link"
        data-number={value}
        aria-label={`Call ${text}`}
        aria-disabled={disabled}
        onClick={click}
      >
        <IconPhone size={13} className={classes.icon} aria-hidden />
        <span className={classes.number}>{text}</span>
      </button>
    </Tooltip>
  );
}
