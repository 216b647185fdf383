import { expect, it } from 'vitest';
import type { FlowField, FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import { summaryOf } from './summary.ts';

const field = (name: string, type: FlowField['type'], more: Partial<FlowField> = {}): FlowField => ({
  name,
  label: name,
  help: '',
  type,
  required: false,
  ...more,
});
const kind: FlowNodeKind = {
  kind: 'ask',
  label: 'Ask',
  group: 'talk',
  help: '',
  fields: [
    field('tries', 'number', { initial: 3 }),
    field('queue', 'queue', { required: true }),
    field('prompt', 'prompt', { required: true }),
    field('choices', 'list'),
  ],
  exits: [],
  exitsFrom: 'choices',
  waits: true,
};
const nameOf = (type: FlowField['type'], id: string) =>
  type === 'queue' && id === 'q1' ? 'Sales' : undefined;
const lines = (settings: Record<string, unknown>) => summaryOf(kind, { settings }, nameOf, 'en');

it('begins with the words that are said, names what is named, and leaves out what is as at the beginning', () => {
  expect(lines({ tries: 3, queue: 'q1', prompt: { de: { text: 'Hallo' }, en: { text: 'Hello' } } })).toEqual([
    '“Hello”',
    'queue: Sales',
  ]);
  expect(lines({ tries: 5 })).toEqual(['tries: 5']);
});

it('says that a recording is gone, and keeps long texts short', () => {
  expect(lines({ prompt: { en: { recordingId: 'r1' } } })).toEqual(['▶ a recording that is gone']);
  expect(lines({ prompt: { en: { text: 'word '.repeat(80) } } })[0]?.length).toBe(90);
});

it('leaves the entries that are exits to the exits', () => {
  expect(lines({ choices: [{ key: '1', exit: 'sales' }] })).toEqual([]);
});
