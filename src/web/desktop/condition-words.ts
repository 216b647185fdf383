import type { FieldMeta, FieldType, ObjectMeta } from '../../protocol/crm.ts';
import {
  type ListCondition,
  type ListOperator,
  type Period,
  RECORD_TIMES,
  WITHOUT_VALUE,
} from '../../protocol/list-views.ts';

const WORDS: Record<ListOperator, string> = {
  equals: 'is',
  notEquals: 'is not',
  startsWith: 'begins with',
  contains: 'contains',
  notContains: 'does not contain',
  lessThan: 'is less than',
  greaterThan: 'is greater than',
  within: 'is',
  empty: 'is empty',
  notEmpty: 'is not empty',
};

const TIME_WORDS: Partial<Record<ListOperator, string>> = {
  equals: 'is on',
  lessThan: 'is before',
  greaterThan: 'is after',
  within: 'is in',
};

export function operatorWord(operator: ListOperator, type: FieldType): string {
  const time = type === 'date' || type === 'datetime' ? TIME_WORDS[operator] : undefined;
  return time ?? WORDS[operator];
}

export const PERIOD_WORDS: Record<Period, string> = {
  today: 'today',
  yesterday: 'yesterday',
  tomorrow: 'tomorrow',
  'last-7-days': 'the last 7 days',
  'last-30-days': 'the last 30 days',
  'next-7-days': 'the next 7 days',
  'next-30-days': 'the next 30 days',
  'this-month': 'this month',
  'last-month': 'last month',
  'before-today': 'the past, before today',
  'after-today': 'the future, after today',
};

/** The fields that a list can be filtered by: the object's, and when a record was made and changed. */
export function filterFields(meta: ObjectMeta): FieldMeta[] {
  const times = Object.entries(RECORD_TIMES).map(([name, label]): FieldMeta => {
    return { name, label, type: 'datetime', required: true, readOnly: true, inList: false };
  });
  return [...meta.fields, ...times];
}

/** A condition that can be asked: it has a field, and a value where it needs one. */
export function isComplete({ field, operator, values }: ListCondition): boolean {
  return field !== '' && (WITHOUT_VALUE.includes(operator) || values.length > 0);
}
