import '@xyflow/react/dist/base.css';
import {
  Background,
  ConnectionMode,
  Controls,
  type Edge,
  type FinalConnectionState,
  MarkerType,
  MiniMap,
  type NodeChange,
  ReactFlow,
  SelectionMode,
  useReactFlow,
} from '@xyflow/react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Exit } from './model.ts';
import { connect, moveNodes, neighbour, nodeOf, removeNodes } from './model.ts';
import classes from './canvas.module.css';
import { AddAtExit, type CanvasNode, ENTRY, FlowNodeCard, problemText } from './flow-node.tsx';
import type { Place } from './layout.ts';
import { summaryOf } from './summary.ts';
import type { Trail } from './trail.ts';
import { kindOf, shownExits, titleOf, useEditor } from './use-flow-editor.ts';
import { useReferences } from './use-references.ts';

interface CanvasProps {
  trail: Trail | undefined;
  /** A node is wanted: at this place of the canvas where given, and led to by `after`. */
  onAdd: (wanted: { at?: Place; after?: Exit }) => void;
  /** A kind out of the palette was let go here. */
  onDropKind: (kind: string, at: Place) => void;
  /** A node was clicked. */
  onPick: () => void;
  /** The keyboard goes on in the panel. */
  onOpen: () => void;
}

/** How the palette says which kind is dragged. */
export const KIND_TYPE = 'application/x-crosspoint-node';
/** One push of Shift and an arrow, in pixels. */
const PUSH = 20;

const NODE_TYPES = { flow: FlowNodeCard };
const ARROWS = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'] as const;
type Arrow = (typeof ARROWS)[number];

/** The flow as it is drawn. */
export function Canvas({ trail, onAdd, onDropKind, onPick, onOpen }: CanvasProps) {
  const editor = useEditor();
  const { selection, mayChange, change, select } = editor;
  const { screenToFlowPosition } = useReactFlow();
  const element = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<ReadonlyMap<string, Place>>(new Map());
  const [sizes, setSizes] = useState<ReadonlyMap<string, { width: number; height: number }>>(new Map());
  const [edgeId, setEdgeId] = useState<string>();
  const nodes = useCanvasNodes(trail, dragged, sizes);
  const edges = useCanvasEdges(trail, edgeId);
  useShown(element);

  const takeChanges = (changes: NodeChange<CanvasNode>[]) => {
    const places = new Map<string, Place>();
    const measured = new Map<string, { width: number; height: number }>();
    let chosen: Set<string> | undefined;
    let dragging = false;
    for (const one of changes) {
      if (one.type === 'position' && one.position) {
        places.set(one.id, round(one.position));
        dragging ||= one.dragging === true;
      }
      if (one.type === 'dimensions' && one.dimensions) measured.set(one.id, one.dimensions);
      if (one.type !== 'select') continue;
      chosen ??= new Set(selection);
      if (one.selected) chosen.add(one.id);
      else chosen.delete(one.id);
    }
    if (measured.size > 0) setSizes((before) => new Map([...before, ...measured]));
    if (chosen) select(chosen);
    if (places.size === 0) return;
    if (dragging) return setDragged((before) => new Map([...before, ...places]));
    change((before) => moveNodes(before, new Map([...dragged, ...places])));
    setDragged(new Map());
  };

  const letGo = (event: MouseEvent | TouchEvent, { fromNode, fromHandle, toNode }: FinalConnectionState) => {
    if (toNode || !fromNode || !fromHandle?.id || fromHandle.type !== 'source') return;
    const { clientX, clientY } =
      'changedTouches' in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
    const { x, y } = screenToFlowPosition({ x: clientX, y: clientY });
    onAdd({ at: round({ x, y: y - 20 }), after: { nodeId: fromNode.id, exit: fromHandle.id } });
  };

  const remove = () => {
    if (edgeId !== undefined) {
      const exit = exitOf(edgeId);
      change((before) => connect(before, exit, null));
      return setEdgeId(undefined);
    }
    const gone = [...selection];
    if (gone.length === 0) return;
    change((before) => removeNodes(before, gone));
    select([]);
    element.current?.querySelector<HTMLElement>('.react-flow')?.focus();
  };
  const keys = useCanvasKeys(remove, onOpen);

  return (
    // The keys are those of the nodes, which have the focus.
    <div ref={element} className={classes.canvas} onKeyDown={keys} data-testid="flow-canvas">
      <AddAtExit value={mayChange ? (after) => onAdd({ after }) : undefined}>
        <ReactFlow<CanvasNode>
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          onNodesChange={takeChanges}
          onConnect={({ source, sourceHandle, target }) =>
            change((before) => connect(before, { nodeId: source, exit: sourceHandle ?? '' }, target))
          }
          onConnectEnd={letGo}
          onEdgeClick={(_, { id }) => {
            setEdgeId(id);
            select([]);
          }}
          onNodeClick={() => {
            setEdgeId(undefined);
            onPick();
          }}
          onPaneClick={() => {
            setEdgeId(undefined);
            select([]);
          }}
          onDragOver={(event) => {
            if (event.dataTransfer.types.includes(KIND_TYPE)) event.preventDefault();
          }}
          onDrop={(event) => {
            const kind = event.dataTransfer.getData(KIND_TYPE);
            if (kind)
              onDropKind(kind, round(screenToFlowPosition({ x: event.clientX - 40, y: event.clientY - 20 })));
          }}
          connectionMode={ConnectionMode.Strict}
          nodesDraggable={mayChange}
          nodesConnectable={mayChange}
          edgesFocusable={false}
          deleteKeyCode={null}
          disableKeyboardA11y
          selectionMode={SelectionMode.Partial}
          multiSelectionKeyCode={['Control', 'Meta']}
          selectionKeyCode="Shift"
          fitView
          fitViewOptions={FIT}
          minZoom={0.15}
          maxZoom={1.6}
          proOptions={{ hideAttribution: true }}
          tabIndex={-1}
          aria-label="Flow. Arrow keys lead from node to node."
        >
          <Background gap={20} size={1.2} color="var(--cp-dots)" />
          <Controls showInteractive={false} fitViewOptions={FIT} />
          <MiniMap
            pannable
            zoomable
            position="bottom-right"
            className={classes.map}
            style={MAP_SIZE}
            nodeColor={mapColor}
            nodeBorderRadius={8}
            ariaLabel="Map of the flow"
          />
        </ReactFlow>
      </AddAtExit>
    </div>
  );
}

const MAP_SIZE = { width: 150, height: 100 } as const;

/** A small flow is not blown up, a large one has a margin. */
export const FIT = { maxZoom: 1, padding: 0.12 } as const;

function mapColor({ data }: CanvasNode): string {
  if (data.trail === 'here') return 'var(--cp-ring)';
  return data.problems > 0 ? 'var(--mantine-color-error)' : 'var(--cp-map-node)';
}

function useCanvasNodes(
  trail: Trail | undefined,
  dragged: ReadonlyMap<string, Place>,
  sizes: ReadonlyMap<string, { width: number; height: number }>,
): CanvasNode[] {
  const { document, kinds, problems, selection } = useEditor();
  const { nameOf } = useReferences();
  // The one that the Tab key comes to.
  const entry = selection.size > 0 ? [...selection][0] : (document.start ?? document.nodes[0]?.id);
  return document.nodes.map((node): CanvasNode => {
    const kind = kindOf(kinds, node);
    const wrong = problems.filter(({ nodeId }) => nodeId === node.id);
    const title = titleOf(kinds, node);
    const start = document.start === node.id;
    const exits = shownExits(kinds, node).map((exit) => ({
      ...exit,
      connected: node.exits[exit.name] !== undefined,
      wrong: wrong.some((problem) => problem.exit === exit.name),
    }));
    return {
      id: node.id,
      type: 'flow',
      position: dragged.get(node.id) ?? node.at,
      measured: sizes.get(node.id),
      selected: selection.has(node.id),
      domAttributes: {
        tabIndex: node.id === entry ? 0 : -1,
        'aria-current': trail?.here === node.id ? 'step' : undefined,
      },
      ariaLabel: [
        title,
        kind && kind.label !== title ? kind.label : '',
        start ? 'start' : '',
        wrong.length > 0 ? problemText(wrong.length) : '',
        ...exits.map(({ name, label }) => exitText(label, node.exits[name], (id) => nameOfNode(id))),
      ]
        .filter(Boolean)
        .join(', '),
      data: {
        title,
        kind: node.kind,
        kindLabel: kind?.label ?? node.kind,
        group: kind?.group,
        lines: summaryOf(kind, node, nameOf, document.languages[0] ?? ''),
        exits,
        start,
        problems: wrong.length,
        trail: trail?.here === node.id ? 'here' : trail?.been.has(node.id) ? 'been' : undefined,
      },
    };
  });

  function nameOfNode(id: string): string {
    const node = nodeOf(document, id);
    return node ? titleOf(kinds, node) : id;
  }
}

function exitText(label: string, to: string | undefined, nameOfNode: (id: string) => string): string {
  return to === undefined ? `${label} leads nowhere` : `${label} leads to ${nameOfNode(to)}`;
}

function useCanvasEdges(trail: Trail | undefined, selected: string | undefined): Edge[] {
  const { document } = useEditor();
  return useMemo(() => {
    const places = new Map(document.nodes.map(({ id, at }) => [id, at]));
    return document.nodes.flatMap((node) =>
      Object.entries(node.exits)
        .filter(([, to]) => places.has(to))
        .map(([exit, to]): Edge => {
          const id = `${node.id}:${exit}`;
          const taken = trail?.taken.has(id) === true;
          const color = taken
            ? 'var(--cp-ring)'
            : id === selected
              ? 'var(--cp-edge-selected)'
              : 'var(--cp-edge)';
          return {
            id,
            // A way back goes round what lies between.
            type: (places.get(to)?.x ?? 0) > node.at.x ? 'default' : 'smoothstep',
            source: node.id,
            sourceHandle: exit,
            target: to,
            targetHandle: ENTRY,
            selected: id === selected,
            style: { stroke: color, strokeWidth: taken || id === selected ? 2.5 : 1.7 },
            markerEnd: { type: MarkerType.ArrowClosed, color, width: 16, height: 16 },
            zIndex: taken || id === selected ? 1 : 0,
          };
        }),
    );
  }, [document, trail, selected]);
}

function exitOf(edgeId: string): Exit {
  const [nodeId = '', exit = ''] = edgeId.split(':');
  return { nodeId, exit };
}

/** Brings what is to be shown into view and gives it the keyboard, as soon as it is on the canvas. */
function useShown(element: { current: HTMLDivElement | null }): void {
  const { shown } = useEditor();
  const { getNode, setCenter, getZoom } = useReactFlow();
  useEffect(() => {
    if (!shown) return;
    let frame = 0;
    let tries = 30;
    const look = () => {
      const found = element.current?.querySelector<HTMLElement>(
        `.react-flow__node[data-id="${CSS.escape(shown.id)}"]`,
      );
      found?.focus({ preventScroll: true });
      if (!found || document.activeElement !== found) {
        if (tries-- > 0) frame = requestAnimationFrame(look);
        return;
      }
      const node = getNode(shown.id);
      if (node && !isInside(found, element.current))
        void setCenter(
          node.position.x + (node.measured?.width ?? 0) / 2,
          node.position.y + (node.measured?.height ?? 0) / 2,
          { zoom: Math.max(getZoom(), 0.6) },
        );
    };
    look();
    return () => cancelAnimationFrame(frame);
  }, [shown, element, getNode, setCenter, getZoom]);
}

function isInside(node: HTMLElement, canvas: HTMLElement | null): boolean {
  const a = node.getBoundingClientRect();
  const b = canvas?.getBoundingClientRect();
  return b !== undefined && a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
}

/** The keys of a node that has the focus. */
function useCanvasKeys(remove: () => void, onOpen: () => void) {
  const { document, selection, mayChange, change, select, show } = useEditor();
  return (event: KeyboardEvent) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('.react-flow__node')?.dataset.id;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === 'Delete' || event.key === 'Backspace') && mayChange) {
      event.preventDefault();
      return remove();
    }
    if (id === undefined) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      select([id]);
      return onOpen();
    }
    if (event.key === ' ') {
      event.preventDefault();
      return select([id]);
    }
    if (event.key === 'Escape') return select([]);
    if (!isArrow(event.key)) return;
    event.preventDefault();
    if (event.shiftKey && mayChange) {
      const moved = selection.has(id) ? selection : new Set([id]);
      const by = PUSHES[event.key];
      const places = document.nodes
        .filter((node) => moved.has(node.id))
        .map(({ id: one, at }) => [one, { x: at.x + by.x, y: at.y + by.y }] as const);
      return change((before) => moveNodes(before, new Map(places)), 'push');
    }
    const next = neighbour(document, id, event.key);
    if (next !== undefined) show(next);
  };
}

const PUSHES: Record<Arrow, Place> = {
  ArrowUp: { x: 0, y: -PUSH },
  ArrowDown: { x: 0, y: PUSH },
  ArrowLeft: { x: -PUSH, y: 0 },
  ArrowRight: { x: PUSH, y: 0 },
};

function isArrow(key: string): key is Arrow {
  return (ARROWS as readonly string[]).includes(key);
}

function round({ x, y }: Place): Place {
  return { x: Math.round(x), y: Math.round(y) };
}
