import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { importQueueLog, queueFigures, queueLogMigrations } from './queue-log-import.ts';
import { parseQueueLog } from './queue-log.ts';

/** As Asterisk 22 wrote it. */
const LOG = `1795365758|NONE|NONE|NONE|QUEUESTART|
1795365759|1795365759.0|support|NONE|ENTERQUEUE||+442079460958|1
1795365764|1795365759.0|support|Cy|RINGNOANSWER|5000
1795365769|1795365759.0|support|Cy|CONNECT|10|1795365759.1|2
1795365799|1795365759.0|support|Cy|COMPLETEAGENT|10|30|1
1795365800|NONE|sales|Ann|PAUSE|lunch
1795365801|1795365801.7|sales|NONE|ENTERQUEUE||NONE|1
1795365826|1795365801.7|sales|NONE|ABANDON|1|1|25
1795365830|1795365830.9|sales|NONE|ENTERQUEUE||201|1
1795365834|1795365830.9|sales|Bob|CONNECT|4|1795365830.10|1
1795365894|1795365830.9|sales|Bob|BLINDTRANSFER|202|from-internal|4|60|1
1795365900|1795365900.2|sales|NONE|ENTERQUEUE||+49301234567|1
`;

describe('a queue log', () => {
  it('is one segment per stay in a queue', () => {
    const { segments, bad, open } = parseQueueLog(LOG);
    expect(bad).toEqual([]);
    expect(open).toBe(1);
    expect(segments).toEqual([
      {
        callId: '1795365759.0',
        queue: 'support',
        agent: 'Cy',
        caller: '+442079460958',
        enteredAt: 1_795_365_759_000,
        answeredAt: 1_795_365_769_000,
        endedAt: 1_795_365_799_000,
        waitedMs: 10_000,
        talkedMs: 30_000,
        missed: 1,
        how: 'agent',
      },
      {
        callId: '1795365801.7',
        queue: 'sales',
        caller: '',
        enteredAt: 1_795_365_801_000,
        endedAt: 1_795_365_826_000,
        waitedMs: 25_000,
        talkedMs: 0,
        missed: 0,
        how: 'abandoned',
      },
      expect.objectContaining({ agent: 'Bob', talkedMs: 60_000, how: 'transferred' }),
    ]);
  });

  it('names lines that are none of it, and reads the rest', () => {
    const { segments, bad } = parseQueueLog(`hello\n\n${LOG}1795365901||sales\n`);
    expect(bad).toEqual([1, 15]);
    expect(segments).toHaveLength(3);
  });

  it('takes what belongs to a stay that began before the text for nothing', () => {
    expect(parseQueueLog('1795365799|1795365759.0|support|Cy|COMPLETEAGENT|10|30|1').segments).toEqual([]);
  });
});

describe('the import of a queue log', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(queueLogMigrations);
  });
  afterAll(() => database.drop());

  it('adds what is new and nothing twice, however often and from whichever telephone system', async () => {
    const { db } = database;
    const half = LOG.split('\n').slice(0, 6).join('\n');
    expect(await importQueueLog(db, 'pbx', half)).toMatchObject({ added: 1, found: 1, open: 0 });
    expect(await importQueueLog(db, 'pbx', LOG)).toMatchObject({ added: 2, found: 3, open: 1 });
    expect(await importQueueLog(db, 'pbx', LOG)).toMatchObject({ added: 0, found: 3 });
    expect(await importQueueLog(db, 'other', LOG)).toMatchObject({ added: 3 });
  });

  it('gives the figures that app_queue defines', async () => {
    const range = { from: 1_795_365_000_000, to: 1_795_366_000_000, thresholdMs: 20_000 };
    expect(await queueFigures(database.db, 'pbx', range)).toEqual([
      {
        queue: 'sales',
        day: null,
        offered: 2,
        answered: 1,
        abandoned: 1,
        serviceLevel: 1,
        serviceLevel2: 0.5,
        averageSpeedOfAnswerMs: 4_000,
        averageTalkMs: 60_000,
      },
      {
        queue: 'support',
        day: null,
        offered: 1,
        answered: 1,
        abandoned: 0,
        serviceLevel: 1,
        serviceLevel2: 1,
        averageSpeedOfAnswerMs: 10_000,
        averageTalkMs: 30_000,
      },
    ]);
  });
});
