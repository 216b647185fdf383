import { describe, expect, it } from 'vitest';
import { scriptProblems } from './script-check.ts';
import { ScriptInput, type ScriptStep } from './scripts.ts';

const screen = (id: string, next: string | null, more: object = {}) => ({
  id,
  title: id,
  kind: 'screen',
  next,
  ...more,
});
const field = (name: string, more: object = {}) => ({ name, label: name, type: 'text', ...more });

function problems(steps: object[], around = {}): string[] {
  const script = ScriptInput.parse({ label: 'Sale', name: 'Sale', steps });
  return scriptProblems(script, around).map(({ step, detail }) => `${step}: ${detail}`);
}

describe('a script without problems', () => {
  it('leads from its first step over branches to an end, may turn back to a screen, and may simply stop', () => {
    expect(
      problems([
        screen('hello', 'kind', { fields: [field('reason')], text: 'Hello {record:caller.Name}, {ANI}' }),
        {
          id: 'kind',
          title: 'kind',
          kind: 'branch',
          rules: [
            { all: [{ left: '{answer:reason}', is: 'equal', right: 'sale' }], next: 'bye' },
            { all: [{ left: '{data:vip}', is: 'filled' }], next: null },
          ],
          otherwise: 'hello',
        },
        { id: 'bye', title: 'bye', kind: 'end', disposition: 'Sold' },
      ]),
    ).toEqual([]);
  });
});

describe('what is wrong with a script', () => {
  const lookup = (more: object = {}): object => ({
    id: 'find',
    title: 'find',
    kind: 'lookup',
    object: 'Case',
    field: 'CaseNumber',
    value: '{answer:number}',
    into: 'case',
    found: null,
    missing: null,
    ...more,
  });

  it.each<[string, object[], string]>([
    ['a target that is not there', [screen('a', 'b')], 'a: Next: there is no step b'],
    ['a step that nothing leads to', [screen('a', null), screen('b', null)], 'b: nothing leads here'],
    ['an id twice', [screen('a', 'a'), screen('a', null)], 'a: another step has this id'],
    [
      'a loop without a screen',
      [
        screen('a', 'find', { fields: [field('number')] }),
        lookup({ missing: 'again' }),
        { ...lookup({ missing: 'find' }), id: 'again' },
      ],
      'find: it leads back to itself without a screen between',
    ],
    [
      'two fields of one name',
      [screen('a', null, { fields: [field('x'), field('x')] })],
      'a: x: two fields are named x',
    ],
    [
      'one name asked for in two ways',
      [
        screen('a', 'b', { fields: [field('x')] }),
        screen('b', null, { fields: [field('x', { type: 'number' })] }),
      ],
      'a: x: another screen asks for x in another way',
    ],
    [
      'a choice of one',
      [screen('a', null, { fields: [field('x', { type: 'choice', options: ['Yes'] })] })],
      'a: x: a choice needs two options at least',
    ],
    [
      'an unknown placeholder',
      [screen('a', null, { text: 'Hello {NAME}' })],
      'a: text: there is no placeholder {NAME}',
    ],
    [
      'an answer that nobody asks for',
      [screen('a', null, { text: '{answer:x}' })],
      'a: text: no screen asks for x',
    ],
    [
      'a record that no step finds',
      [screen('a', null, { text: '{record:case.Status}' })],
      'a: text: no step finds a record case',
    ],
    [
      'an update of a record that no step finds',
      [
        {
          id: 'a',
          title: 'a',
          kind: 'update',
          record: 'case',
          fields: { Status: 'Closed' },
          next: null,
          failed: null,
        },
      ],
      'a: no step finds a record case',
    ],
  ])('%s', (_what, steps, told) => {
    expect(problems(steps)).toContain(told);
  });

  it('tells of a silent loop once', () => {
    const steps = [lookup({ missing: 'again' }), { ...lookup({ missing: 'find' }), id: 'again' }];
    expect(problems(steps).filter((told) => told.includes('back to itself'))).toHaveLength(1);
  });

  it('names objects, fields and wrap-up codes that there are none of, where it can know', () => {
    const around = {
      fieldsOf: (object: string) => (object === 'Case' ? new Set(['Status']) : undefined),
      hasDisposition: () => false,
    };
    const steps = [
      screen('a', 'find', { fields: [field('number')] }),
      lookup({ found: 'make' }),
      {
        id: 'make',
        title: 'make',
        kind: 'create',
        object: 'Order',
        fields: { X: '1' },
        into: 'o',
        next: 'end',
        failed: 'end',
      },
      { id: 'end', title: 'end', kind: 'end', disposition: 'Sold' },
    ];
    expect(problems(steps, around)).toEqual([
      'find: Case has no field CaseNumber',
      'make: there is no object Order',
      'end: no queue has the wrap-up code Sold',
    ]);
    expect(problems(steps)).toEqual([]);
  });
});

it('schemas refuse what no script can have', () => {
  const bad = (step: object) => ScriptInput.safeParse({ label: 'x', name: 'x', steps: [step] }).success;
  expect(bad({ ...screen('A b', null) })).toBe(false);
  expect(
    bad({ id: 'a', title: 'a', kind: 'dance' } satisfies Partial<Record<keyof ScriptStep, string>>),
  ).toBe(false);
  expect(ScriptInput.safeParse({ label: 'x', name: '1x', steps: [screen('a', null)] }).success).toBe(false);
  expect(ScriptInput.safeParse({ label: 'x', name: 'x', steps: [] }).success).toBe(false);
});
