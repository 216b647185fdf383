import { z } from 'zod';

/** The schema with null for each optional field that is not filled in, as forms hold it. */
export function nullable(schema: z.ZodObject): z.ZodObject {
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [
      name,
      field instanceof z.ZodOptional ? (field.unwrap() as z.ZodType).nullable() : field,
    ]),
  );
  return z.object(shape as z.ZodRawShape);
}

/** What is filled in. */
export function withoutNulls<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Partial<T>;
}
