import { QueueWaiting } from '../../protocol/waiting.ts';
import { byLabel, idOf, nameOf, section } from './section.ts';

/** What callers hear in a queue while they wait, by its name; a queue without has music and its greeting alone. */
export const queueWaiting = section<QueueWaiting>({
  section: 'queueWaiting',
  item: QueueWaiting,
  list: ({ waiting, callCenter }) =>
    waiting.all().map(({ queueId, settings }) => ({
      id: queueId,
      name: nameOf(callCenter.queues(), byLabel, queueId),
      item: settings,
    })),
  add: ({ waiting, callCenter }, name, item) =>
    waiting.set(idOf(callCenter.queues(), byLabel, name, 'queue', ''), item),
  change: ({ waiting }, id, item) => waiting.set(id, item),
  remove: ({ waiting }, id) => waiting.set(id, null),
});
