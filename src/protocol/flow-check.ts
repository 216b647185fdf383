/** What keeps a flow from being published, as far as its graph goes: pure, for the editor and for the server alike. */
import { exitsOf, type FlowNodeKind } from './flow-nodes.ts';
import type { FlowDocument, FlowNode, FlowProblem } from './flows.ts';

export type FlowKinds = ReadonlyMap<string, FlowNodeKind>;

/** Of the whole flow first, then by node in the document's order. Empty: every call gets somewhere. */
export function graphProblems(document: FlowDocument, kinds: FlowKinds): FlowProblem[] {
  const { nodes, start } = document;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const reached = reachable(byId, start);
  const loops = endlessLoops(nodes, byId, kinds);
  return [
    ...startProblems(document, byId),
    ...nodes.flatMap((node, index): FlowProblem[] => [
      ...(nodes.findIndex(({ id }) => id === node.id) < index
        ? [problem('duplicate-node', node, 'Another node has this id.')]
        : []),
      ...(start !== null && !reached.has(node.id)
        ? [problem('unreachable', node, 'No caller ever gets here: let an exit lead to it, or delete it.')]
        : []),
      ...exitProblems(node, byId, kinds),
      ...(loops.has(node.id)
        ? [
            problem(
              'endless-loop',
              node,
              'It leads back to itself without ever waiting for the caller: let one exit lead out, or ask him something.',
            ),
          ]
        : []),
    ]),
  ];
}

function problem(
  code: FlowProblem['code'],
  node: FlowNode,
  detail: string,
  more: Partial<FlowProblem> = {},
): FlowProblem {
  return { code, nodeId: node.id, ...more, detail };
}

function startProblems({ start }: FlowDocument, byId: ReadonlyMap<string, FlowNode>): FlowProblem[] {
  if (start !== null && byId.has(start)) return [];
  const detail =
    start === null ? 'Choose the node where callers begin.' : `There is no node ${start} to begin with.`;
  return [{ code: 'no-start', nodeId: null, detail }];
}

function exitProblems(node: FlowNode, byId: ReadonlyMap<string, FlowNode>, kinds: FlowKinds): FlowProblem[] {
  const kind = kinds.get(node.kind);
  if (!kind) return [problem('unknown-kind', node, `There is no kind of node ${node.kind}.`)];
  const exits = exitsOf(kind, node);
  const missing = exits.filter(({ name, required }) => required && node.exits[name] === undefined);
  const used = Object.entries(node.exits);
  return [
    ...missing.map(({ name, label }) =>
      problem('missing-exit', node, `${label} leads nowhere: connect it.`, { exit: name }),
    ),
    ...used
      .filter(([, target]) => !byId.has(target))
      .map(([exit, target]) =>
        problem('wrong-target', node, `${exit} leads to ${target}, which is no node.`, { exit }),
      ),
    ...used
      .filter(([exit]) => !exits.some(({ name }) => name === exit))
      .map(([exit]) => problem('unknown-exit', node, `It has no exit ${exit}: delete the line.`, { exit })),
  ];
}

function reachable(byId: ReadonlyMap<string, FlowNode>, start: string | null): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = start === null ? [] : [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = byId.get(id);
    if (!node || seen.has(id)) continue;
    seen.add(id);
    open.push(...Object.values(node.exits));
  }
  return seen;
}

/**
 * The first node, in the document's order, of each circle of nodes that do not wait: a caller would go round in it for ever.
 * The circles are the strongly connected components (Tarjan).
 */
function endlessLoops(
  nodes: readonly FlowNode[],
  byId: ReadonlyMap<string, FlowNode>,
  kinds: FlowKinds,
): ReadonlySet<string> {
  const restless = (id: string) => kinds.get(byId.get(id)?.kind ?? '')?.waits === false;
  const nextOf = (id: string) => Object.values(byId.get(id)?.exits ?? {}).filter(restless);
  const order = new Map<string, number>();
  const stack: string[] = [];
  const found = new Set<string>();
  const visit = (id: string): number => {
    const own = order.size;
    order.set(id, own);
    stack.push(id);
    let low = own;
    for (const next of nextOf(id)) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low === own) {
      const circle = stack.splice(stack.indexOf(id));
      const first = nodes.find((node) => circle.includes(node.id));
      if (first && (circle.length > 1 || nextOf(id).includes(id))) found.add(first.id);
    }
    return low;
  };
  for (const { id } of nodes) if (restless(id) && !order.has(id)) visit(id);
  return found;
}
