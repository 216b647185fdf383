/** Salesforce: its settings, and its connector (docs/salesforce-crm.md). */
import { z } from 'zod';
import type { CrmConnector, CrmContext } from '../connector.ts';
import { FIGURE_NAMES, type FigureMapping } from '../figure-mapping.ts';
import { crmKind } from '../kind.ts';
import { SalesforceDescriber, toObjectMeta } from './salesforce-describe.ts';
import { writeFigures } from './salesforce-figures.ts';
import { SalesforceRecords } from './salesforce-records.ts';
import { SalesforceSession } from './salesforce-session.ts';
import { SalesforceTasks } from './salesforce-task.ts';

const apiName = z.string().regex(/^[A-Za-z]\w{0,79}$/, 'an API name such as Call_Figure__c');

const settings = z.object({
  loginUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://login.salesforce.com')
    .meta({
      title: 'Login address',
      description: 'Your My Domain address, or https://test.salesforce.com for a sandbox.',
      placeholder: 'https://login.salesforce.com',
    }),
  clientId: z.string().min(1).max(500).meta({
    title: 'Consumer key',
    description: 'Of the connected app (or external client app) that Crosspoint signs in with.',
  }),
  clientSecret: z.string().max(500).optional().meta({
    title: 'Consumer secret',
    description: 'Only where the app requires one.',
    secret: true,
  }),
  shared: z.boolean().default(false).meta({
    title: 'Everybody sees what the organisation’s account sees',
    description: 'Off: each user signs in with his own account and sees what that one may see.',
  }),
  objects: z.string().max(1_000).default('Contact, Lead, Account').meta({
    title: 'Objects with numbers',
    description: 'API names of what is searched for a number, in the order to show.',
    placeholder: 'Contact, Lead, Account',
  }),
  recordingField: apiName.optional().meta({
    title: 'Field for the recording',
    description: 'API name of a field of Task that takes the address. Without it, it stands in the comments.',
    placeholder: 'Recording__c',
  }),
  figures: z
    .object({
      object: apiName,
      keyField: apiName,
      fields: z.partialRecord(z.enum(FIGURE_NAMES), apiName),
    })
    .optional()
    .meta({
      title: 'Figures',
      description: `Writes figures per queue, agent and interval to a custom object (JSON): {"object": "Call_Figure__c", "keyField": "Key__c", "fields": {"answered": "Answered__c"}}. Figures: ${FIGURE_NAMES.join(', ')}.`,
    }),
  apiVersion: z
    .string()
    .regex(/^\d{2,3}\.0$/, 'a version such as 62.0')
    .default('62.0')
    .meta({ title: 'API version', description: 'Of the REST API.', placeholder: '62.0' }),
});

/** Described beside the objects with numbers: what a log is about, and the log. */
const FURTHER_OBJECTS = ['Case', 'Task'];

export const salesforceKind = crmKind({
  kind: 'salesforce',
  label: 'Salesforce',
  help: 'Records, screen pop and call logs in Salesforce, over its REST API.',
  settings,
  create: (given, context) => salesforceCrm(given, context),
});

export function salesforceCrm(
  given: z.output<typeof settings>,
  { clock, accounts }: CrmContext,
): CrmConnector {
  const { loginUrl, clientId, clientSecret, shared, recordingField, apiVersion } = given;
  const figures: FigureMapping | undefined = given.figures;
  const objects = given.objects.split(/[\s,]+/).filter(Boolean);
  const session = new SalesforceSession({
    clock,
    accounts,
    loginUrl,
    clientId,
    clientSecret,
    apiVersion,
    ownAccounts: !shared,
  });
  const describer = new SalesforceDescriber(session, clock);
  const records = new SalesforceRecords(session, describer);
  const tasks = new SalesforceTasks({ session, describer, records, clock, recordingField });
  return {
    missing: figures ? {} : { figures: 'no object for them is named in the settings.' },
    async ping(call) {
      await session.request('organisation', call, { method: 'GET', path: '/limits' });
    },
    async objects(call) {
      const owner = await session.owner(call);
      const named = [...new Set([...objects, ...FURTHER_OBJECTS])];
      return (await describer.visible(owner, call, named)).map(toObjectMeta);
    },
    async read(call, id) {
      return await records.read(await session.owner(call), call, id);
    },
    async match(call, number) {
      return await records.match(await session.owner(call), call, number, objects);
    },
    async search(call, text, options) {
      const searched = options.objects ?? [...objects, 'Case'];
      return await records.search(await session.owner(call), call, text, searched);
    },
    async create(call, object, fields) {
      const owner = await session.owner(call);
      await describer.describe(owner, call, object);
      return await records.read(owner, call, await records.create(owner, call, object, fields));
    },
    async update(call, id, fields, rev) {
      const owner = await session.owner(call);
      await records.change(owner, call, id, fields, rev);
      return await records.read(owner, call, id);
    },
    writeCallLog: (call, idemKey, entry) => tasks.write(call, idemKey, entry),
    attachRecording: (call, idemKey, link) => tasks.attach(call, idemKey, link),
    ...(figures ? { writeFigures: (call, rows) => writeFigures(session, call, figures, rows) } : {}),
    usage: () => session.usage,
    signIn: {
      ownAccounts: !shared,
      authorizeUrl: (request) => session.authorizeUrl(request),
      complete: (request) => session.complete(request),
    },
  };
}
