import { describe, expect, it } from 'vitest';
import { agent, errorOf, idsOf, testCrm } from '../../../../test/harness/crm.ts';
import type { CallLogEntry, CrmRecord } from '../../../protocol/crm.ts';

const { crm, make, contact } = await testCrm();

describe('the call log', () => {
  const entry = (changes: Partial<CallLogEntry> = {}): CallLogEntry => ({
    conversationId: 'conv_1',
    userId: 'user_ada',
    direction: 'inbound',
    from: '020 7946 0958',
    to: '+441614960000',
    startedAt: Date.UTC(2026, 0, 5, 23, 59, 0),
    durationSeconds: 61.4,
    subject: 'Call from Ada',
    comments: 'Asked for gears',
    disposition: 'sale',
    who: null,
    what: null,
    ...changes,
  });
  const ref = ({ id, object, name }: CrmRecord) => ({ id, object, name });
  const count = async () => (await crm.list(agent, 'Task', { text: 'conv' })).total;

  it('is one closed task with all that is known of the call', async () => {
    const account = await make('Account', { Name: 'Logged' });
    const person = await contact('Logged', { AccountId: account.id });
    const written = await crm.writeCallLog('k1', entry({ who: ref(person), what: ref(account) }));
    const task = await crm.read(agent, written.id);
    expect(written).toMatchObject({ object: 'Task', name: 'Call from Ada' });
    expect(task.fields).toEqual({
      Subject: 'Call from Ada',
      Status: 'Completed',
      Priority: 'Normal',
      ActivityDate: '2026-01-05',
      WhoId: person.id,
      WhatId: account.id,
      AccountId: account.id,
      Description: 'Asked for gears',
      TaskSubtype: 'Call',
      CallType: 'Inbound',
      CallDisposition: 'sale',
      CallDurationInSeconds: 61,
      CallStart: '2026-01-05T23:59:00.000Z',
      CallFrom: '+442079460958',
      CallTo: '+441614960000',
      CallObject: 'conv_1',
      OwnerId: 'user_ada',
    });
    expect(idsOf(await crm.activity(agent, person.id))).toEqual([written.id]);
  });

  it('stays one task when it is written again, also at the same moment', async () => {
    const before = await count();
    const twice = entry({ conversationId: 'conv_2' });
    const refs = await Promise.all(
      [1, 2, 3, 4].map((n) => crm.writeCallLog(`k${n}`, { ...twice, comments: `${n}` })),
    );
    const last = await crm.writeCallLog('k2', { ...twice, comments: 'the last word', disposition: null });
    expect(new Set([...refs, last].map((r) => r.id)).size).toBe(1);
    expect(await count()).toBe(before + 1);
    expect((await crm.read(agent, last.id)).fields).toMatchObject({
      Description: 'the last word',
      CallDisposition: null,
    });
  });

  it('is a task of its own for each agent of a conversation', async () => {
    const mine = await crm.writeCallLog('k', entry({ conversationId: 'conv_3' }));
    const yours = await crm.writeCallLog('k', entry({ conversationId: 'conv_3', userId: 'user_bob' }));
    expect(mine.id).not.toBe(yours.id);
    expect(await errorOf(crm.update(agent, yours.id, { Description: 'X' }))).toMatchObject({
      code: 'not-allowed',
    });
  });

  it('is not lost for a person who is gone, a link of the wrong kind, or a text too long', async () => {
    const wrong = await make('Case', { Subject: 'Wrong kind' });
    const gone = { id: '003zzzzzzzzzzzz', object: 'Contact', name: 'Gone' };
    const written = await crm.writeCallLog(
      'k',
      entry({
        conversationId: 'conv_4',
        who: ref(wrong),
        what: gone,
        subject: 'S'.repeat(300),
        comments: `${'C'.repeat(40_000)}\u0000`,
        from: 'anonymous',
        to: '',
      }),
    );
    const { fields } = await crm.read(agent, written.id);
    expect(fields).toMatchObject({ WhoId: null, WhatId: null, CallFrom: 'anonymous', CallTo: null });
    expect(String(fields.Subject)).toHaveLength(255);
    expect(String(fields.Description)).toHaveLength(32_000);
  });

  it('keeps what happened on the line from being edited', async () => {
    const written = await crm.writeCallLog('k', entry({ conversationId: 'conv_5' }));
    expect(await errorOf(crm.update(agent, written.id, { CallDurationInSeconds: 5 }))).toMatchObject({
      code: 'bad-input',
    });
    expect((await crm.update(agent, written.id, { Description: 'Corrected' })).fields.Description).toBe(
      'Corrected',
    );
  });

  it('finds nobody by the numbers of a call', async () => {
    await crm.writeCallLog('k', entry({ conversationId: 'conv_6', from: '07700 900999' }));
    expect(idsOf(await crm.match(agent, '07700 900999'))).toEqual([]);
  });
});
