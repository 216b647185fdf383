/** What differs between two documents of a flow, for people: places on the canvas are left out. */
import type { FlowKinds } from '../../../protocol/flow-check.ts';
import { exitsOf } from '../../../protocol/flow-nodes.ts';
import type { FlowDocument, FlowNode } from '../../../protocol/flows.ts';

export interface Difference {
  /** Null: of the flow itself. */
  nodeId: string | null;
  title: string;
  how: 'added' | 'removed' | 'changed';
  /** What is other in a changed one. */
  changes: { what: string; before: string; after: string }[];
}

/** From `before` to `after`: the flow itself, then node by node as `after` has them, then what is gone. */
export function compare(before: FlowDocument, after: FlowDocument, kinds: FlowKinds): Difference[] {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const here = new Set(after.nodes.map(({ id }) => id));
  const name = nameIn(kinds);
  const targets = (id: string | undefined, { nodes }: FlowDocument) => {
    const node = nodes.find((one) => one.id === id);
    return node ? name(node) : (id ?? '');
  };
  const flow = [
    changeOf('Languages', before.languages.join(', '), after.languages.join(', ')),
    changeOf(
      'Callers begin at',
      targets(before.start ?? undefined, before),
      targets(after.start ?? undefined, after),
    ),
  ].flatMap((change) => change ?? []);
  return [
    ...(flow.length > 0 ? [{ nodeId: null, title: 'The flow', how: 'changed' as const, changes: flow }] : []),
    ...after.nodes.flatMap((node): Difference[] => {
      const was = old.get(node.id);
      if (!was) return [{ nodeId: node.id, title: name(node), how: 'added', changes: [] }];
      const changes = nodeChanges(was, node, kinds, (id, side) =>
        targets(id, side === 'before' ? before : after),
      );
      return changes.length > 0 ? [{ nodeId: node.id, title: name(node), how: 'changed', changes }] : [];
    }),
    ...before.nodes
      .filter(({ id }) => !here.has(id))
      .map((node): Difference => ({ nodeId: node.id, title: name(node), how: 'removed', changes: [] })),
  ];
}

function nodeChanges(
  was: FlowNode,
  node: FlowNode,
  kinds: FlowKinds,
  targetOf: (id: string | undefined, side: 'before' | 'after') => string,
): Difference['changes'] {
  const kind = kinds.get(node.kind);
  const label = (name: string) => kind?.fields.find((field) => field.name === name)?.label ?? name;
  const exitLabel = (name: string) =>
    (kind && exitsOf(kind, node).find((exit) => exit.name === name)?.label) ?? name;
  return [
    changeOf('Kind', was.kind, node.kind),
    changeOf('Title', was.label, node.label),
    ...keysOf(was.settings, node.settings).map((key) =>
      changeOf(label(key), plain(was.settings[key]), plain(node.settings[key])),
    ),
    ...keysOf(was.exits, node.exits).map((exit) =>
      was.exits[exit] === node.exits[exit]
        ? undefined
        : changeOf(
            `${exitLabel(exit)} leads to`,
            targetOf(was.exits[exit], 'before'),
            targetOf(node.exits[exit], 'after'),
            true,
          ),
    ),
  ].flatMap((change) => change ?? []);
}

function nameIn(kinds: FlowKinds): (node: FlowNode) => string {
  return ({ label, kind, id }) => label || `${kinds.get(kind)?.label ?? kind} (${id})`;
}

function changeOf(
  what: string,
  before: string,
  after: string,
  always = false,
): Difference['changes'][number] | undefined {
  return before === after && !always ? undefined : { what, before, after };
}

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

/** A value in one line: words as they are, what has parts with their names. */
function plain(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(plain).join('; ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([key, part]) => [key, plain(part)] as const)
    .filter(([, part]) => part !== '')
    .map(([key, part]) => (key === 'text' ? part : `${key}: ${part}`))
    .join(', ');
}
