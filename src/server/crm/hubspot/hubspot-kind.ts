/** HubSpot: its settings, and its connector (docs/crm.md). */
import { z } from 'zod';
import type { CrmConnector, CrmContext } from '../connector.ts';
import { FIGURE_NAMES, type FigureMapping } from '../figure-mapping.ts';
import { crmKind } from '../kind.ts';
import { HubSpotCalls } from './hubspot-calls.ts';
import { HubSpotClient } from './hubspot-client.ts';
import { writeFigures } from './hubspot-figures.ts';
import { HubSpotObjects, isObject, OBJECTS } from './hubspot-objects.ts';
import { HubSpotRecords } from './hubspot-records.ts';

/** What the app must be allowed ("Scopes"). */
const SCOPES = [
  'oauth',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.companies.read',
  'crm.objects.companies.write',
  'crm.objects.deals.read',
  'crm.objects.deals.write',
  'crm.objects.owners.read',
];
const OPTIONAL_SCOPES = ['tickets', 'crm.objects.custom.read', 'crm.objects.custom.write'];

const apiName = z.string().regex(/^[A-Za-z0-9][\w-]{0,99}$/, 'an internal name such as p_call_figures');
const email = z.email();

const settings = z.object({
  token: z.string().max(500).optional().meta({
    title: 'Access token',
    description: 'Of a private app of your HubSpot account. Leave it empty to sign in by OAuth instead.',
    secret: true,
  }),
  clientId: z
    .string()
    .max(200)
    .optional()
    .meta({ title: 'Client ID', description: 'Of your app, for OAuth.' }),
  clientSecret: z.string().max(200).optional().meta({
    title: 'Client secret',
    description: 'Of your app, for OAuth.',
    secret: true,
  }),
  objects: z
    .string()
    .max(200)
    .default('contacts, companies, deals')
    .refine((text) => namesIn(text).every(isObject), `some of ${Object.keys(OBJECTS).join(', ')}`)
    .meta({
      title: 'Objects',
      description: `What can be searched and read: ${Object.keys(OBJECTS).join(', ')}. Numbers are looked for in contacts and companies.`,
      placeholder: 'contacts, companies, deals',
    }),
  emailDomain: z
    .string()
    .regex(/^[\w-]+(?:\.[\w-]+)+$/, 'a domain such as acme.example')
    .optional()
    .meta({
      title: 'E-mail domain',
      description:
        'Calls belong to the HubSpot user with the e-mail address of the agent: his name here, with this domain when it is none.',
      placeholder: 'acme.example',
    }),
  owners: z.record(z.string(), email).default({}).meta({
    title: 'Other addresses',
    description: 'E-mail address in HubSpot by name here, where the two differ (JSON).',
    placeholder: '{"ann": "ann.smith@acme.example"}',
  }),
  figures: z
    .object({ object: apiName, keyField: apiName, fields: z.partialRecord(z.enum(FIGURE_NAMES), apiName) })
    .optional()
    .meta({
      title: 'Figures',
      description: `Writes figures per queue, agent and interval to a custom object with a unique property (JSON). Figures: ${FIGURE_NAMES.join(', ')}.`,
      placeholder: '{"object": "p_call_figures", "keyField": "key", "fields": {"answered": "answered"}}',
    }),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.hubapi.com')
    .meta({
      title: 'API address',
      description: 'HubSpot’s, or a proxy’s on the way to it.',
      placeholder: 'https://api.hubapi.com',
    }),
});

export const hubspotKind = crmKind({
  kind: 'hubspot',
  label: 'HubSpot',
  help: 'Contacts, companies and deals of HubSpot, screen pop, and calls on their timelines.',
  settings,
  create: (given, context) => hubspotCrm(given, context),
});

/** @throws when there is neither a token nor an app to sign in with. */
export function hubspotCrm(given: z.output<typeof settings>, context: CrmContext): CrmConnector {
  const { token, clientId, clientSecret, apiUrl } = given;
  if (token === undefined && (clientId === undefined || clientSecret === undefined))
    throw new Error(
      'Give the access token of a private app, or client ID and client secret of an app for OAuth.',
    );
  const { clock, accounts, userName } = context;
  const client = new HubSpotClient({ clock, accounts, apiUrl, token, clientId, clientSecret });
  const objects = new HubSpotObjects(client, clock);
  const records = new HubSpotRecords(client, objects);
  const emailOf = (userId: string) => emailFor(userName(userId), given);
  const calls = new HubSpotCalls({ client, objects, clock, emailOf });
  const named = namesIn(given.objects).filter(isObject);
  const figures: FigureMapping | undefined = given.figures;
  return {
    missing: figures ? {} : { figures: 'no object for them is named in the settings.' },
    async ping(call) {
      await client.request(call, { method: 'GET', path: '/account-info/v3/details' });
    },
    objects: (call) => Promise.all(named.map((object) => objects.meta(call, object))),
    read: (call, id) => records.read(call, id),
    match: (call, number, limit) => records.match(call, number, limit),
    search: (call, text, { objects: wanted, limit }) =>
      records.search(
        call,
        text,
        named.filter((one) => !wanted || wanted.includes(one)),
        limit,
      ),
    create: (call, object, fields) => records.create(call, object, fields),
    update: (call, id, fields, rev) => records.update(call, id, fields, rev),
    writeCallLog: (call, key, entry) => calls.write(call, key, entry),
    attachRecording: (call, key, link) => calls.attach(call, key, link),
    ...(figures ? { writeFigures: (call, rows) => writeFigures(client, call, figures, rows) } : {}),
    usage: () => client.usage,
    ...(token === undefined ? { signIn: signInOf(client, clientId ?? '') } : {}),
  };
}

/** An app of HubSpot acts for the account, not for one user: everybody sees what it may see. */
function signInOf(client: HubSpotClient, clientId: string): NonNullable<CrmConnector['signIn']> {
  return {
    ownAccounts: false,
    authorizeUrl: ({ redirectUri, state, codeChallenge }) =>
      `https://app.hubspot.com/oauth/authorize?${new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: SCOPES.join(' '),
        optional_scope: OPTIONAL_SCOPES.join(' '),
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      })}`,
    complete: ({ code, redirectUri, codeVerifier }) => client.complete(code, redirectUri, codeVerifier),
  };
}

function emailFor(
  name: string | undefined,
  { owners, emailDomain }: Pick<z.output<typeof settings>, 'owners' | 'emailDomain'>,
): string | undefined {
  if (name === undefined) return undefined;
  if (owners[name] !== undefined) return owners[name];
  if (name.includes('@')) return name;
  return emailDomain === undefined ? undefined : `${name}@${emailDomain}`;
}

function namesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
