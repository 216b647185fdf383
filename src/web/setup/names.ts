/** What those with these ids are called, in one line; `none` where no id is. Empty while they are on their way. */
export function namesOf<T extends { id: string }>(
  all: readonly T[],
  ids: readonly string[],
  name: (one: T) => string,
  none = '–',
): string {
  if (ids.length === 0) return none;
  return all
    .filter(({ id }) => ids.includes(id))
    .map(name)
    .join(', ');
}
