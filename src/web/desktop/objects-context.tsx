import { createContext, type ReactNode, useContext } from 'react';
import { must } from '../../lib/must.ts';
import { type FieldMeta, type ObjectMeta, pageFields } from '../../protocol/crm.ts';

const ObjectsContext = createContext<ObjectMeta[] | undefined>(undefined);

export function ObjectsProvider({ value, children }: { value: ObjectMeta[]; children: ReactNode }) {
  return <ObjectsContext value={value}>{children}</ObjectsContext>;
}

/** What objects the CRM has. */
export function useObjects(): ObjectMeta[] {
  return must(useContext(ObjectsContext), 'ObjectsProvider');
}

export function useObject(name: string): ObjectMeta | undefined {
  return useObjects().find((meta) => meta.name === name);
}

/** The object that an id belongs to by its prefix; undefined for one that has no page here, such as a user. */
export function objectOfId(objects: ObjectMeta[], id: string): ObjectMeta | undefined {
  return objects.find((meta) => id.startsWith(meta.prefix));
}

/** The fields of the page that a person may fill in. */
export function editableFields(meta: ObjectMeta): FieldMeta[] {
  return pageFields(meta).filter((field) => !field.readOnly);
}

/** `this contact`: how an object is named in a sentence. */
export function thisObject(meta: ObjectMeta): string {
  return `this ${meta.label.toLowerCase()}`;
}
