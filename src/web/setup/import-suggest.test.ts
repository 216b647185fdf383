import { describe, expect, it } from 'vitest';
import type { FieldMeta, FieldType, ObjectMeta } from '../../protocol/crm.ts';
import { columnsOf, keysOf, suggestTargets, targetsOf } from './import-suggest.ts';

function field(name: string, label: string, type: FieldType = 'text', readOnly = false): FieldMeta {
  return { name, label, type, required: false, readOnly, inList: false };
}
const contact: ObjectMeta = {
  name: 'Contact',
  label: 'Contact',
  labelPlural: 'Contacts',
  prefix: '003',
  nameField: 'Name',
  related: [],
  fields: [
    field('Name', 'Name', 'text', true),
    field('FirstName', 'First name'),
    field('LastName', 'Last name'),
    field('AccountId', 'Account', 'reference'),
    field('Phone', 'Phone', 'phone'),
    field('MobilePhone', 'Mobile', 'phone'),
    field('Email', 'Email', 'email'),
    field('MailingCity', 'City'),
    field('Customer_no__c', 'Customer no'),
    field('OwnerId', 'Owner', 'reference', true),
  ],
};

describe('where columns probably go', () => {
  it.each([
    [
      ['First Name', 'LAST_NAME', 'E-Mail', 'Tel.', 'Cell'],
      ['FirstName', 'LastName', 'Email', 'Phone', 'MobilePhone'],
    ],
    [
      ['Full name', 'Company', 'Town'],
      ['Name', 'AccountId:name', 'MailingCity'],
    ],
    [
      ['Account ID', 'Id', 'customer no'],
      ['AccountId', 'Id', 'Customer_no__c'],
    ],
    [
      ['Phone', 'Telephone', 'Shoe size', ''],
      ['Phone', '', '', ''],
    ],
    [
      ['Vorname', 'Nachname', 'OwnerId'],
      ['FirstName', 'LastName', ''],
    ],
  ])('%j', (columns, targets) => {
    expect(suggestTargets(contact, columns)).toEqual(targets);
  });
});

it('a plan has the columns that go somewhere, and can be read back', () => {
  const targets = ['LastName', '', 'AccountId:name'];
  const columns = columnsOf(targets);
  expect(columns).toEqual([
    { column: 0, field: 'LastName', by: 'id' },
    { column: 2, field: 'AccountId', by: 'name' },
  ]);
  expect(targetsOf(columns, 3)).toEqual(targets);
});

it('records are found by mapped texts, numbers, addresses and ids', () => {
  const names = keysOf(contact, ['Email', 'AccountId', 'Customer_no__c', 'Id', 'Name']).map(
    ({ value }) => value,
  );
  expect(names).toEqual(['Id', 'Email', 'Customer_no__c']);
});
