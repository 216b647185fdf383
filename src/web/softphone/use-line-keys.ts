import type { Line, PlainVerb } from '../../protocol/softphone.ts';
import { useHotkey } from '../ui/use-hotkey.ts';
import type { Panel } from './line-buttons.tsx';
import { swapLine, verbsOf } from './lines.ts';
import { useSession } from './session-context.tsx';

/** The single keys that act on the line that the agent is busy with; a disabled button's key does nothing. */
export function useLineKeys(
  lines: readonly Line[],
  line: Line | undefined,
  on: boolean,
  toggle: (panel: Panel) => void,
): void {
  const session = useSession();
  const press = (...verbs: PlainVerb[]) => {
    const shown: readonly string[] = line ? verbsOf(line) : [];
    const verb = verbs.find((one) => line?.actions[one].enabled && shown.includes(one));
    if (line && verb) session.run({ verb, lineId: line.id });
  };
  const swap = () => {
    const held = swapLine(lines);
    if (held?.actions.retrieve.enabled) session.run({ verb: 'retrieve', lineId: held.id });
  };
  useHotkey('a', () => press('answer'), on);
  useHotkey('d', () => press('decline'), on);
  useHotkey('e', () => press('hangup'), on);
  useHotkey('h', () => press('hold', 'retrieve'), on);
  useHotkey('x', swap, on);
  useHotkey('m', () => press('mute', 'unmute'), on);
  useHotkey('k', () => line?.actions.dtmf.enabled && toggle('keypad'), on);
  useHotkey('t', () => line && mayGiveAway(line) && toggle('transfer'), on);
  useHotkey('o', () => press('complete'), on);
  useHotkey('j', () => press('conference'), on);
  useHotkey('b', () => press('cancel'), on);
  useHotkey('p', () => press('park'), on);
  useHotkey('r', () => press('record', 'record.pause', 'record.resume'), on);
  useHotkey('f', () => line?.wrap?.finish.enabled && void session.finishWrapUp(line.id), on);
  useHotkey(
    'n',
    () => document.querySelector<HTMLElement>('[data-testid="notes"]:not([hidden] *)')?.focus(),
    on,
  );
}

function mayGiveAway(line: Line): boolean {
  return line.actions.transfer.enabled || line.actions.consult.enabled;
}
