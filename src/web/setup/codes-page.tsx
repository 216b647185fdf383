import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { ShownQueue } from '../../protocol/setup.ts';
import { ListPage } from './record-table.tsx';
import { mapReading, useRecords } from './resource.ts';

interface Code {
  id: string;
  label: string;
  queues: ShownQueue[];
}

/** All wrap-up codes with the queues that have them; they are edited at the queue. */
export function CodesPage() {
  const queues = useRecords<ShownQueue>('queues');
  return (
    <ListPage
      title="Wrap-up codes"
      one="code"
      intro="What came of a call. Each queue has codes of its own, set at the queue; the same words in two queues are one line here."
      query={mapReading(queues, codesOf)}
      words={(code) => `${code.label} ${code.queues.map((queue) => queue.label).join(' ')}`}
      empty="Agents choose a code when a call is over. Open a queue and add its codes."
      columns={[
        { label: 'Code', show: (code) => code.label },
        {
          label: 'Queues',
          show: (code) =>
            code.queues.map((queue, index) => (
              <span key={queue.id}>
                {index > 0 && ', '}
                <Anchor component={Link} href={`/queues/${queue.id}`} inherit>
                  {queue.label}
                </Anchor>
                {queue.dispositionRequired && ' (needed)'}
              </span>
            )),
        },
      ]}
    />
  );
}

function codesOf(queues: ShownQueue[]): Code[] {
  const byLabel = new Map<string, Code>();
  for (const queue of queues) {
    for (const { label, active } of queue.dispositions) {
      if (!active) continue;
      const code = byLabel.get(label) ?? { id: label, label, queues: [] };
      code.queues.push(queue);
      byLabel.set(label, code);
    }
  }
  return [...byLabel.values()].sort((a, b) => a.label.localeCompare(b.label));
}
