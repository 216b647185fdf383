import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { ALL_RIGHTS, ProfileInput } from '../../protocol/profiles.ts';
import { CallCenter } from './call-center.ts';
import { Profiles } from './profiles.ts';

let database: TestDatabase;
let callCenter: CallCenter;
let profiles: Profiles;
const input = (change: object = {}) => ProfileInput.parse({ label: 'Clerks', ...change });
const person = { name: 'Ann', locale: 'en-GB', zone: 'Europe/London', country: 'GB', extension: null };
const settings = {
  agentsMayPlay: true,
  agentsMayDownload: false,
  maxPauseMs: 60_000,
  withoutRule: { record: 'demand' as const, retentionDays: null },
};

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const onListenerError = (error: unknown) => {
    throw error;
  };
  callCenter = await CallCenter.load({ db, country: 'GB', onListenerError });
  profiles = await Profiles.load({
    db,
    callCenter,
    classExists: (id) => id === 'class_1',
    usedBy: (id) => (id === 'profile_supervisor' ? 'the softphone layout Leaders holds for it' : undefined),
  });
});
afterAll(() => database.drop());

it('a new user has the profile of his most powerful role, another one when it is said, or none', async () => {
  const add = (username: string, roles: ('agent' | 'supervisor')[], more: object = {}) =>
    callCenter.addUser({ ...person, username, roles, ...more }, 'hash');
  expect((await add('ann', ['agent'])).profileId).toBe('profile_agent');
  expect((await add('bob', ['agent', 'supervisor'])).profileId).toBe('profile_supervisor');
  const clerks = await profiles.add(input({ classId: 'class_1' }));
  const cem = await add('cem', ['agent'], { profileId: clerks.id });
  expect(profiles.of(cem.id)).toEqual(clerks);
  expect((await callCenter.changeUser(cem.id, { profileId: null })).profileId).toBeNull();
  await expect(add('dan', ['agent'], { profileId: 'none' })).rejects.toMatchObject({
    code: 'bad-input',
    data: { field: 'profileId' },
  });
});

it('says what its users may do, and leaves the rest as it is for everybody', async () => {
  const ann = callCenter.userByName('ann')?.id ?? '';
  const noCases = { ...ALL_RIGHTS, read: false };
  await profiles.change('profile_agent', { objects: { Case: noCases }, mayPlay: false });
  expect(profiles.rights(ann, 'Case')).toEqual(noCases);
  expect(profiles.rights(ann, 'Contact')).toEqual(ALL_RIGHTS);
  expect(profiles.rights('crosspoint', 'Case')).toEqual(ALL_RIGHTS);
  expect(profiles.recordingSettings(ann, settings)).toMatchObject({
    agentsMayPlay: false,
    agentsMayDownload: false,
  });
});

it('stays while a user has it or a layout holds for it, and has a label of its own', async () => {
  await expect(profiles.remove('profile_agent')).rejects.toMatchObject({ code: 'in-use' });
  await callCenter.changeUser(callCenter.userByName('bob')?.id ?? '', { profileId: null });
  await expect(profiles.remove('profile_supervisor')).rejects.toMatchObject({
    data: { detail: 'the softphone layout Leaders holds for it' },
  });
  await expect(profiles.add(input())).rejects.toMatchObject({ code: 'already-exists' });
  await expect(profiles.add(input({ label: 'X', classId: 'class_2' }))).rejects.toMatchObject({
    data: { field: 'classId' },
  });
  await profiles.remove('profile_administrator');
});
