import { useState } from 'react';

const KEY = 'crosspoint.shortcuts';

/** Whether single keys do something; on unless switched off in this browser (WCAG 2.1.4). */
export function useShortcutsSetting(): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(read);
  const change = (next: boolean) => {
    setOn(next);
    write(next);
  };
  return [on, change];
}

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

function write(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off');
  } catch {
    // Not remembered then; it holds for this page.
    return;
  }
}
