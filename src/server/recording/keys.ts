/** `2026/01/05/rec_….wav`: by UTC day, so that a folder does not grow without end. */
export function keyOf(id: string, startedAt: number): string {
  return `${new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '/')}/${id}.wav`;
}

/** The key, which leads nowhere but into its store. */
export function checkKey(key: string): string {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(key)) throw new Error('no key of a store');
  return key;
}
