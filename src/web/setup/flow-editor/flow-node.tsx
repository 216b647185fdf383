import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { IconAlertTriangleFilled, IconFlag, IconPlus } from '@tabler/icons-react';
import { createContext, memo, useContext } from 'react';
import type { FlowExit, FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import classes from './flow-node.module.css';
import { KindIcon } from './kind-icons.tsx';
import type { Exit } from './model.ts';

interface NodeView extends Record<string, unknown> {
  title: string;
  kind: string;
  kindLabel: string;
  group: FlowNodeKind['group'] | undefined;
  /** What its settings say. */
  lines: readonly string[];
  exits: readonly (FlowExit & { connected: boolean; wrong: boolean })[];
  start: boolean;
  problems: number;
  /** In the try-out: the caller is here, or has been. */
  trail: 'here' | 'been' | undefined;
}

export type CanvasNode = Node<NodeView, 'flow'>;

/** Adds a node at an exit; undefined when nothing can be changed. */
export const AddAtExit = createContext<((after: Exit) => void) | undefined>(undefined);

/** The one handle where lines come in. */
export const ENTRY = 'in';

/** A node on the canvas: what it is, what it does, and where it leads. */
export const FlowNodeCard = memo(function FlowNodeCard({ id, data, selected }: NodeProps<CanvasNode>) {
  const onAdd = useContext(AddAtExit);
  const { title, kind, kindLabel, group, lines, exits, start, problems, trail } = data;
  return (
    <div
      className={classes.card}
      data-selected={selected || undefined}
      data-wrong={problems > 0 || undefined}
      data-trail={trail}
    >
      <Handle type="target" position={Position.Left} id={ENTRY} className={classes.entry} />
      <div className={classes.head}>
        <KindIcon kind={kind} group={group} />
        <div className={classes.titles}>
          <div className={classes.title}>{title}</div>
          {title !== kindLabel && <div className={classes.kind}>{kindLabel}</div>}
        </div>
        {start && (
          <span className={classes.start}>
            <IconFlag size={12} aria-hidden /> Start
          </span>
        )}
        {problems > 0 && (
          <span className={classes.problems} title={problemText(problems)}>
            <IconAlertTriangleFilled size={13} aria-hidden /> {problems}
          </span>
        )}
      </div>
      {lines.length > 0 && (
        <div className={classes.lines}>
          {lines.map((line) => (
            <div key={line} className={classes.line}>
              {line}
            </div>
          ))}
        </div>
      )}
      {exits.length > 0 && (
        <ul className={classes.exits}>
          {exits.map(({ name, label, connected, wrong }) => (
            <li
              key={name}
              className={classes.exit}
              data-open={!connected || undefined}
              data-wrong={wrong || undefined}
            >
              <span className={classes.exitLabel}>{label}</span>
              {!connected && onAdd && (
                // By keyboard, a node is added with the key A, and an exit is connected in the panel.
                <button
                  type="button"
                  tabIndex={-1}
                  className={`nodrag nopan ${classes.add}`}
                  title={`Add a node at “${label}”`}
                  aria-label={`Add a node at ${label}`}
                  onClick={(event) => {
                    event.stopPropagation();
                    onAdd({ nodeId: id, exit: name });
                  }}
                >
                  <IconPlus size={12} aria-hidden />
                </button>
              )}
              <Handle type="source" position={Position.Right} id={name} className={classes.handle} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
});

/** `1 problem`, `2 problems`. */
export function problemText(count: number): string {
  return count === 1 ? '1 problem' : `${count} problems`;
}
