import { describe, expect, it } from 'vitest';
import { administrator, agent, errorOf, idsOf, testCrm } from '../../../../test/harness/crm.ts';
import { must } from '../../../lib/must.ts';
import { listFields, pageFields } from '../../../protocol/crm.ts';
import { Metadata } from './metadata.ts';

const { crm, metadata, db, clock, make, contact } = await testCrm();

async function objectOf(name: string) {
  return must(
    (await crm.objects()).find((meta) => meta.name === name),
    name,
  );
}

const vehicle = await metadata.addObject({ label: 'Vehicle', labelPlural: 'Vehicles' });
await metadata.addField('Vehicle__c', { label: 'Driver phone', type: 'phone' });
await metadata.addField('Vehicle__c', { label: 'Colour', type: 'picklist', options: ['Red', 'Blue'] });
await metadata.addField('Vehicle__c', { label: 'Driver', type: 'reference', refersTo: ['Contact'] });
await metadata.addField('Vehicle__c', { label: 'Wheels', type: 'number' });

describe('custom objects', () => {
  it('have a name ending in __c, and a prefix of their own that is never given twice', async () => {
    expect(vehicle).toMatchObject({ name: 'Vehicle__c', prefix: 'a00', nameField: 'Name', custom: true });
    await metadata.addObject({ label: 'Übergabe 2', labelPlural: 'Übergaben' });
    expect(await objectOf('Ubergabe_2__c')).toMatchObject({ prefix: 'a01' });
    await metadata.removeObject('Ubergabe_2__c', 0);
    expect(await metadata.addObject({ label: 'Site', labelPlural: 'Sites' })).toMatchObject({
      prefix: 'a02',
    });
  });

  it('keep records that are made, listed, searched, found by number, and about which there are tasks', async () => {
    const ada = await contact('Driver');
    const made = await make('Vehicle__c', {
      Name: 'Lorry 7',
      Driver_phone__c: '020 7946 0301',
      Colour__c: 'Red',
      Driver__c: ada.id,
      Wheels__c: '6',
    });
    expect(made.id).toMatch(/^a00\w{12}$/);
    expect(made.fields).toMatchObject({ Driver_phone__c: '+442079460301', Wheels__c: 6 });
    expect((await crm.list(agent, 'Vehicle__c', { sort: 'Wheels__c' })).records).toMatchObject([
      { id: made.id },
    ]);
    expect(idsOf(await crm.search(agent, 'lorry'))).toEqual([made.id]);
    expect(await crm.match(agent, '+44 20 7946 0301')).toEqual({
      records: [{ id: made.id, object: 'Vehicle__c', name: 'Lorry 7' }],
      more: false,
    });
    expect(idsOf(await crm.related(agent, ada.id, 'Vehicle__c', 'Driver__c'))).toEqual([made.id]);
    expect((await objectOf('Contact')).related.at(-1)).toEqual({
      object: 'Vehicle__c',
      field: 'Driver__c',
      label: 'Vehicles',
    });
    const task = await make('Task', { Subject: 'Wash it', WhatId: made.id });
    expect(idsOf(await crm.activity(agent, made.id))).toEqual([task.id]);
    expect((await errorOf(crm.remove(administrator, ada.id))).code).toBe('in-use');
    await crm.remove(administrator, made.id);
    expect((await crm.read(agent, task.id)).fields.WhatId).toBeNull();
  });

  it('come behind people and companies that have the same number', async () => {
    const phone = '+44 20 7946 0302';
    const lorry = await make('Vehicle__c', { Name: 'Lorry 8', Driver_phone__c: phone });
    const account = await make('Account', { Name: 'Hauliers', Phone: phone });
    const person = await contact('Haul', { Phone: phone });
    const other = await contact('Haul', { Phone: phone, FirstName: 'B' });
    expect(idsOf(await crm.match(agent, phone))).toEqual([other.id, person.id, account.id, lorry.id]);
  });

  it('go with their records, once the administrator has agreed to as many', async () => {
    await metadata.addObject({ label: 'Tent', labelPlural: 'Tents' });
    const tent = await make('Tent__c', { Name: 'Big top' });
    const task = await make('Task', { Subject: 'Pitch it', WhatId: tent.id });
    const refused = await errorOf(metadata.removeObject('Tent__c', 0));
    expect(refused).toMatchObject({ code: 'would-lose', data: { records: 1 } });
    expect(await crm.read(agent, tent.id)).toMatchObject({ name: 'Big top' });
    await metadata.removeObject('Tent__c', await metadata.count('Tent__c'));
    expect((await errorOf(crm.read(agent, tent.id))).code).toBe('not-found');
    expect((await crm.read(agent, task.id)).fields.WhatId).toBeNull();
    expect((await errorOf(crm.list(agent, 'Tent__c'))).code).toBe('not-found');
  });

  it.each([
    [
      { label: 'Vehicle', labelPlural: 'Cars' },
      { code: 'already-exists', data: { field: 'name' } },
    ],
    [
      { name: 'Car__c', label: 'contact', labelPlural: 'Cars' },
      { code: 'already-exists', data: { field: 'label' } },
    ],
    [
      { name: 'VEHICLE__c', label: 'Car', labelPlural: 'Cars' },
      { code: 'already-exists', data: { field: 'name' } },
    ],
    [
      { label: 'Car', labelPlural: 'vehicles' },
      { code: 'already-exists', data: { field: 'labelPlural' } },
    ],
    [
      { label: '車', labelPlural: '車' },
      { code: 'bad-input', data: { field: 'name' } },
    ],
  ])('are not made as %j', async (input, error) => {
    expect(await errorOf(metadata.addObject(input))).toMatchObject(error);
  });

  it('stay while a field or a layout refers to them, and standard ones stay', async () => {
    await metadata.addField('Account', { label: 'Lorry', type: 'reference', refersTo: ['Vehicle__c'] });
    expect((await errorOf(metadata.removeObject('Vehicle__c', 99))).data.detail).toContain(
      'Lorry of Account',
    );
    await metadata.removeField('Account', 'Lorry__c', 0);
    const used = await Metadata.load({
      db,
      clock,
      usedBy: () => 'the layout Sales shows it',
      onListenerError: () => undefined,
    });
    expect((await errorOf(used.removeObject('Vehicle__c', 99))).code).toBe('in-use');
    expect((await errorOf(metadata.removeObject('Contact', 99))).data.field).toBe('name');
  });
});

describe('custom fields', () => {
  it('of a standard object are found by number and searched', async () => {
    await metadata.addField('Contact', { label: 'Yacht phone', type: 'phone' });
    await metadata.addField('Contact', { label: 'Nickname', type: 'text', maxLength: 10 });
    const made = await contact('Sailor', { Yacht_phone__c: '020 7946 0311', Nickname__c: 'Popeye' });
    expect(idsOf(await crm.match(agent, '020 7946 0311'))).toEqual([made.id]);
    expect(idsOf(await crm.search(agent, 'popeye'))).toEqual([made.id]);
    expect((await errorOf(contact('Long', { Nickname__c: 'x'.repeat(11) }))).data.field).toBe('Nickname__c');
  });

  it('go with their values, which are found no more', async () => {
    for (const field of ['Yacht_phone__c', 'Nickname__c']) {
      const refused = await errorOf(metadata.removeField('Contact', field, 0));
      expect(refused).toMatchObject({ code: 'would-lose', data: { records: 1 } });
      await metadata.removeField('Contact', field, await metadata.count('Contact', field));
    }
    expect(idsOf(await crm.match(agent, '020 7946 0311'))).toEqual([]);
    expect(idsOf(await crm.search(agent, 'popeye'))).toEqual([]);
    const [sailor] = (await crm.search(agent, 'sailor')).records;
    expect(Object.keys((await crm.read(agent, must(sailor, 'sailor').id)).fields)).not.toContain(
      'Nickname__c',
    );
    await metadata.addField('Contact', { label: 'Nickname', type: 'number' });
    expect(await metadata.count('Contact', 'Nickname__c')).toBe(0);
  });

  it('change their label, options and length, never their type; values that were allowed stay', async () => {
    const made = await make('Vehicle__c', { Name: 'Old', Colour__c: 'Blue' });
    await metadata.changeField('Vehicle__c', 'Colour__c', { label: 'Paint', options: ['Red', 'Green'] });
    await crm.update(agent, made.id, { Name: 'Older' });
    expect((await crm.read(agent, made.id)).fields.Colour__c).toBe('Blue');
    expect((await errorOf(make('Vehicle__c', { Name: 'New', Colour__c: 'Blue' }))).data.detail).toContain(
      'Paint must be one of Red, Green',
    );
  });

  it('of standard objects change their label and options', async () => {
    await metadata.changeField('Account', 'Industry', { label: 'Trade', options: ['Fishing'] });
    const made = await make('Account', { Name: 'Fish & Co', Industry: 'Fishing' });
    expect(made.fields.Industry).toBe('Fishing');
    expect((await objectOf('Account')).fields.find((f) => f.name === 'Industry')?.label).toBe('Trade');
  });

  it.each([
    ['Contact', { label: 'First name', type: 'text' }, { code: 'already-exists', data: { field: 'label' } }],
    ['Contact', { label: 'Kind', type: 'picklist' }, { code: 'bad-input', data: { field: 'options' } }],
    ['Contact', { label: 'Boss', type: 'reference' }, { code: 'bad-input', data: { field: 'refersTo' } }],
    ['Contact', { label: 'Boss', type: 'reference', refersTo: ['No__c'] }, { data: { field: 'refersTo' } }],
    ['Nothing__c', { label: 'Kind', type: 'text' }, { code: 'not-found' }],
  ] as const)('of %s are not made as %j', async (object, input, error) => {
    const refused = await errorOf(metadata.addField(object, structuredClone(input) as never));
    expect(refused).toMatchObject(error);
  });

  it.each([
    ['Account', 'Phone', { required: true }],
    ['Account', 'Phone', { options: ['a'] }],
    ['Task', 'Status', { options: ['Done'] }],
    ['Vehicle__c', 'Wheels__c', { maxLength: 3 }],
  ])('%s.%s is not changed to %j', async (object, field, change) => {
    expect((await errorOf(metadata.changeField(object, field, change))).code).toBe('bad-input');
  });
});

describe('the page of a record and the list', () => {
  it('show the fields in the order that was set, and new fields at the end of the page', async () => {
    await metadata.changeObject('Lead', {
      page: ['Company', 'LastName', 'Status', 'Phone'],
      list: ['Phone', 'Company'],
    });
    await metadata.addField('Lead', { label: 'Budget', type: 'number' });
    const lead = await objectOf('Lead');
    expect(pageFields(lead).map((f) => f.name)).toEqual([
      'Company',
      'LastName',
      'Status',
      'Phone',
      'Budget__c',
    ]);
    expect(listFields(lead).map((f) => f.name)).toEqual(['Name', 'Phone', 'Company']);
    await metadata.removeField('Lead', 'Budget__c', 0);
    expect(pageFields(await objectOf('Lead')).map((f) => f.name)).not.toContain('Budget__c');
  });

  it('need what is required', async () => {
    const refused = await errorOf(metadata.changeObject('Lead', { page: ['Company', 'Status'] }));
    expect(refused.data).toMatchObject({ field: 'page', detail: expect.stringContaining('Last name') });
    expect((await errorOf(metadata.changeObject('Lead', { list: ['Nothing'] }))).data.field).toBe('list');
  });
});

it('everything is there after a restart', async () => {
  const again = await Metadata.load({ db, clock, onListenerError: () => undefined });
  expect(again.now().all).toEqual(metadata.now().all);
});
