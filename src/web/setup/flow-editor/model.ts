/** What the editor does to a flow's document: pure, a new document for every change. */
import type { FlowDocument, FlowNode } from '../../../protocol/flows.ts';
import type { Place } from './layout.ts';

/** One exit of one node. */
export interface Exit {
  nodeId: string;
  exit: string;
}

/** The place right of a node, where the next one goes; in pixels of the canvas. */
const NEXT_TO: Place = { x: 330, y: 0 };
/** How far a copy lies from what was copied. */
const COPY_OFFSET: Place = { x: 40, y: 40 };
/** Nodes whose corners are nearer than this hide each other. */
const TOO_NEAR = 60;

/** The node of this id; undefined where there is none (any more). */
export function nodeOf(document: FlowDocument, id: string | null): FlowNode | undefined {
  return document.nodes.find((node) => node.id === id);
}

/** A name that no node has yet: `menu`, then `menu-2`. */
export function freeId(kind: string, taken: ReadonlySet<string>): string {
  const base = kind.slice(0, 34);
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number++;
  return `${base}-${number}`;
}

interface NewNode {
  kind: string;
  settings: FlowNode['settings'];
}

/**
 * Adds a node, led to by `after` where given and by nothing else where not; a first node is the start.
 * @param at where it goes; default: right of the node that it comes after, below what lies there.
 */
export function addNode(
  document: FlowDocument,
  { kind, settings }: NewNode,
  { at, after }: { at?: Place; after?: Exit } = {},
): { document: FlowDocument; id: string } {
  const id = freeId(kind, idsOf(document));
  const before = nodeOf(document, after?.nodeId ?? null);
  const wanted = at ?? (before ? plus(before.at, NEXT_TO) : belowAll(document));
  const node: FlowNode = { id, kind, label: '', settings, exits: {}, at: freePlace(document, wanted) };
  const added = { ...document, start: document.start ?? id, nodes: [...document.nodes, node] };
  return { document: after ? connect(added, after, id) : added, id };
}

/** Leads an exit to a node, or nowhere. */
export function connect(document: FlowDocument, { nodeId, exit }: Exit, to: string | null): FlowDocument {
  return changeNode(document, nodeId, (node) => {
    const { [exit]: before, ...others } = node.exits;
    if (before === (to ?? undefined)) return node;
    return { ...node, exits: to === null ? others : { ...others, [exit]: to } };
  });
}

/** Every exit that leads here. */
export function leadingTo(document: FlowDocument, id: string): Exit[] {
  return document.nodes.flatMap((node) =>
    Object.entries(node.exits)
      .filter(([, to]) => to === id)
      .map(([exit]) => ({ nodeId: node.id, exit })),
  );
}

/** Changes one node; the same document where it is not there or stays as it is. */
export function changeNode(
  document: FlowDocument,
  id: string,
  change: (node: FlowNode) => FlowNode,
): FlowDocument {
  const index = document.nodes.findIndex((node) => node.id === id);
  const node = document.nodes[index];
  const next = node && change(node);
  return next === undefined || next === node
    ? document
    : { ...document, nodes: document.nodes.with(index, next) };
}

/** Removes nodes and what leads to them. */
export function removeNodes(document: FlowDocument, ids: Iterable<string>): FlowDocument {
  const gone = new Set(ids);
  if (!document.nodes.some(({ id }) => gone.has(id))) return document;
  const nodes = document.nodes
    .filter(({ id }) => !gone.has(id))
    .map((node) =>
      Object.values(node.exits).some((to) => gone.has(to))
        ? { ...node, exits: Object.fromEntries(Object.entries(node.exits).filter(([, to]) => !gone.has(to))) }
        : node,
    );
  const start = document.start !== null && gone.has(document.start) ? null : document.start;
  return { ...document, start, nodes };
}

/** Puts nodes where they were dragged or tidied to. */
export function moveNodes(document: FlowDocument, places: ReadonlyMap<string, Place>): FlowDocument {
  let moved = false;
  const nodes = document.nodes.map((node) => {
    const at = places.get(node.id);
    if (!at || (at.x === node.at.x && at.y === node.at.y)) return node;
    moved = true;
    return { ...node, at };
  });
  return moved ? { ...document, nodes } : document;
}

/** Nodes as they were copied, with the exits that lead among them and out of them. */
export function copyNodes(document: FlowDocument, ids: ReadonlySet<string>): FlowNode[] {
  return document.nodes.filter(({ id }) => ids.has(id));
}

/**
 * Puts copied nodes beside where they were, under new names. Exits among them lead among the copies; exits to others lead to
 * the same others where the flow has them.
 */
export function pasteNodes(
  document: FlowDocument,
  copied: readonly FlowNode[],
): { document: FlowDocument; ids: string[] } {
  const taken = idsOf(document);
  const names = new Map<string, string>();
  for (const { id, kind } of copied) {
    const name = freeId(kind, taken);
    taken.add(name);
    names.set(id, name);
  }
  const here = idsOf(document);
  const offset = freeOffset(document, copied);
  const nodes = copied.map((node) => ({
    ...node,
    id: names.get(node.id) ?? node.id,
    at: plus(node.at, offset),
    exits: Object.fromEntries(
      Object.entries(node.exits).flatMap(([exit, to]) => {
        const target = names.get(to) ?? (here.has(to) ? to : undefined);
        return target === undefined ? [] : [[exit, target]];
      }),
    ),
  }));
  const start = document.start ?? nodes[0]?.id ?? null;
  return { document: { ...document, start, nodes: [...document.nodes, ...nodes] }, ids: [...names.values()] };
}

/** Where the arrow keys lead: along the exits, back against them, and to what lies above and below. */
export function neighbour(
  document: FlowDocument,
  id: string,
  key: 'ArrowRight' | 'ArrowLeft' | 'ArrowUp' | 'ArrowDown',
): string | undefined {
  const node = nodeOf(document, id);
  if (!node) return undefined;
  if (key === 'ArrowRight') return topmost(document, new Set(Object.values(node.exits)), id);
  if (key === 'ArrowLeft')
    return topmost(document, new Set(leadingTo(document, id).map(({ nodeId }) => nodeId)), id);
  return beside(document, node, key === 'ArrowUp' ? -1 : 1);
}

function topmost(document: FlowDocument, ids: ReadonlySet<string>, but: string): string | undefined {
  return document.nodes
    .filter((node) => ids.has(node.id) && node.id !== but)
    .sort((a, b) => a.at.y - b.at.y || a.at.x - b.at.x)[0]?.id;
}

/** The nearest one in this direction; what lies aside counts as twice as far. */
function beside(document: FlowDocument, from: FlowNode, direction: 1 | -1): string | undefined {
  const distance = ({ at }: FlowNode) => (at.y - from.at.y) * direction + 2 * Math.abs(at.x - from.at.x);
  return document.nodes
    .filter(({ id, at }) => id !== from.id && (at.y - from.at.y) * direction > 0)
    .sort((a, b) => distance(a) - distance(b))[0]?.id;
}

function idsOf(document: FlowDocument): Set<string> {
  return new Set(document.nodes.map(({ id }) => id));
}

function plus(a: Place, b: Place): Place {
  return { x: a.x + b.x, y: a.y + b.y };
}

function belowAll({ nodes }: FlowDocument): Place {
  if (nodes.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...nodes.map(({ at }) => at.x)), y: Math.max(...nodes.map(({ at }) => at.y)) + 180 };
}

/** The place, or the next one below it that hides nothing. */
function freePlace({ nodes }: FlowDocument, wanted: Place): Place {
  let place = wanted;
  while (nodes.some(({ at }) => Math.hypot(at.x - place.x, at.y - place.y) < TOO_NEAR))
    place = { x: place.x, y: place.y + 140 };
  return place;
}

function freeOffset({ nodes }: FlowDocument, copied: readonly FlowNode[]): Place {
  const places = new Set(nodes.map(({ at }) => `${at.x},${at.y}`));
  let offset = COPY_OFFSET;
  while (copied.some(({ at }) => places.has(`${at.x + offset.x},${at.y + offset.y}`)))
    offset = plus(offset, COPY_OFFSET);
  return offset;
}

/** An entry of a setting whose entries are exits. */
type Entry = Record<string, unknown>;

/**
 * Sets entries that are exits: a renamed one takes its line along, one that is gone takes it with it.
 * @param field the setting that holds them.
 */
export function setEntries(node: FlowNode, field: string, entries: readonly Entry[]): FlowNode {
  const before = exitNames(node.settings[field]);
  const after = exitNames(entries);
  const renamed = new Map<string, string>();
  if (before.length === after.length)
    for (const [index, from] of before.entries()) {
      const to = after[index] ?? from;
      if (from !== to && !before.includes(to) && !after.includes(from)) renamed.set(from, to);
    }
  const exits = Object.entries(node.exits).flatMap(([exit, to]) => {
    if (!before.includes(exit) || after.includes(exit)) return [[exit, to] as const];
    const name = renamed.get(exit);
    return name === undefined ? [] : [[name, to] as const];
  });
  return {
    ...node,
    settings: { ...node.settings, [field]: entries },
    exits: Object.fromEntries(exits),
  };
}

function exitNames(entries: unknown): string[] {
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: Entry | null) => (typeof entry?.exit === 'string' ? entry.exit : ''));
}

/** A text as the name of a node or exit: `Sales & more` → `sales-more`. Empty when nothing of it can be. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
}
