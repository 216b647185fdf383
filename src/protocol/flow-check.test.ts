import { describe, expect, it } from 'vitest';
import { graphProblems } from './flow-check.ts';
import type { FlowNodeKind } from './flow-nodes.ts';
import { FlowDocument } from './flows.ts';

const plain = { label: '', group: 'talk' as const, help: '', fields: [] };
const next = { name: 'next', label: 'Next', required: true };
const KINDS = new Map<string, FlowNodeKind>(
  [
    { ...plain, kind: 'say', exits: [next], waits: false },
    { ...plain, kind: 'test', exits: [next, { ...next, name: 'else' }], waits: false },
    { ...plain, kind: 'menu', exits: [{ ...next, name: 'failed' }], exitsFrom: 'choices', waits: true },
    { ...plain, kind: 'hangup', exits: [], waits: false },
  ].map((kind) => [kind.kind, kind]),
);

/** `id kind exit=target …`, the first one is the start. */
function flow(...lines: string[]): FlowDocument {
  const nodes = lines.map((line) => {
    const [id = '', kind = '', ...exits] = line.split(' ');
    return {
      id,
      kind,
      at: { x: 0, y: 0 },
      exits: Object.fromEntries(exits.map((exit) => exit.split('='))),
      settings: kind === 'menu' ? { choices: [{ exit: 'sales' }] } : {},
    };
  });
  return FlowDocument.parse({ start: nodes[0]?.id ?? null, nodes });
}

const codes = (document: FlowDocument) =>
  graphProblems(document, KINDS).map(({ code, nodeId, exit }) =>
    [code, nodeId ?? '', exit ?? ''].join(' ').trim(),
  );

describe('a flow may be published', () => {
  it('when every exit leads on and every node is reached', () => {
    expect(codes(flow('hello say next=ask', 'ask menu sales=bye failed=bye', 'bye hangup'))).toEqual([]);
  });

  it('with a circle in which the caller is asked', () => {
    expect(codes(flow('hello say next=ask', 'ask menu sales=bye failed=hello', 'bye hangup'))).toEqual([]);
  });
});

describe('a flow is not published', () => {
  it.each([
    ['without a start', flow(), ['no-start']],
    ['with a start that is gone', { ...flow('a hangup'), start: 'b' }, ['no-start', 'unreachable a']],
    ['with a node that nobody gets to', flow('a hangup', 'b hangup'), ['unreachable b']],
    ['with an exit that leads nowhere', flow('a say'), ['missing-exit a next']],
    ['with a choice that leads nowhere', flow('a menu failed=b', 'b hangup'), ['missing-exit a sales']],
    ['with an exit to a node that is gone', flow('a say next=b'), ['wrong-target a next']],
    ['with a line from an exit that is gone', flow('a say next=b old=b', 'b hangup'), ['unknown-exit a old']],
    ['with a kind of node that there is not', flow('a dance'), ['unknown-kind a']],
    ['with two nodes of one id', flow('a hangup', 'a hangup'), ['duplicate-node a']],
    ['with a node that leads to itself', flow('a say next=a'), ['endless-loop a']],
    [
      'with a circle in which nobody is asked, though one exit leads out',
      flow('a say next=b', 'b test next=c else=d', 'c say next=b', 'd hangup'),
      ['endless-loop b'],
    ],
  ])('%s', (_, document, problems) => {
    expect(codes(document)).toEqual(problems);
  });
});
