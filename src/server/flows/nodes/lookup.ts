import { z } from 'zod';
import { CodedError } from '../../../protocol/errors.ts';
import { DeadlineError } from '../../../lib/deadline.ts';
import { dataKey, neededTemplate, shown } from '../fields.ts';
import { defineNode } from '../node.ts';

const ApiName = z.string().regex(/^\w{1,80}$/, 'the API name of an object or field');

export const lookup = defineNode({
  kind: 'lookup',
  label: 'Look up in the CRM',
  group: 'data',
  help: `Finds the record whose field has a value, such as the account whose number the caller has keyed. What is found is what pops on the agent's
screen: it goes before whoever has the caller's telephone number. Fields of the record can be kept in the call data.

The CRM has five seconds; a caller is not kept waiting for it.

- **Found**: there is such a record.
- **Not found**: there is none.
- **Failed**: the CRM did not answer, or refused.`,
  settings: z.object({
    object: shown('crm-object', 'Object', 'Such as Account or Case.', ApiName),
    field: shown('crm-field', 'Field', 'Such as AccountNumber.', ApiName),
    value: shown('template', 'Value', 'Such as {data:account}.', neededTemplate(255)),
    pop: shown(
      'boolean',
      'It is who calls',
      'The record pops on the agent’s screen, before what the caller’s number finds.',
      z.boolean().default(true),
    ),
    keep: shown(
      'list',
      'Fields to keep',
      'In the call data.',
      z
        .array(
          z.object({
            field: shown('crm-field', 'Field', '', ApiName),
            key: dataKey('Keep as', 'The name in the call data.'),
          }),
        )
        .max(20, 'at most 20')
        .default([]),
    ),
  }),
  exits: [
    { name: 'found', label: 'Found', required: true },
    { name: 'missing', label: 'Not found', required: true },
    { name: 'failed', label: 'Failed', required: true },
  ],
  waits: false,
  async run({ object, field, value, pop, keep }, talk) {
    const wanted = talk.fill(value).trim();
    if (wanted === '') return { exit: 'missing' };
    try {
      const record = await talk.services.findRecord(object, field, wanted);
      if (!record) return { exit: 'missing' };
      if (pop) talk.services.match(talk, record, { object, field, value: wanted });
      for (const { field: name, key } of keep) talk.set({ [key]: record.fields[name] ?? '' });
      return { exit: 'found' };
    } catch (error) {
      if (error instanceof CodedError || error instanceof DeadlineError) return { exit: 'failed' };
      throw error;
    }
  },
});
