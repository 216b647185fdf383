import type { z } from 'zod';
import type { FieldMeta } from '../../protocol/crm.ts';
import { FieldChange, NewField, NewObject, ObjectChange } from '../../protocol/crm-objects.ts';
import type { Metadata } from '../crm/builtin/metadata.ts';
import { DEFAULT_LENGTH } from '../crm/builtin/objects.ts';
import { STANDARD_SET } from '../crm/builtin/object-set.ts';
import { refuse } from '../callcenter/refuse.ts';
import { section } from './section.ts';

const ObjectItem = NewObject.omit({ name: true }).strict();

/** Custom objects, and standard ones that are called otherwise. */
export const objects = section<z.output<typeof ObjectItem>>({
  section: 'objects',
  item: ObjectItem,
  list: ({ metadata }) =>
    metadata
      .now()
      .all.filter(({ name, label, labelPlural, custom }) => {
        const standard = custom ? undefined : STANDARD_SET.named(name);
        return standard?.label !== label || standard.labelPlural !== labelPlural;
      })
      .map(({ name, label, labelPlural }) => ({ id: name, name, item: { label, labelPlural } })),
  add: ({ metadata }, name, item) =>
    isStandard(name) ? metadata.changeObject(name, item) : metadata.addObject({ name, ...item }),
  change: ({ metadata }, name, item) => metadata.changeObject(name, item),
  remove: ({ metadata }, name, deleteData) => {
    if (!isStandard(name)) return metadata.removeObject(name, agreed(deleteData));
    const { label, labelPlural } = STANDARD_SET.named(name);
    return metadata.changeObject(name, { label, labelPlural });
  },
});

function isStandard(name: string): boolean {
  return STANDARD_SET.all.some((meta) => meta.name === name);
}

function agreed(deleteData: boolean): number {
  return deleteData ? Number.POSITIVE_INFINITY : 0;
}

const FieldItem = NewField.omit({ name: true })
  .strict()
  .transform((field) =>
    field.type === 'text' ? { ...field, maxLength: field.maxLength ?? DEFAULT_LENGTH.text } : field,
  );
type FieldItem = z.output<typeof FieldItem>;

/** Custom fields, as `Object.Field__c`. */
export const fields = section<FieldItem>({
  section: 'fields',
  item: FieldItem,
  list: ({ metadata }) =>
    metadata.now().all.flatMap((meta) =>
      meta.fields
        .filter((field) => field.custom)
        .map((field) => ({
          id: `${meta.name}.${field.name}`,
          name: `${meta.name}.${field.name}`,
          item: fieldItem(field),
        })),
    ),
  add: ({ metadata }, path, item) => {
    const [object = '', name = ''] = path.split('.');
    return metadata.addField(object, NewField.parse({ name, ...item }));
  },
  change: ({ metadata }, path, item, before) => {
    const [object = '', name = ''] = path.split('.');
    if (item.type !== before.type) refuse('type', 'the type of a field stays: make another field');
    if (String(item.refersTo) !== String(before.refersTo))
      refuse('refersTo', 'what a reference points at stays');
    const { label, required, options, maxLength } = item;
    return metadata.changeField(object, name, {
      label,
      required,
      ...(options && item.type === 'picklist' ? { options } : {}),
      ...(maxLength !== undefined && item.type === 'text' ? { maxLength } : {}),
    });
  },
  remove: ({ metadata }, path, deleteData) => {
    const [object = '', name = ''] = path.split('.');
    return metadata.removeField(object, name, agreed(deleteData));
  },
});

function fieldItem({ label, type, required, options, refersTo, maxLength }: FieldMeta): FieldItem {
  return {
    label,
    type,
    required,
    ...(options ? { options } : {}),
    ...(refersTo ? { refersTo } : {}),
    ...(type === 'text' && maxLength !== undefined ? { maxLength } : {}),
  };
}

const PageItem = ObjectChange.pick({ page: true, list: true }).strict();

/** What the record page and the list of an object show, where that was set; what goes from the file stays as it is. */
export const pages = section<z.output<typeof PageItem>>({
  section: 'recordPages',
  item: PageItem,
  list: ({ metadata }) =>
    metadata
      .now()
      .all.flatMap(({ name, page, list }) =>
        page || list
          ? [{ id: name, name, item: { ...(page ? { page } : {}), ...(list ? { list } : {}) } }]
          : [],
      ),
  add: ({ metadata }, name, item) => metadata.changeObject(name, item),
  change: ({ metadata }, name, item) => metadata.changeObject(name, item),
  remove: ({ metadata }, name) => metadata.forgetShown(name),
});

const StandardItem = FieldChange.pick({ label: true, options: true }).strict();

/** Standard fields that are called otherwise or have other options, as `Object.Field`. */
export const standardFields = section<z.output<typeof StandardItem>>({
  section: 'standardFields',
  item: StandardItem,
  list: ({ metadata }) =>
    metadata.changedStandardFields().map(({ path, change }) => ({ id: path, name: path, item: change })),
  add: ({ metadata }, path, item) => changeStandard(metadata, path, item),
  change: ({ metadata }, path, item) => changeStandard(metadata, path, item),
  remove: ({ metadata }, path) => {
    const [object = '', name = ''] = path.split('.');
    return metadata.forgetChange(object, name);
  },
});

function changeStandard(metadata: Metadata, path: string, item: FieldChange): Promise<FieldMeta> {
  const [object = '', name = ''] = path.split('.');
  if (name.endsWith('__c')) refuse('', 'an own field stands under `fields`');
  return metadata.changeField(object, name, item);
}
