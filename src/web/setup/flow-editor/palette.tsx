import { CloseButton, TextInput, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { FLOW_NODE_GROUPS, type FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import { KIND_TYPE } from './canvas.tsx';
import { GROUP_LABELS, KindIcon } from './kind-icons.tsx';
import classes from './palette.module.css';
import { useEditor } from './use-flow-editor.ts';

interface PaletteProps {
  /** Where the new node will hang, in words. */
  where: string | undefined;
  onChoose: (kind: FlowNodeKind) => void;
  onClose: () => void;
}

/** The kinds of nodes: typed for and chosen by keyboard, clicked, or dragged onto the canvas. */
export function Palette({ where, onChoose, onClose }: PaletteProps) {
  const { kinds } = useEditor();
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const wanted = text.trim().toLowerCase();
  const found = [...kinds.values()].filter(
    ({ label, kind, help }) =>
      wanted === '' || `${label} ${kind} ${firstSentence(help)}`.toLowerCase().includes(wanted),
  );
  const ordered = FLOW_NODE_GROUPS.flatMap((group) => found.filter((kind) => kind.group === group)).sort(
    (a, b) => Number(startsWith(b, wanted)) - Number(startsWith(a, wanted)),
  );
  useEffect(() => {
    input.current?.focus();
  }, []);
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      return onClose();
    }
    if (event.key === 'Enter' && event.target === input.current) {
      event.preventDefault();
      const [first] = ordered;
      if (first) onChoose(first);
      return;
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at =
      buttons.indexOf(document.activeElement as HTMLButtonElement) + (event.key === 'ArrowDown' ? 1 : -1);
    (at < 0 ? input.current : buttons[Math.min(at, buttons.length - 1)])?.focus();
  };
  return (
    <div
      className={classes.palette}
      role="dialog"
      aria-label="Add a node"
      onKeyDown={keys}
      data-testid="palette"
    >
      <div className={classes.head}>
        <TextInput
          ref={input}
          size="xs"
          aria-label="Kind of node"
          placeholder="Add: menu, queue, say…"
          leftSection={<IconSearch size={14} />}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          data-testid="palette-find"
        />
        <CloseButton size="sm" aria-label="Close" onClick={onClose} />
      </div>
      {where && <p className={classes.where}>{where}</p>}
      <div ref={list} className={classes.kinds}>
        {wanted === ''
          ? FLOW_NODE_GROUPS.map((group) => (
              <section key={group} aria-label={GROUP_LABELS[group]}>
                <h3 className={classes.group}>{GROUP_LABELS[group]}</h3>
                {ordered
                  .filter((kind) => kind.group === group)
                  .map((kind) => (
                    <KindButton key={kind.kind} kind={kind} onChoose={onChoose} />
                  ))}
              </section>
            ))
          : ordered.map((kind) => <KindButton key={kind.kind} kind={kind} onChoose={onChoose} />)}
        {ordered.length === 0 && <p className={classes.where}>No kind of node is called “{text.trim()}”.</p>}
      </div>
    </div>
  );
}

function KindButton({ kind, onChoose }: { kind: FlowNodeKind; onChoose: (kind: FlowNodeKind) => void }) {
  return (
    <UnstyledButton
      className={classes.kind}
      draggable
      onDragStart={({ dataTransfer }) => {
        dataTransfer.setData(KIND_TYPE, kind.kind);
        dataTransfer.effectAllowed = 'copy';
      }}
      onClick={() => onChoose(kind)}
      data-testid={`add-${kind.kind}`}
    >
      <KindIcon kind={kind.kind} group={kind.group} size={24} />
      <span className={classes.words}>
        <span className={classes.label}>{kind.label}</span>
        <span className={classes.hint}>{firstSentence(kind.help)}</span>
      </span>
    </UnstyledButton>
  );
}

function startsWith({ label, kind }: FlowNodeKind, text: string): boolean {
  return text !== '' && (label.toLowerCase().startsWith(text) || kind.startsWith(text));
}

function firstSentence(help: string): string {
  return (/^[^\n]*?[.:](?=\s|$)/.exec(help.trim())?.[0] ?? help.trim().split('\n')[0] ?? '')
    .replace(/[`*]/g, '')
    .replace(/:$/, '.');
}
