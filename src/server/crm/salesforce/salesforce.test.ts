import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type SalesforceRig, salesforceRig } from '../../../../test/harness/salesforce-rig.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import type { CallLogEntry } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { CrmCall } from '../connector.ts';
import { numberQuery } from '../number-query.ts';
import { anyPhrase, soqlText, wordBeginnings } from './salesforce-text.ts';

const clock = new VirtualClock();
let rig: SalesforceRig;

async function start(settings: object = {}, users: readonly string[] = ['ann', 'bob']): Promise<void> {
  rig = await salesforceRig(settings, users, clock);
}
afterEach(() => rig.double.close());

const as = (userId?: string): CrmCall => ({ userId, signal: new AbortController().signal });

const ENTRY: CallLogEntry = {
  conversationId: 'conv_1',
  userId: 'ann',
  direction: 'outbound',
  from: '801',
  to: '+442079460958',
  startedAt: Date.UTC(2026, 0, 15, 10),
  durationSeconds: 61,
  subject: 'Outbound call',
  comments: 'Wants a quote.',
  disposition: 'Sold',
  who: null,
  what: null,
};

const write = (change: Partial<CallLogEntry> = {}, userId = 'ann') =>
  rig.connector.writeCallLog?.(as(userId), 'conv_1:ann', { ...ENTRY, ...change });

const codeOf = (work: Promise<unknown> | undefined) =>
  (work ?? Promise.resolve()).then(
    () => 'an answer',
    (error: unknown) => (error instanceof CodedError ? error.code : String(error)),
  );

describe('the Task of a call', () => {
  it('has the fields of the old toolkit, the first closed status, and a page of its own', async () => {
    await start();
    const ref = await write();
    expect(rig.double.all('Task')).toMatchObject([
      {
        Subject: 'Outbound call',
        ActivityDate: '2026-01-15',
        Status: 'Done',
        TaskSubtype: 'Call',
        CallType: 'Outbound',
        CallDurationInSeconds: 61,
        CallDisposition: 'Sold',
        CallObject: 'conv_1:ann',
        Description: 'Wants a quote.',
      },
    ]);
    expect(ref).toMatchObject({ object: 'Task', url: `${rig.double.url}/lightning/r/Task/${ref?.id}/view` });
  });

  it('about a lead is about nothing else', async () => {
    await start();
    const lead = rig.double.add('Lead', { LastName: 'Doe', Company: 'Acme' });
    const account = rig.double.add('Account', { Name: 'Acme' });
    await write({
      who: { id: lead, object: 'Lead', name: 'Doe' },
      what: { id: account, object: 'Account', name: 'Acme' },
    });
    expect(rig.double.all('Task')[0]).toMatchObject({ WhoId: lead });
    expect(rig.double.all('Task')[0]?.['WhatId']).toBeUndefined();
  });

  it('about a person account is about its contact', async () => {
    await start();
    const contact = rig.double.add('Contact', { LastName: 'Doe', IsPersonAccount: true });
    const account = rig.double.add('Account', {
      Name: 'Doe',
      IsPersonAccount: true,
      PersonContactId: contact,
    });
    await write({ what: { id: account, object: 'Account', name: 'Doe' } });
    expect(rig.double.all('Task')[0]).toMatchObject({ WhoId: contact });
  });

  it('leaves out what the account may not write', async () => {
    await start();
    rig.double.hideField('Task.CallDisposition', 'ann@acme.example');
    await write();
    expect(rig.double.all('Task')[0]?.['CallDisposition']).toBeUndefined();
  });

  it('is written by the organisation for who has not signed in, who reads nothing', async () => {
    await start({}, ['bob']);
    await write();
    expect(rig.double.all('Task')).toHaveLength(1);
    const id = rig.double.add('Contact', { LastName: 'Doe' });
    expect(await codeOf(rig.connector.read?.(as('ann'), id))).toBe('crm-sign-in');
    expect(await codeOf(rig.connector.read?.(as('bob'), id))).toBe('an answer');
  });

  it('has the recording in a field of its own where one is named', async () => {
    await start({ recordingField: 'Recording__c' });
    await write();
    const link = {
      conversationId: 'conv_1',
      userId: 'ann',
      recordingId: 'r',
      url: 'https://x/r',
      startedAt: 0,
      durationSeconds: 1,
    };
    await rig.connector.attachRecording?.(as('ann'), 'conv_1:ann', link);
    expect(rig.double.all('Task')[0]).toMatchObject({
      Recording__c: 'https://x/r',
      Description: 'Wants a quote.',
    });
  });
});

describe('records', () => {
  it('are read with the names of what they refer to, without fields that the account does not see', async () => {
    await start();
    const account = rig.double.add('Account', { Name: 'Acme' });
    const id = rig.double.add('Contact', { LastName: 'Doe', AccountId: account, Email: 'j@doe.example' });
    rig.double.hideField('Contact.Email', 'bob@acme.example');
    const seen = await rig.connector.read?.(as('ann'), id);
    expect(seen).toMatchObject({
      name: 'Doe',
      fields: { Email: 'j@doe.example' },
      names: { [account]: 'Acme' },
    });
    const less = await rig.connector.read?.(as('bob'), id);
    expect(Object.keys(less?.fields ?? {})).not.toContain('Email');
  });

  it('of a person account are found once', async () => {
    await start();
    const contact = rig.double.add('Contact', {
      LastName: 'Doe',
      IsPersonAccount: true,
      Phone: '020 7946 0958',
    });
    const account = rig.double.add('Account', {
      Name: 'Doe',
      IsPersonAccount: true,
      PersonContactId: contact,
      Phone: '020 7946 0958',
    });
    const query = numberQuery('+442079460958', 'GB');
    if (!query) throw new Error('no number');
    const found = await rig.connector.match?.(as('ann'), query, 10);
    expect(found?.records.map(({ record }) => record.id)).toEqual([account]);
  });

  it('changed meanwhile are a conflict', async () => {
    await start();
    const id = rig.double.add('Contact', { LastName: 'Doe' });
    const before = await rig.connector.read?.(as('ann'), id);
    await rig.connector.update?.(as('ann'), id, { Title: 'Dr' }, before?.rev);
    expect(await codeOf(rig.connector.update?.(as('ann'), id, { Title: 'Mr' }, before?.rev))).toBe(
      'conflict',
    );
  });
});

describe('a session', () => {
  it('that has expired is refreshed once for all who wait, and the new tokens are kept', async () => {
    await start();
    const id = rig.double.add('Contact', { LastName: 'Doe' });
    await rig.connector.read?.(as('ann'), id);
    const before = rig.accounts.kept.get('ann')?.secrets;
    rig.double.expireSessions();
    rig.double.requests.length = 0;
    await Promise.all([1, 2, 3].map(async () => rig.connector.read?.(as('ann'), id)));
    expect(rig.double.requests.filter((path) => path.endsWith('/token'))).toHaveLength(1);
    expect(rig.accounts.kept.get('ann')?.secrets).not.toEqual(before);
    rig.double.expireSessions();
    expect(await codeOf(rig.connector.read?.(as('ann'), id)), 'the rotated token is used').toBe('an answer');
  });

  it('whose sign-in was taken away says so, and is no reason to ask on and on', async () => {
    await start();
    rig.double.revoke();
    expect(await codeOf(rig.connector.ping(as()))).toBe('crm-sign-in');
    expect(rig.double.requests.filter((path) => path.endsWith('/token'))).toHaveLength(1);
  });
});

describe('the limit of requests', () => {
  it('is shown, and once it is reached nothing is asked for five minutes', async () => {
    await start();
    rig.double.used = 80_000;
    await rig.connector.ping(as());
    expect(rig.connector.usage?.()).toEqual({ used: 80_000, limit: 100_000 });
    rig.double.used = 100_000;
    expect(await codeOf(rig.connector.ping(as()))).toBe('crm-limit');
    rig.double.used = 0;
    const asked = rig.double.requests.length;
    expect(await codeOf(rig.connector.ping(as()))).toBe('crm-limit');
    expect(rig.double.requests).toHaveLength(asked);
    await clock.advance(300_001);
    expect(await codeOf(rig.connector.ping(as()))).toBe('an answer');
  });

  it('and maintenance pass by themselves', async () => {
    await start();
    rig.double.maintenance = true;
    expect(await codeOf(rig.connector.ping(as()))).toBe('crm-unavailable');
  });
});

describe('signing in', () => {
  it('proves with PKCE that who comes back is who went', async () => {
    await start();
    const codeVerifier = 'a'.repeat(64);
    const request = {
      redirectUri: 'https://cp.example/back',
      state: 's1',
      codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    };
    const code = async () => {
      const url = await rig.connector.signIn?.authorizeUrl(request);
      const answer = await fetch(`${url}&login_hint=cem@acme.example`, { redirect: 'manual' });
      const back = new URL(answer.headers.get('location') ?? '');
      expect(back.searchParams.get('state')).toBe('s1');
      return back.searchParams.get('code') ?? '';
    };
    const { redirectUri } = request;
    const account = await rig.connector.signIn?.complete({ redirectUri, code: await code(), codeVerifier });
    expect(account).toMatchObject({
      name: 'cem (cem@acme.example)',
      externalId: expect.stringMatching(/^005/),
    });
    const wrong = { redirectUri, code: await code(), codeVerifier: 'b'.repeat(64) };
    expect(await codeOf(rig.connector.signIn?.complete(wrong))).toBe('crm-refused');
  });
});

describe('texts within SOQL and SOSL', () => {
  it('mean nothing but themselves', async () => {
    await start();
    expect(soqlText(`O'Brien \\ x`)).toBe(`'O\\'Brien \\\\ x'`);
    expect(anyPhrase(['+44 (0)20-1'])).toBe('"\\+44 \\(0\\)20\\-1"');
    expect(wordBeginnings('Jo{hn} or x "Smi')).toBe('Jo\\{hn\\}* AND "or" AND \\"Smi*');
    expect(wordBeginnings('* ? -')).toBeUndefined();
  });
});
