import { z } from 'zod';
import { exitName, neededTemplate, shown, template } from '../fields.ts';
import { defineNode } from '../node.ts';

const COMPARISONS = {
  equal: 'is',
  'not-equal': 'is not',
  contains: 'contains',
  'starts-with': 'begins with',
  greater: 'is greater than',
  less: 'is less than',
  empty: 'is empty',
  filled: 'is not empty',
} as const;
type Comparison = keyof typeof COMPARISONS;

export const test = defineNode({
  kind: 'test',
  label: 'Test data',
  group: 'decide',
  help: `Goes where the first rule that holds leads. Both sides may use \`{data:KEY}\`, \`{ANI}\` and \`{DNIS}\`; they are compared as numbers where both
are numbers, else as texts without regard to case.

- **One exit per rule**, by the name that the rule gives it; rules may share one.
- **Otherwise**: no rule holds.`,
  settings: z.object({
    rules: shown(
      'list',
      'Rules',
      'The first one that holds counts.',
      z
        .array(
          z.object({
            left: shown('template', 'What', 'Such as {data:account}.', neededTemplate(400)),
            is: shown(
              'choice',
              'Comparison',
              '',
              z.enum(Object.keys(COMPARISONS) as [Comparison, ...Comparison[]]).default('equal'),
              { options: COMPARISONS },
            ),
            right: shown('template', 'With', '', template(400).default('')),
            exit: exitName(),
          }),
        )
        .min(1, 'at least one')
        .max(20, 'at most 20'),
    ),
  }),
  exits: [{ name: 'otherwise', label: 'Otherwise', required: true }],
  exitsFrom: 'rules',
  waits: false,
  run({ rules }, talk) {
    const rule = rules.find(({ left, is, right }) => holds(talk.fill(left), is, talk.fill(right)));
    return Promise.resolve({ exit: rule?.exit ?? 'otherwise' });
  },
});

function holds(left: string, is: Comparison, right: string): boolean {
  const [a, b] = [left.trim().toLowerCase(), right.trim().toLowerCase()];
  switch (is) {
    case 'equal':
      return compare(a, b) === 0;
    case 'not-equal':
      return compare(a, b) !== 0;
    case 'contains':
      return a.includes(b);
    case 'starts-with':
      return a.startsWith(b);
    case 'greater':
      return compare(a, b) > 0;
    case 'less':
      return compare(a, b) < 0;
    case 'empty':
      return a === '';
    case 'filled':
      return a !== '';
  }
}

/** Account numbers with leading zeros are texts: 007 is not 7. */
function compare(a: string, b: string): number {
  const numbers = [a, b].every((text) => /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(text));
  if (numbers) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}
