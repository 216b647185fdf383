/** The standard objects of the built-in CRM, with the names that Salesforce gives them, because adapters expect these. */
import type { FieldMeta, FieldType, ObjectMeta } from '../../../protocol/crm.ts';

type Options = Partial<Omit<FieldMeta, 'name' | 'label' | 'type'>>;

/** Characters that a field holds, where nothing else is said. */
export const DEFAULT_LENGTH: Partial<Record<FieldType, number>> = {
  text: 255,
  textarea: 32_000,
  phone: 40,
  email: 80,
  url: 255,
  picklist: 80,
};

function field(type: FieldType, name: string, label: string, options: Options = {}): FieldMeta {
  const maxLength = DEFAULT_LENGTH[type];
  const plain = { name, label, type, required: false, readOnly: false, inList: false };
  return { ...plain, ...(maxLength === undefined ? {} : { maxLength }), ...options };
}

const required = { required: true };
const readOnly = { readOnly: true };
const inList = { inList: true };

const text = (name: string, label: string, options?: Options) => field('text', name, label, options);
const phone = (name: string, label: string, options?: Options) => field('phone', name, label, options);
const email = (options?: Options) => field('email', 'Email', 'Email', options);
const website = field('url', 'Website', 'Website');
const description = (label = 'Description') => field('textarea', 'Description', label);
const owner = field('reference', 'OwnerId', 'Owner', { ...readOnly, refersTo: ['User'] });

function picklist(name: string, label: string, options: string[], more: Options = {}): FieldMeta {
  return field('picklist', name, label, { ...more, options });
}

function reference(name: string, label: string, refersTo: string[], more: Options = {}): FieldMeta {
  return field('reference', name, label, { ...more, refersTo });
}

const INDUSTRIES = [
  'Agriculture',
  'Construction',
  'Education',
  'Engineering',
  'Finance',
  'Healthcare',
  'Hospitality',
  'Manufacturing',
  'Media',
  'Retail',
  'Technology',
  'Transport',
  'Other',
];
const SOURCES = ['Phone', 'Web', 'Referral', 'Trade show', 'Advertisement', 'Other'];
const PRIORITIES = ['Normal', 'High', 'Low'];

const account: ObjectMeta = {
  name: 'Account',
  label: 'Account',
  labelPlural: 'Accounts',
  prefix: '001',
  nameField: 'Name',
  fields: [
    text('Name', 'Account name', { ...required, ...inList }),
    phone('Phone', 'Phone', inList),
    phone('OtherPhone', 'Other phone'),
    phone('Fax', 'Fax'),
    website,
    picklist('Type', 'Type', ['Customer', 'Prospect', 'Partner', 'Supplier', 'Other'], inList),
    picklist('Industry', 'Industry', INDUSTRIES, inList),
    field('number', 'NumberOfEmployees', 'Employees'),
    text('BillingStreet', 'Street'),
    text('BillingCity', 'City', { ...inList, maxLength: 40 }),
    text('BillingPostalCode', 'Postal code', { maxLength: 20 }),
    text('BillingCountry', 'Country', { maxLength: 80 }),
    description(),
    owner,
  ],
  related: [
    { object: 'Contact', field: 'AccountId', label: 'Contacts' },
    { object: 'Case', field: 'AccountId', label: 'Cases' },
  ],
};

const contact: ObjectMeta = {
  name: 'Contact',
  label: 'Contact',
  labelPlural: 'Contacts',
  prefix: '003',
  nameField: 'Name',
  fields: [
    text('Name', 'Name', { ...readOnly, ...inList }),
    text('FirstName', 'First name', { maxLength: 40 }),
    text('LastName', 'Last name', { ...required, maxLength: 80 }),
    reference('AccountId', 'Account', ['Account'], inList),
    text('Title', 'Title', { ...inList, maxLength: 128 }),
    text('Department', 'Department', { maxLength: 80 }),
    phone('Phone', 'Phone', inList),
    phone('MobilePhone', 'Mobile', inList),
    phone('HomePhone', 'Home phone'),
    phone('OtherPhone', 'Other phone'),
    text('AssistantName', 'Assistant', { maxLength: 80 }),
    phone('AssistantPhone', 'Assistant phone'),
    phone('Fax', 'Fax'),
    email(inList),
    text('MailingStreet', 'Street'),
    text('MailingCity', 'City', { maxLength: 40 }),
    text('MailingPostalCode', 'Postal code', { maxLength: 20 }),
    text('MailingCountry', 'Country', { maxLength: 80 }),
    description(),
    owner,
  ],
  related: [{ object: 'Case', field: 'ContactId', label: 'Cases' }],
};

const lead: ObjectMeta = {
  name: 'Lead',
  label: 'Lead',
  labelPlural: 'Leads',
  prefix: '00Q',
  nameField: 'Name',
  fields: [
    text('Name', 'Name', { ...readOnly, ...inList }),
    text('FirstName', 'First name', { maxLength: 40 }),
    text('LastName', 'Last name', { ...required, maxLength: 80 }),
    text('Company', 'Company', { ...required, ...inList }),
    text('Title', 'Title', { maxLength: 128 }),
    phone('Phone', 'Phone', inList),
    phone('MobilePhone', 'Mobile', inList),
    phone('Fax', 'Fax'),
    email(inList),
    website,
    picklist('Status', 'Status', ['New', 'Working', 'Qualified', 'Unqualified'], { ...required, ...inList }),
    picklist('Rating', 'Rating', ['Hot', 'Warm', 'Cold']),
    picklist('LeadSource', 'Source', SOURCES),
    text('City', 'City', { maxLength: 40 }),
    text('Country', 'Country', { maxLength: 80 }),
    description(),
    owner,
  ],
  related: [],
};

const CASE_STATUSES = ['New', 'Working', 'Waiting for customer', 'Escalated', 'Closed'];

const supportCase: ObjectMeta = {
  name: 'Case',
  label: 'Case',
  labelPlural: 'Cases',
  prefix: '500',
  nameField: 'Subject',
  fields: [
    text('CaseNumber', 'Case number', { ...readOnly, ...inList, maxLength: 30 }),
    text('Subject', 'Subject', { ...required, ...inList }),
    picklist('Status', 'Status', CASE_STATUSES, { ...required, ...inList }),
    picklist('Priority', 'Priority', PRIORITIES, { ...required, ...inList }),
    picklist('Origin', 'Origin', ['Phone', 'Email', 'Web', 'Chat']),
    picklist('Type', 'Type', ['Question', 'Problem', 'Complaint', 'Request']),
    reference('ContactId', 'Contact', ['Contact'], inList),
    reference('AccountId', 'Account', ['Account'], inList),
    text('SuppliedName', 'Name given', { maxLength: 80 }),
    phone('SuppliedPhone', 'Phone given'),
    field('email', 'SuppliedEmail', 'Email given'),
    description(),
    owner,
  ],
  related: [],
};

const task: ObjectMeta = {
  name: 'Task',
  label: 'Task',
  labelPlural: 'Tasks',
  prefix: '00T',
  nameField: 'Subject',
  fields: [
    text('Subject', 'Subject', { ...required, ...inList }),
    picklist('Status', 'Status', ['Not started', 'In progress', 'Waiting', 'Completed'], {
      ...required,
      ...inList,
    }),
    picklist('Priority', 'Priority', PRIORITIES, required),
    field('date', 'ActivityDate', 'Date', inList),
    reference('WhoId', 'Person', ['Contact', 'Lead'], inList),
    reference('WhatId', 'About', ['Account', 'Case'], inList),
    reference('AccountId', 'Account', ['Account'], readOnly),
    description('Comments'),
    picklist('TaskSubtype', 'Kind', ['Task', 'Call', 'Email']),
    picklist('CallType', 'Direction', ['Inbound', 'Outbound', 'Internal'], readOnly),
    text('CallDisposition', 'Wrap-up code', { maxLength: 255 }),
    field('number', 'CallDurationInSeconds', 'Duration in seconds', readOnly),
    field('datetime', 'CallStart', 'Call began', readOnly),
    phone('CallFrom', 'From', { ...readOnly, maxLength: 256 }),
    phone('CallTo', 'To', { ...readOnly, maxLength: 256 }),
    text('CallObject', 'Call id', readOnly),
    owner,
  ],
  related: [],
};

/** What a task says of its call: read-only for people, written by whoever logs the call. */
export const CALL_FIELDS: readonly string[] = [
  'CallType',
  'CallDurationInSeconds',
  'CallStart',
  'CallFrom',
  'CallTo',
  'CallObject',
];

export const STANDARD_OBJECTS: readonly ObjectMeta[] = [account, contact, lead, supportCase, task];
