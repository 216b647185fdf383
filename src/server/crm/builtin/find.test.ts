import { beforeAll, describe, expect, it } from 'vitest';
import { administrator, agent, errorOf, idsOf, testCrm } from '../../../../test/harness/crm.ts';
import type { CrmRecord } from '../../../protocol/crm.ts';

const { crm, clock, make, contact } = await testCrm();

describe('matching a number', () => {
  const WAYS = [
    '+44 (0)20 7946 0958',
    '00442079460958',
    '020 7946 0958',
    '02079460958',
    '442079460958',
    '+442079460958',
    '020 7946 0958 ext 7',
    'sip:02079460958@pbx.example;user=phone',
  ];
  let ada: CrmRecord;

  beforeAll(async () => {
    ada = await contact('King', { FirstName: 'Ada', Phone: '+44 (0)20 7946 0958', Title: 'Countess' });
  });

  it.each(WAYS)('finds who has the number by %s', async (typed) => {
    const found = await crm.match(agent, typed);
    expect(found).toEqual({
      records: [{ id: ada.id, object: 'Contact', name: 'Ada King', detail: 'Countess' }],
      more: false,
    });
  });

  it.each(WAYS)('finds a number that was stored as %s', async (typed) => {
    const made = await contact('Stored', { HomePhone: typed.replaceAll('0958', '0959') });
    expect(idsOf(await crm.match(agent, '+442079460959'))).toEqual([made.id]);
    await crm.remove(administrator, made.id);
  });

  it('reads a number of the caller’s country when told', async () => {
    const made = await contact('American', { Phone: '+1 212 555 0147' });
    expect(idsOf(await crm.match(agent, '(212) 555-0147', { country: 'US' }))).toEqual([made.id]);
    expect(idsOf(await crm.match(agent, '555-0147', { country: 'US' }))).toEqual([made.id]);
    expect(idsOf(await crm.match(agent, '020 7946 0958', { country: 'US' }))).toEqual([ada.id]);
  });

  it.each([
    'anonymous',
    '',
    '101',
    '999',
    '60958',
    'sip:ada@pbx.example',
    '+442079460957',
    '+1 207 946 0958',
  ])('finds nobody by %j', async (typed) => {
    expect(await crm.match(agent, typed)).toEqual({ records: [], more: false });
  });

  it('finds the new number after a change and the old one no more', async () => {
    const made = await contact('Moved', { MobilePhone: '07700 900100' });
    await crm.update(agent, made.id, { MobilePhone: '07700 900101' });
    expect(idsOf(await crm.match(agent, '+447700900100'))).toEqual([]);
    expect(idsOf(await crm.match(agent, '+447700900101'))).toEqual([made.id]);
  });

  it('names a record once, though two of its fields have the number', async () => {
    const made = await contact('Twice', { Phone: '07700 900102', MobilePhone: '+447700900102' });
    expect(idsOf(await crm.match(agent, '07700900102'))).toEqual([made.id]);
  });

  it('leaves an account out that only repeats its one person, and keeps a switchboard before nobody', async () => {
    const account = await make('Account', { Name: 'Sole Trader', Phone: '0161 496 0001' });
    const trader = await contact('Trader', { AccountId: account.id, Phone: '0161 496 0001' });
    expect(idsOf(await crm.match(agent, '01614960001'))).toEqual([trader.id]);
    const partner = await contact('Partner', { AccountId: account.id, Phone: '0161 496 0001' });
    expect(idsOf(await crm.match(agent, '01614960001'))).toEqual([partner.id, trader.id, account.id]);
  });

  it('puts direct numbers before an assistant’s or a fax', async () => {
    const boss = await contact('Aardvark', { AssistantPhone: '0161 496 0002' });
    const helper = await contact('Zebra', { Phone: '0161 496 0002' });
    expect(idsOf(await crm.match(agent, '01614960002'))).toEqual([helper.id, boss.id]);
  });

  it('caps what it finds and says that there is more', async () => {
    for (let i = 0; i < 4; i++) await contact(`Shared ${i}`, { Phone: '0161 496 0003' });
    const found = await crm.match(agent, '01614960003', { limit: 3 });
    expect(found.records.map((r) => r.name)).toEqual(['Shared 0', 'Shared 1', 'Shared 2']);
    expect(found.more).toBe(true);
  });

  it('gives up at its deadline', async () => {
    const slow = errorOf(crm.match(agent, '+442079460958', { deadlineMs: 5 }));
    await clock.advance(5);
    expect(await slow).toMatchObject({ code: 'timeout' });
  });
});

describe('search', () => {
  let zoe: CrmRecord;
  let firm: CrmRecord;

  beforeAll(async () => {
    firm = await make('Account', { Name: 'Brontë & Søn Bakeries', Phone: '0161 496 0100' });
    zoe = await contact('Müller-Lüdenscheidt', {
      FirstName: 'Zoë',
      Email: 'zoe@bakery.example',
      MobilePhone: '07700 900200',
    });
  });

  it.each(['zoe', 'ZOË', 'muller', 'ludensch zoe', 'Zoë Müller', 'bakery.example', 'zoe@bakery'])(
    'finds a person by %j',
    async (typed) => {
      expect(idsOf(await crm.search(agent, typed))).toEqual([zoe.id]);
    },
  );

  it.each(['bronte', 'son bak', '0161 496 0100', '+44161496', '0161 4960', '960100'])(
    'finds a company by %j',
    async (typed) => {
      expect(idsOf(await crm.search(agent, typed))).toContain(firm.id);
    },
  );

  it.each(['07700 900200', '+44 7700 900200', '00447700900200', '900200', '0200', '07700 9002', '7700 9002'])(
    'finds a person by the number %s',
    async (typed) => {
      expect(idsOf(await crm.search(agent, typed))).toContain(zoe.id);
    },
  );

  it.each(['', '   ', '%', "'", "zoe' | 'a", '\\', ':*', 'zoe & !x'])('survives %j', async (typed) => {
    const { records } = await crm.search(agent, typed);
    expect(records.every((r) => r.id === zoe.id)).toBe(true);
  });

  it('finds whole names among many that begin alike, and the exact name first', async () => {
    for (let i = 0; i < 30; i++) await contact(`Annabel${String(i).padStart(2, '0')}`);
    const anna = await contact('Anna');
    const found = await crm.search(agent, 'anna', { limit: 5 });
    expect(found.records[0]?.id).toBe(anna.id);
    expect(found).toMatchObject({ more: true, records: { length: 5 } });
  });

  it('keeps to the objects asked for', async () => {
    expect(idsOf(await crm.search(agent, 'zoe', { objects: ['Account'] }))).toEqual([]);
    expect(await errorOf(crm.search(agent, 'zoe', { objects: ['Rocket'] }))).toMatchObject({
      code: 'not-found',
    });
  });

  it('finds a case by its number', async () => {
    const made = await make('Case', { Subject: 'Stale bread', AccountId: firm.id });
    const found = await crm.search(agent, String(made.fields.CaseNumber));
    expect(found.records).toMatchObject([
      { id: made.id, name: 'Stale bread', detail: `${made.fields.CaseNumber} · New · Brontë & Søn Bakeries` },
    ]);
  });
});
