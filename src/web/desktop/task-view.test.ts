import { describe, expect, it } from 'vitest';
import type { CrmRecord } from '../../protocol/crm.ts';
import { readTask } from './task-view.ts';

function task(fields: CrmRecord['fields']): CrmRecord {
  return {
    id: '00T1',
    object: 'Task',
    name: 'A task',
    fields,
    names: { '0051': 'Grace Hopper' },
    createdAt: 5,
    updatedAt: 5,
    rev: 1,
  };
}

describe('a task in the timeline', () => {
  it('is a call with its direction, begin, length and wrap-up code', () => {
    const view = readTask(
      task({
        CallType: 'Inbound',
        CallStart: '2026-01-05T09:00:00.000Z',
        CallDurationInSeconds: 65,
        CallDisposition: 'Solved',
        Status: 'Completed',
        OwnerId: '0051',
        Description: 'Was glad.',
        ActivityDate: '2026-01-05',
      }),
    );
    expect(view).toMatchObject({
      kind: 'call',
      direction: 'Inbound',
      at: Date.UTC(2026, 0, 5, 9),
      durationMs: 65_000,
    });
    expect(view).toMatchObject({
      disposition: 'Solved',
      owner: 'Grace Hopper',
      comments: 'Was glad.',
      due: undefined,
      status: undefined,
    });
  });

  it('is something to do, with its day, until it is completed', () => {
    expect(readTask(task({ Status: 'Not started', ActivityDate: '2026-02-01' }))).toMatchObject({
      kind: 'task',
      due: '2026-02-01',
      status: 'Not started',
      at: 5,
    });
    expect(readTask(task({ Status: 'Completed', ActivityDate: '2026-02-01' })).due).toBeUndefined();
  });
});
