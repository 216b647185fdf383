import { expect, it } from 'vitest';
import type { FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import { FlowDocument } from '../../../protocol/flows.ts';
import { compare } from './compare.ts';

const KINDS = new Map<string, FlowNodeKind>([
  [
    'say',
    {
      kind: 'say',
      label: 'Say',
      group: 'talk',
      help: '',
      fields: [{ name: 'prompt', label: 'Text', help: '', type: 'prompt', required: true, initial: {} }],
      exits: [{ name: 'next', label: 'Next', required: true }],
      waits: false,
    },
  ],
]);

const document = (...nodes: object[]) => FlowDocument.parse({ start: 'a', nodes });
const node = (id: string, more: object = {}) => ({ id, kind: 'say', at: { x: 0, y: 0 }, ...more });
const said = (text: string) => ({ settings: { prompt: { en: { text } } } });

it('finds nothing where only places differ', () => {
  const one = document(node('a', said('Hello')));
  expect(compare(one, document({ ...node('a', said('Hello')), at: { x: 9, y: 9 } }), KINDS)).toEqual([]);
});

it('names what came, what went and what says or leads elsewhere', () => {
  const before = document(node('a', { ...said('Hello'), exits: { next: 'b' } }), node('b', { label: 'Old' }));
  const after = FlowDocument.parse({
    ...document(node('a', { ...said('Good day'), exits: { next: 'c' } }), node('c', { label: 'New' })),
    languages: ['en', 'de'],
  });
  expect(compare(before, after, KINDS)).toEqual([
    {
      nodeId: null,
      title: 'The flow',
      how: 'changed',
      changes: [{ what: 'Languages', before: 'en', after: 'en, de' }],
    },
    {
      nodeId: 'a',
      title: 'Say (a)',
      how: 'changed',
      changes: [
        { what: 'Text', before: 'en: Hello', after: 'en: Good day' },
        { what: 'Next leads to', before: 'Old', after: 'New' },
      ],
    },
    { nodeId: 'c', title: 'New', how: 'added', changes: [] },
    { nodeId: 'b', title: 'Old', how: 'removed', changes: [] },
  ]);
});
