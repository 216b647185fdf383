/** False for text that PostgreSQL's jsonb refuses: NUL and halves of surrogate pairs. One such event would stop the journal. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && !/[\ud800-\udfff]/u.test(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isStorable);
}
