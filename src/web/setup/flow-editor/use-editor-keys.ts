import { useEffect, useEffectEvent } from 'react';
import { useHotkey } from '../../ui/use-hotkey.ts';

interface EditorKeys {
  add: () => void;
  find: () => void;
  tidy: (() => void) | undefined;
  fit: () => void;
  duplicate: () => void;
  selectAll: () => void;
  undo: (() => unknown) | undefined;
  redo: (() => unknown) | undefined;
  save: () => void;
}

/** What the keys do, for the help: those of a node that has the focus too. */
export const KEYS: readonly (readonly [string, string])[] = [
  ['A', 'add a node after the selected one'],
  ['F', 'find a node'],
  ['← → ↑ ↓', 'go from node to node'],
  ['Enter', 'the node’s settings; Escape leads back'],
  ['Shift + arrow', 'move the node'],
  ['Delete', 'delete what is selected'],
  ['Ctrl C X V', 'copy, cut, paste, also into another flow'],
  ['Ctrl D', 'duplicate'],
  ['Ctrl A', 'select all'],
  ['Ctrl Z', 'undo; with Shift, redo'],
  ['T', 'tidy up'],
  ['0', 'see all of it'],
];

/** The keys of the editor, wherever on its page the focus is; in a field they are letters. */
export function useEditorKeys(keys: EditorKeys): void {
  useHotkey('a', keys.add);
  useHotkey('f', keys.find);
  useHotkey('t', () => keys.tidy?.());
  useHotkey('0', keys.fit);
  const withControl = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const run =
      key === 's' ? keys.save : isTyping(event.target) ? undefined : commandOf(keys, key, event.shiftKey);
    if (!run) return;
    event.preventDefault();
    run();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => withControl(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

function commandOf(keys: EditorKeys, key: string, shift: boolean): (() => unknown) | undefined {
  if (key === 'z') return shift ? keys.redo : keys.undo;
  if (key === 'y') return keys.redo;
  if (key === 'a') return keys.selectAll;
  if (key === 'd') return keys.duplicate;
  return undefined;
}

/** Their own undo is theirs. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input,textarea,select,[contenteditable]') !== null;
}
