import { z } from 'zod';
import { dataKey, shown, template } from '../fields.ts';
import { defineNode } from '../node.ts';

export const set = defineNode({
  kind: 'set',
  label: 'Set data',
  group: 'data',
  help: `Writes values into the call data, where agents, layouts, scripts and other nodes find them.

The name \`language\` means something to the program: the language in which the dialogue goes on, such as \`de\`. A value may use
\`{data:KEY}\`, \`{ANI}\` and \`{DNIS}\`.

- **Next**: always.`,
  settings: z.object({
    values: shown(
      'list',
      'Values',
      '',
      z
        .array(
          z.object({
            key: dataKey('Name', 'In the call data.'),
            value: shown('template', 'Value', 'Empty clears it.', template(1_024)),
          }),
        )
        .min(1, 'at least one')
        .max(20, 'at most 20'),
    ),
  }),
  exits: [{ name: 'next', label: 'Next', required: true }],
  waits: false,
  run({ values }, talk) {
    for (const { key, value } of values) talk.set({ [key]: talk.fill(value) });
    return Promise.resolve({ exit: 'next' });
  },
});
