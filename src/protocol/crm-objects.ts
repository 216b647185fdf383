/** What an administrator makes of the CRM's objects and fields. */
import { z } from 'zod';
import { FieldType } from './crm.ts';

/** Names end in `__c`, as Salesforce's do: adapters tell custom objects and fields by it. */
export const ApiName = z
  .string()
  .max(43)
  .regex(/^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*__c$/, 'letters, digits and single _, ending in __c');

const Label = z.string().trim().min(1).max(80);
const Options = z
  .array(z.string().trim().min(1).max(80))
  .min(1)
  .max(500)
  .refine((options) => new Set(options).size === options.length, 'the same option twice');
const MaxLength = z.number().int().min(1).max(255);

export const NewField = z.object({
  /** Left out: made of the label. */
  name: ApiName.optional(),
  label: Label,
  type: FieldType,
  required: z.boolean().default(false),
  /** Of a picklist. */
  options: Options.optional(),
  /** Objects that a reference may point at. */
  refersTo: z.array(z.string().min(1).max(80)).min(1).max(20).optional(),
  /** Characters of a text. Default 255. */
  maxLength: MaxLength.optional(),
});
export type NewField = z.input<typeof NewField>;

/** Of a standard field: `label`, and the options of a picklist. A type is never changed: the values would be lost. */
export const FieldChange = z
  .object({ label: Label, required: z.boolean(), options: Options, maxLength: MaxLength })
  .partial();
export type FieldChange = z.infer<typeof FieldChange>;

export const NewObject = z.object({
  name: ApiName.optional(),
  label: Label,
  labelPlural: Label,
});
export type NewObject = z.infer<typeof NewObject>;

const FieldNames = z
  .array(z.string().max(80))
  .max(300)
  .refine((names) => new Set(names).size === names.length, 'the same field twice');

export const ObjectChange = z
  .object({
    label: Label,
    labelPlural: Label,
    /** The fields of the record page, in their order; every field that is required is among them. */
    page: FieldNames,
    /** The columns of lists behind the name, in their order. */
    list: FieldNames.max(12),
  })
  .partial();
export type ObjectChange = z.infer<typeof ObjectChange>;

/** How many records would lose something. */
export const RecordCount = z.object({ records: z.number() });
export type RecordCount = z.infer<typeof RecordCount>;

/** `Serial number` becomes `Serial_number__c`; undefined for a label without a letter or digit that such a name can hold. */
export function apiNameOf(label: string): string | undefined {
  const words = label
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .match(/[A-Za-z0-9]+/g);
  const name = words
    ?.join('_')
    .replace(/^(?=\d)/, 'X')
    .slice(0, 40)
    .replace(/_$/, '');
  return name ? `${name}__c` : undefined;
}
