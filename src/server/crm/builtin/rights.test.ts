import { expect, it } from 'vitest';
import { administrator, agent, colleague, errorOf, idsOf, testCrm } from '../../../../test/harness/crm.ts';
import { ALL_RIGHTS, type ObjectRights } from '../../../protocol/profiles.ts';
import { BuiltinCrm } from './builtin-crm.ts';

const { crm: free, metadata, db, clock, make, contact } = await testCrm();
await metadata.addObject({ label: 'Vehicle', labelPlural: 'Vehicles' });
await metadata.addField('Vehicle__c', { label: 'Phone', type: 'phone' });
await metadata.addField('Vehicle__c', { label: 'Driver', type: 'reference', refersTo: ['Contact'] });

/** Profile of the agent; his colleague has none. */
let rights: Record<string, ObjectRights> = {};
const crm = new BuiltinCrm({
  db,
  clock,
  country: 'GB',
  objects: () => metadata.now(),
  rightsOf: ({ userId }) => (userId === agent.userId ? rights : undefined),
});

const ada = await contact('Rights', { Phone: '020 7946 0601', Title: 'Countess', Email: 'ada@example.com' });
const car = await make('Vehicle__c', { Name: 'Rights car', Phone__c: '020 7946 0601', Driver__c: ada.id });

it('an object that may not be seen is not there: in the lists, in search, by number, or behind a reference', async () => {
  rights = { Vehicle__c: { ...ALL_RIGHTS, read: false } };
  expect((await crm.objects(agent)).map((meta) => meta.name)).not.toContain('Vehicle__c');
  expect((await crm.objects(agent)).flatMap((meta) => meta.related).map((one) => one.object)).not.toContain(
    'Vehicle__c',
  );
  expect(idsOf(await crm.search(agent, 'rights'))).toEqual([ada.id]);
  expect(idsOf(await crm.search(colleague, 'rights'))).toEqual([ada.id, car.id]);
  expect(idsOf(await crm.match(agent, '+442079460601'))).toEqual([ada.id]);
  for (const tried of [
    () => crm.read(agent, car.id),
    () => crm.list(agent, 'Vehicle__c'),
    () => crm.create(agent, 'Vehicle__c', { Name: 'Other' }),
    () => crm.update(agent, car.id, { Name: 'Other' }),
    () => crm.related(agent, ada.id, 'Vehicle__c', 'Driver__c'),
  ])
    expect((await errorOf(tried())).code).toBe('not-found');
  rights = { Contact: { ...ALL_RIGHTS, read: false } };
  expect(await crm.read(agent, car.id)).toMatchObject({ fields: { Driver__c: ada.id }, names: {} });
});

it('a field that is hidden is neither shown, nor written, nor sorted by, and its value stays', async () => {
  rights = { Contact: { ...ALL_RIGHTS, hidden: ['Title', 'Email'] } };
  expect(Object.keys((await crm.read(agent, ada.id)).fields)).not.toContain('Title');
  expect((await crm.match(agent, '+442079460601')).records[0]).toEqual({
    id: ada.id,
    object: 'Contact',
    name: 'Rights',
  });
  expect((await errorOf(crm.update(agent, ada.id, { Title: 'Queen' }))).data.field).toBe('Title');
  expect((await errorOf(crm.list(agent, 'Contact', { sort: 'Email' }))).code).toBe('bad-input');
  await crm.update(agent, ada.id, { Department: 'Engines' });
  expect((await free.read(agent, ada.id)).fields).toMatchObject({ Title: 'Countess', Department: 'Engines' });
  expect(idsOf(await free.search(agent, 'ada@example.com'))).toEqual([ada.id]);
});

it('who may not make or edit is refused, and may read', async () => {
  rights = { Contact: { ...ALL_RIGHTS, create: false, edit: false } };
  expect((await errorOf(crm.create(agent, 'Contact', { LastName: 'New' }))).code).toBe('not-allowed');
  expect((await errorOf(crm.update(agent, ada.id, { LastName: 'New' }))).code).toBe('not-allowed');
  expect((await crm.read(agent, ada.id)).name).toBe('Rights');
  expect((await crm.update(administrator, ada.id, { LastName: 'Rightly' })).name).toBe('Rightly');
});
