import type { QueueLogResult } from '../../protocol/platforms.ts';

/** More line numbers than these would only fill the page. */
const MAX_LINES = 10;

/** What became of a queue log, in sentences. */
export function queueLogWords({ added, found, open, bad }: QueueLogResult, locale: string): string {
  const number = new Intl.NumberFormat(locale);
  const count = (n: number, one: string, many: string) =>
    n === 1 ? `1 ${one}` : `${number.format(n)} ${many}`;
  if (found === 0 && open === 0)
    return bad.length > 0
      ? `This is no queue log: ${count(bad.length, 'line', 'lines')} and no caller in any of them. Nothing was imported.`
      : 'No caller entered a queue in this file. Nothing was imported.';
  const sentences = [
    `${count(found, 'caller', 'callers')} read, ${added === 0 ? 'none' : number.format(added)} of them new.`,
  ];
  if (open > 0)
    sentences.push(
      `${count(open, 'caller was', 'callers were')} still there at the end of the file: give it again later, and they are added.`,
    );
  if (bad.length > 0) {
    const lines = bad.slice(0, MAX_LINES).join(', ') + (bad.length > MAX_LINES ? ' …' : '');
    sentences.push(
      `${count(bad.length, 'line is', 'lines are')} none of a queue log and left out: ${lines}.`,
    );
  }
  return sentences.join(' ');
}
