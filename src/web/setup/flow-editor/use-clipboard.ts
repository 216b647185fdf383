import { useEffect, useEffectEvent } from 'react';
import { z } from 'zod';
import { FlowNode } from '../../../protocol/flows.ts';
import { copyNodes, pasteNodes, removeNodes } from './model.ts';
import type { FlowEditor } from './use-flow-editor.ts';

/** Nodes as text on the clipboard: they go from flow to flow and from browser to browser. */
const Clip = z.object({ crosspointFlow: z.literal(1), nodes: z.array(FlowNode).min(1).max(500) });

/** Copy, cut and paste of the selected nodes, by the keys that the system has for it. */
export function useClipboard(editor: FlowEditor, tell: (what: string) => void): void {
  const { document: flow, selection, mayChange, change, select } = editor;
  const copy = useEffectEvent((event: ClipboardEvent) => {
    if (selection.size === 0 || isText(event)) return;
    const nodes = copyNodes(flow, selection);
    event.clipboardData?.setData('text/plain', JSON.stringify({ crosspointFlow: 1, nodes }));
    event.preventDefault();
    if (event.type === 'cut' && mayChange) {
      change((before) => removeNodes(before, selection));
      select([]);
    }
    tell(`${countText(nodes.length)} ${event.type === 'cut' ? 'cut' : 'copied'}`);
  });
  const paste = useEffectEvent((event: ClipboardEvent) => {
    if (!mayChange || isText(event)) return;
    const nodes = readClip(event.clipboardData?.getData('text/plain') ?? '');
    if (!nodes) return;
    event.preventDefault();
    const { document: pasted, ids } = pasteNodes(flow, nodes);
    change(() => pasted);
    const [first] = ids;
    if (ids.length === 1 && first !== undefined) editor.show(first);
    else select(ids);
    tell(`${countText(ids.length)} pasted`);
  });
  useEffect(() => {
    const onCopy = (event: ClipboardEvent) => copy(event);
    const onPaste = (event: ClipboardEvent) => paste(event);
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, []);
}

/** Text is copied and pasted as everywhere. */
function isText(event: ClipboardEvent): boolean {
  const { target } = event;
  const field =
    target instanceof HTMLElement && target.closest('input,textarea,select,[contenteditable]') !== null;
  return field || getSelection()?.isCollapsed === false;
}

function readClip(text: string): FlowNode[] | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return Clip.parse(JSON.parse(text)).nodes;
  } catch {
    return undefined;
  }
}

function countText(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`;
}
