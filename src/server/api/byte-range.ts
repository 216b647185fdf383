/** The first range of an HTTP Range header (RFC 9110, section 14.2), or `all` for the whole; undefined when it begins behind the end. */
export function byteRange(
  header: string | undefined,
  bytes: number,
): { start: number; end: number } | 'all' | undefined {
  // Several ranges, or none that is understood: a server may answer with the whole.
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (from === '' && to === '') return 'all';
  if (from === '')
    return Number(to) === 0 || bytes === 0
      ? undefined
      : { start: Math.max(0, bytes - Number(to)), end: bytes - 1 };
  const [start, end] = [Number(from), to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)];
  if (to !== '' && Number(to) < start) return 'all';
  return start < bytes ? { start, end } : undefined;
}
