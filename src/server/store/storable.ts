/** False for text that PostgreSQL refuses, in jsonb at least: NUL and halves of surrogate pairs. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && !/[\ud800-\udfff]/u.test(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isStorable);
}
