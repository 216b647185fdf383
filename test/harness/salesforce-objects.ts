/** The objects of the Salesforce double, as describe says them. */
export interface DoubleField {
  name: string;
  label: string;
  type: string;
  length: number;
  nillable: boolean;
  defaultedOnCreate: boolean;
  createable: boolean;
  updateable: boolean;
  nameField: boolean;
  externalId: boolean;
  relationshipName: string | null;
  referenceTo: string[];
  picklistValues: { value: string; label: string; active: boolean; defaultValue: boolean }[];
  restrictedPicklist: boolean;
}

export interface DoubleObject {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string;
  fields: DoubleField[];
}

function field(name: string, type: string, more: Partial<DoubleField> = {}): DoubleField {
  return {
    name,
    label: name.replace(/__c$/, '').replaceAll('_', ' '),
    type,
    length: type === 'textarea' ? 32_000 : 255,
    nillable: true,
    defaultedOnCreate: false,
    createable: true,
    updateable: true,
    nameField: false,
    externalId: false,
    relationshipName: null,
    referenceTo: [],
    picklistValues: [],
    restrictedPicklist: false,
    ...more,
  };
}

const READ_ONLY = { createable: false, updateable: false };
const reference = (name: string, relationshipName: string, ...referenceTo: string[]) =>
  field(name, 'reference', { relationshipName, referenceTo, length: 18 });
const phones = (...names: string[]) => names.map((name) => field(name, 'phone', { length: 40 }));

function object(name: string, keyPrefix: string, fields: DoubleField[]): DoubleObject {
  const common = [
    field('Id', 'id', { ...READ_ONLY, length: 18 }),
    field('OwnerId', 'reference', {
      relationshipName: 'Owner',
      referenceTo: ['User'],
      defaultedOnCreate: true,
    }),
    field('CreatedDate', 'datetime', READ_ONLY),
    field('SystemModstamp', 'datetime', READ_ONLY),
    field('IsDeleted', 'boolean', READ_ONLY),
  ];
  return {
    name,
    label: name.replace(/__c$/, ''),
    labelPlural: `${name}s`,
    keyPrefix,
    fields: [...common, ...fields],
  };
}

const PERSON_NAME = [
  field('Name', 'string', { ...READ_ONLY, nameField: true }),
  field('FirstName', 'string', { length: 40 }),
  field('LastName', 'string', { length: 80, nillable: false }),
];

/** Fresh each time: tests take rights away. */
export function doubleObjects(): DoubleObject[] {
  return [
    object('Account', '001', [
      field('Name', 'string', { nameField: true, nillable: false }),
      ...phones('Phone', 'Fax'),
      field('BillingCity', 'string'),
      field('IsPersonAccount', 'boolean', READ_ONLY),
      reference('PersonContactId', 'PersonContact', 'Contact'),
    ]),
    object('Contact', '003', [
      ...PERSON_NAME,
      reference('AccountId', 'Account', 'Account'),
      field('Title', 'string'),
      field('Email', 'email', { length: 80 }),
      ...phones('Phone', 'MobilePhone', 'HomePhone', 'OtherPhone', 'AssistantPhone', 'Fax'),
      field('IsPersonAccount', 'boolean', READ_ONLY),
    ]),
    object('Lead', '00Q', [
      ...PERSON_NAME,
      field('Company', 'string', { nillable: false }),
      field('Email', 'email', { length: 80 }),
      ...phones('Phone', 'MobilePhone', 'Fax'),
    ]),
    object('Case', '500', [
      field('CaseNumber', 'string', { ...READ_ONLY, nameField: true }),
      field('Subject', 'string'),
    ]),
    object('Task', '00T', [
      field('Subject', 'combobox', { nameField: true }),
      field('ActivityDate', 'date'),
      field('Status', 'picklist', {
        nillable: false,
        defaultedOnCreate: true,
        restrictedPicklist: true,
        picklistValues: ['Not Started', 'Done', 'Completed'].map((value) => ({
          value,
          label: value,
          active: true,
          defaultValue: value === 'Not Started',
        })),
      }),
      field('TaskSubtype', 'picklist', { updateable: false }),
      field('CallType', 'picklist'),
      field('CallDurationInSeconds', 'int'),
      field('CallDisposition', 'string'),
      field('CallObject', 'string'),
      field('Description', 'textarea'),
      field('Recording__c', 'url'),
      reference('WhoId', 'Who', 'Contact', 'Lead'),
      reference('WhatId', 'What', 'Account', 'Case'),
    ]),
    object('Call_Figure__c', 'a01', [
      field('Name', 'string', { ...READ_ONLY, nameField: true }),
      field('Key__c', 'string', { externalId: true }),
      field('Answered__c', 'double'),
      field('Queue__c', 'string'),
      field('From__c', 'datetime'),
    ]),
  ];
}
