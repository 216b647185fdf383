import { z } from 'zod';
import type { FieldType } from './crm.ts';

/**
 * List views: which records of an object somebody wants to see, in what order, with which columns. A private one is its
 * owner's, a shared one everybody's. Bodies of `/api/lists`; the desktop's editor checks by the same schemas.
 */
export const LIST_OPERATORS = [
  'equals',
  'notEquals',
  'startsWith',
  'contains',
  'notContains',
  'lessThan',
  'greaterThan',
  'within',
  'empty',
  'notEmpty',
] as const;
export const ListOperator = z.enum(LIST_OPERATORS);
export type ListOperator = z.infer<typeof ListOperator>;

const TEXT: readonly ListOperator[] = [
  'contains',
  'equals',
  'notEquals',
  'startsWith',
  'notContains',
  'empty',
  'notEmpty',
];
const CHOICE: readonly ListOperator[] = ['equals', 'notEquals', 'empty', 'notEmpty'];
const TIME: readonly ListOperator[] = ['within', 'equals', 'lessThan', 'greaterThan', 'empty', 'notEmpty'];

/** What can be asked of a field; the first is what an editor begins with. */
export const OPERATORS_OF: Record<FieldType, readonly ListOperator[]> = {
  text: TEXT,
  textarea: ['contains', 'notContains', 'empty', 'notEmpty'],
  phone: ['equals', 'startsWith', 'contains', 'empty', 'notEmpty'],
  email: TEXT,
  url: TEXT,
  picklist: CHOICE,
  date: TIME,
  datetime: TIME,
  number: ['equals', 'notEquals', 'lessThan', 'greaterThan', 'empty', 'notEmpty'],
  boolean: ['equals'],
  reference: CHOICE,
};

/** Operators that need no value. */
export const WITHOUT_VALUE: readonly ListOperator[] = ['empty', 'notEmpty'];

/** Values of `within`: days of the reader's own calendar. */
export const PERIODS = [
  'today',
  'yesterday',
  'tomorrow',
  'last-7-days',
  'last-30-days',
  'next-7-days',
  'next-30-days',
  'this-month',
  'last-month',
  'before-today',
  'after-today',
] as const;
export type Period = (typeof PERIODS)[number];

/** The value of a reference to a user that means whoever reads the list. */
export const ME = 'me';

/** When a record was made and last changed: no fields of it, but lists can be filtered and sorted by them. */
export const RECORD_TIMES = { createdAt: 'Created', updatedAt: 'Changed' } as const;

const apiName = z.string().regex(/^[A-Za-z_]\w{0,79}$/, 'the API name of an object or field');

/** A condition. Several values: any of them (`equals`, `contains`, …), or none of them (`not…`). */
export const ListCondition = z.object({
  field: apiName,
  operator: ListOperator,
  values: z.array(z.string().trim().min(1, 'this is needed').max(255)).max(50),
});
export type ListCondition = z.infer<typeof ListCondition>;

export const ListConditions = z.array(ListCondition).max(20, 'at most 20 conditions');

export const ListViewInput = z.object({
  object: apiName,
  name: z
    .string()
    .trim()
    .min(1, 'this is needed')
    .max(80, 'at most 80 characters')
    .refine((text) => !/\p{Cc}/u.test(text), 'no control characters'),
  /** Everybody sees it. Only supervisors and administrators make, change and remove shared ones. */
  shared: z.boolean().default(false),
  /** A record is shown that meets all of them. */
  conditions: ListConditions.default([]),
  /** Fields, in order. None: those that the object shows in lists. */
  columns: z.array(apiName).max(30, 'at most 30 columns').default([]),
  /** A field, `createdAt` or `updatedAt`. */
  sort: apiName,
  direction: z.enum(['asc', 'desc']),
});
export type ListViewInput = z.infer<typeof ListViewInput>;

export const ListView = ListViewInput.extend({
  id: z.string(),
  ownerId: z.string(),
  /** Fields that it names and that were deleted since: what it says of them is left out until it is saved again. */
  gone: z.array(z.string()),
  updatedAt: z.number(),
});
export type ListView = z.infer<typeof ListView>;
