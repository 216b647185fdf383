import { z } from 'zod';
import { EmergencyMessageInput } from '../../protocol/emergency-messages.ts';
import { nameOfNumber } from './calls.ts';
import { idOf, nameOf, section } from './section.ts';
import type { Stores } from './stores.ts';

const MessageItem = EmergencyMessageInput.omit({ label: true, numberIds: true })
  .extend({ numbers: z.array(z.string()).max(1_000).default([]) })
  .strict();
type MessageItem = z.output<typeof MessageItem>;

/** What they say, and whose callers hear it. Whether one is on is no configuration: a new one is off, the others stay as they are. */
export const emergencyMessages = section<MessageItem>({
  section: 'emergencyMessages',
  item: MessageItem,
  list: ({ emergencyMessages: all, callCenter }) =>
    all.all().map(({ id, label, text, afterwards, numberIds }) => ({
      id,
      name: label,
      item: {
        text,
        afterwards,
        numbers: numberIds.map((one) => nameOf(callCenter.entries(), nameOfNumber, one)).sort(),
      },
    })),
  add: (stores, label, item) => stores.emergencyMessages.add({ label, ...messageInput(stores, item) }),
  change: (stores, id, item) => stores.emergencyMessages.change(id, messageInput(stores, item)),
  remove: (stores, id) => stores.emergencyMessages.remove(id),
});

function messageInput({ callCenter }: Stores, { numbers, ...rest }: MessageItem) {
  const numberId = (name: string) => idOf(callCenter.entries(), nameOfNumber, name, 'number', 'numbers');
  return { ...rest, numberIds: numbers.map(numberId) };
}
