import { describe, expect, it } from 'vitest';
import { STANDARD_OBJECTS } from '../crm/builtin/objects.ts';
import { must } from '../../lib/must.ts';
import { mapFields, readInstant, shortId } from './opencti-fields.ts';

const task = must(
  STANDARD_OBJECTS.find(({ name }) => name === 'Task'),
  'Task',
);

describe('fields of an adapter', () => {
  it('are found in any case, with picklists in any case, whole seconds and plain dates', () => {
    expect(
      mapFields(task, {
        subject: 'Call',
        STATUS: 'completed',
        Activitydate: '2026-03-01T23:59:59.999Z',
        CallDurationInSeconds: '61.5',
        CallType: 'OUTBOUND',
        WhatId: null,
      }),
    ).toEqual({
      fields: {
        Subject: 'Call',
        Status: 'Completed',
        ActivityDate: '2026-03-01',
        CallDurationInSeconds: 62,
        CallType: 'Outbound',
        WhatId: null,
      },
      left: [],
      wrong: [],
    });
  });

  it('that the object has not, or makes itself, are left out; values that cannot be are named', () => {
    expect(
      mapFields(task, { Vendor__c: 1, OwnerId: '005', WhoId: 'Ada', ActivityDate: 'soon' }),
    ).toMatchObject({
      fields: {},
      left: ['Vendor__c', 'OwnerId'],
      wrong: [{ field: 'WhoId' }, { field: 'ActivityDate' }],
    });
  });

  it('that are too long are cut where they are text', () => {
    expect(String(mapFields(task, { Subject: 'x'.repeat(300) }).fields.Subject)).toHaveLength(255);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-3-1', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01 09:30:00', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:00.123456+0100', '2026-03-01T08:30:00.123Z'],
    ['3/1/2026', '2026-03-01T00:00:00.000Z'],
    [1_772_355_600_000, '2026-03-01T09:00:00.000Z'],
    ['1772355600000', '2026-03-01T09:00:00.000Z'],
    ['Sun Mar 01 2026 09:00:00 GMT+0000', '2026-03-01T09:00:00.000Z'],
  ])('may be %s', (given, iso) => expect(readInstant(given)?.toISOString()).toBe(iso));

  it.each(['2026-02-30', '13/13/2026', 'today', '', '2026-03-01T25:00'])('is not %s', (given) =>
    expect(readInstant(given)).toBeUndefined(),
  );
});

describe('an id', () => {
  it('of 18 characters is its 15, with the case of its letters from the last three', () => {
    expect(shortId('001D000000IqhSLIAZ')).toBe('001D000000IqhSL');
    expect(shortId('001d000000iqhsliaz')).toBe('001D000000IqhSL');
    expect(shortId('001D000000IqhSL')).toBe('001D000000IqhSL');
  });
  it.each(['', '001', 'not an id at all', '001D000000IqhSLI!Z'])('is not %j', (id) =>
    expect(shortId(id)).toBeUndefined(),
  );
});
