import type { Line } from '../../protocol/softphone.ts';
import { useHotkey } from '../ui/use-hotkey.ts';
import { type ShownVerb, verbsOf } from './lines.ts';
import { useSession } from './session-context.tsx';

/** The single keys that act on the line that the agent is busy with; a disabled button's key does nothing. */
export function useLineKeys(line: Line | undefined, on: boolean, toggleKeypad: () => void): void {
  const session = useSession();
  const press = (...verbs: Exclude<ShownVerb, 'dtmf'>[]) => {
    const verb = verbs.find((one) => line && verbsOf(line).includes(one) && line.actions[one].enabled);
    if (line && verb) session.run({ verb, lineId: line.id });
  };
  useHotkey('a', () => press('answer'), on);
  useHotkey('d', () => press('decline'), on);
  useHotkey('e', () => press('hangup'), on);
  useHotkey('h', () => press('hold', 'retrieve'), on);
  useHotkey('m', () => press('mute', 'unmute'), on);
  useHotkey('k', () => line?.actions.dtmf.enabled && toggleKeypad(), on);
  useHotkey('f', () => line?.wrap?.finish.enabled && void session.finishWrapUp(line.id), on);
  useHotkey(
    'n',
    () => document.querySelector<HTMLElement>('[data-testid="notes"]:not([hidden] *)')?.focus(),
    on,
  );
}
