import { describe, expect, it } from 'vitest';
import { FlowDocument } from '../../../protocol/flows.ts';
import {
  addNode,
  connect,
  copyNodes,
  leadingTo,
  moveNodes,
  neighbour,
  nodeOf,
  pasteNodes,
  removeNodes,
  setEntries,
  slug,
} from './model.ts';

const EMPTY = FlowDocument.parse({});
const say = { kind: 'say', settings: {} };

/** `id x y exit=target …`, the first one is the start. */
function flow(...lines: string[]): FlowDocument {
  const nodes = lines.map((line) => {
    const [id = '', x, y, ...exits] = line.split(' ');
    return {
      id,
      kind: 'say',
      at: { x: Number(x), y: Number(y) },
      exits: Object.fromEntries(exits.map((exit) => exit.split('='))),
    };
  });
  return FlowDocument.parse({ start: nodes[0]?.id ?? null, nodes });
}

const lines = (document: FlowDocument) =>
  document.nodes.map(({ id, exits }) =>
    [id, ...Object.entries(exits).map(([exit, to]) => `${exit}=${to}`)].join(' '),
  );

describe('a new node', () => {
  it('is the start when it is the first one', () => {
    const { document, id } = addNode(EMPTY, say);
    expect([document.start, id]).toEqual(['say', 'say']);
  });

  it('has a name of its own, is led to by the exit that it was added at, and hides nothing', () => {
    const first = addNode(EMPTY, say);
    const after = { nodeId: first.id, exit: 'next' };
    const second = addNode(first.document, say, { after });
    const third = addNode(second.document, say, { after: { nodeId: first.id, exit: 'failed' } });
    expect(lines(third.document)).toEqual(['say next=say-2 failed=say-3', 'say-2', 'say-3']);
    expect(third.document.start).toBe('say');
    const places = third.document.nodes.map(({ at }) => `${at.x},${at.y}`);
    expect(new Set(places).size).toBe(3);
  });
});

describe('an exit', () => {
  it('leads to one node, to another one, and nowhere', () => {
    const once = connect(flow('a 0 0', 'b 0 0', 'c 0 0'), { nodeId: 'a', exit: 'next' }, 'b');
    const twice = connect(once, { nodeId: 'a', exit: 'next' }, 'c');
    expect(lines(twice)[0]).toBe('a next=c');
    expect(lines(connect(twice, { nodeId: 'a', exit: 'next' }, null))[0]).toBe('a');
    expect(leadingTo(twice, 'c')).toEqual([{ nodeId: 'a', exit: 'next' }]);
  });

  it('that leads there already changes nothing', () => {
    const document = flow('a 0 0 next=b', 'b 0 0');
    expect(connect(document, { nodeId: 'a', exit: 'next' }, 'b')).toBe(document);
    expect(connect(document, { nodeId: 'gone', exit: 'next' }, 'b')).toBe(document);
  });
});

describe('removing', () => {
  it('takes what leads to the nodes with it, and the start', () => {
    const document = flow('a 0 0 next=b failed=c', 'b 0 0 next=a', 'c 0 0');
    const without = removeNodes(document, ['b']);
    expect([lines(without), without.start]).toEqual([['a failed=c', 'c'], 'a']);
    expect(removeNodes(document, ['a']).start).toBe(null);
    expect(removeNodes(document, ['nobody'])).toBe(document);
  });
});

describe('moving', () => {
  it('leaves the document as it is when nothing moved', () => {
    const document = flow('a 1 2');
    expect(moveNodes(document, new Map([['a', { x: 1, y: 2 }]]))).toBe(document);
    expect(nodeOf(moveNodes(document, new Map([['a', { x: 5, y: 2 }]])), 'a')?.at.x).toBe(5);
  });
});

describe('a copy', () => {
  const document = flow('a 0 0 next=b failed=c', 'b 100 0 next=a', 'c 0 0');

  it('leads among the copies where it led among the copied, and else to where it led', () => {
    const { document: pasted, ids } = pasteNodes(document, copyNodes(document, new Set(['a', 'b'])));
    expect(ids).toEqual(['say', 'say-2']);
    expect(lines(pasted).slice(3)).toEqual(['say next=say-2 failed=c', 'say-2 next=say']);
  });

  it('in another flow loses what leads to nodes that are not there, and begins an empty one', () => {
    const { document: pasted } = pasteNodes(EMPTY, copyNodes(document, new Set(['a', 'b'])));
    expect([lines(pasted), pasted.start]).toEqual([['say next=say-2', 'say-2 next=say'], 'say']);
  });

  it('made again does not lie on the first one', () => {
    const copied = copyNodes(document, new Set(['a']));
    const twice = pasteNodes(pasteNodes(document, copied).document, copied).document;
    expect(new Set(twice.nodes.slice(3).map(({ at }) => at.x)).size).toBe(2);
  });
});

describe('the arrow keys', () => {
  const document = flow('menu 0 100 one=b two=c', 'b 300 50', 'c 300 200 next=menu', 'far 900 120');

  it.each([
    ['menu', 'ArrowRight', 'b'],
    ['b', 'ArrowLeft', 'menu'],
    ['b', 'ArrowDown', 'c'],
    ['c', 'ArrowUp', 'b'],
    ['menu', 'ArrowLeft', 'c'],
    ['b', 'ArrowRight', undefined],
    ['b', 'ArrowUp', undefined],
  ] as const)('lead from %s by %s to %s', (from, key, to) => {
    expect(neighbour(document, from, key)).toBe(to);
  });
});

describe('entries that are exits', () => {
  const node = {
    ...(nodeOf(flow('menu 0 0 sales=a other=b failed=c'), 'menu') ?? {
      id: '',
      kind: '',
      label: '',
      exits: {},
      at: { x: 0, y: 0 },
    }),
    settings: { choices: [{ exit: 'sales' }, { exit: 'other' }] },
  };
  const exits = (...names: string[]) =>
    setEntries(
      node,
      'choices',
      names.map((exit) => ({ exit })),
    ).exits;

  it('take their line along when they are renamed or put in another order', () => {
    expect(exits('orders', 'other')).toEqual({ orders: 'a', other: 'b', failed: 'c' });
    expect(exits('other', 'sales')).toEqual({ sales: 'a', other: 'b', failed: 'c' });
  });

  it('take it with them when they go, and bring none when they come', () => {
    expect(exits('other')).toEqual({ other: 'b', failed: 'c' });
    expect(exits('sales', 'other', 'third')).toEqual({ sales: 'a', other: 'b', failed: 'c' });
  });

  it('named by people get a name that a document may hold', () => {
    expect(['Sales & more', ' Größe ', '¿?', '1'].map(slug)).toEqual(['sales-more', 'gro-e', '', '1']);
  });
});
