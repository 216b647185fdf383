/** Settings of a CRM by its own REST interface: where it is, what its records look like, and the requests for each thing that is wanted of it. */
import { z } from 'zod';
import { FieldType } from '../../../protocol/crm.ts';
import { JsonPath, namesOf } from './json-path.ts';
import { namesIn } from './template.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const name = z.string().regex(/^[A-Za-z]\w{0,59}$/, 'a name of letters, digits and "_"');
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const headers = z.record(z.string().regex(HEADER, 'the name of a header'), z.string().max(2_000));

const request = z.strictObject({
  method: z.enum(METHODS).default('GET'),
  /** Behind the address: a template. */
  path: z.string().max(1_000),
  /** Templates. One that is nothing but a value that is missing is left out; a list is given once for each. */
  query: z.record(z.string(), z.string().max(1_000)).default({}),
  headers: headers.default({}),
  /** A template. */
  body: z.json().optional(),
  /** The body goes as a form rather than as JSON. */
  form: z.boolean().default(false),
});
export type RestRequest = z.infer<typeof request>;

const writing = request.extend({ method: z.enum(METHODS).default('POST') });

const field = z.strictObject({
  path: JsonPath,
  label: z.string().max(80).optional(),
  type: FieldType.default('text'),
  required: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  options: z.array(z.string()).optional(),
});
export type RestField = z.infer<typeof field>;

const object = z
  .strictObject({
    name,
    label: z.string().max(80).optional(),
    labelPlural: z.string().max(80).optional(),
    /** What stands for `{collection}` in its addresses. Default: its name. */
    collection: z.string().max(200).optional(),
    id: JsonPath.default('$.id'),
    /** Field whose value is the record's name. */
    nameField: name,
    /** Field with a line that tells namesakes apart. */
    detailField: name.optional(),
    /** Changes with every edit. */
    revision: JsonPath.optional(),
    createdAt: JsonPath.optional(),
    updatedAt: JsonPath.optional(),
    fields: z.record(name, field),
    /** Address of its page, a template: {id}, {collection}. */
    page: z
      .string()
      .max(1_000)
      .regex(/^https?:\/\/[^/{}]+\//, 'an address such as https://crm.example/people/{id}')
      .optional(),
  })
  .superRefine(({ fields, nameField, detailField }, context) => {
    for (const one of [nameField, detailField])
      if (one !== undefined && !fields[one])
        context.addIssue({ code: 'custom', message: `there is no field "${one}"` });
    for (const [fieldName, { path, readOnly }] of Object.entries(fields))
      if (!readOnly && !namesOf(path))
        context.addIssue({
          code: 'custom',
          message: `"${fieldName}" can only be read by ${path}: say "readOnly": true`,
        });
  });
export type RestObject = z.infer<typeof object>;

/** Where the records are in the answer, by object. */
const records = z.record(name, JsonPath);
const finding = request.extend({ records, more: JsonPath.optional() });
export type RestFinding = z.infer<typeof finding>;
const one = { record: JsonPath.default('$') };

const IN_CALL = [
  'key',
  'conversationId',
  'direction',
  'from',
  'to',
  'startedAt',
  'startedAtMs',
  'endedAt',
  'durationSeconds',
  'subject',
  'comments',
  'disposition',
  'who.id',
  'who.object',
  'who.collection',
  'what.id',
  'what.object',
  'what.collection',
];

/** Names that every request may use. */
const EVERYWHERE = ['user', 'userId'];
/** Names of headers only: they are secret. */
const SECRETS = ['secret', 'basic'];

export const FIGURE_VALUES = [
  'key',
  'from',
  'to',
  'queueId',
  'queue',
  'agentId',
  'agent',
  'offered',
  'answered',
  'abandoned',
  'talkSeconds',
  'holdSeconds',
  'wrapSeconds',
  'waitSeconds',
];

/** What may stand in braces, by setting. */
export const NAMES: Record<string, readonly string[]> = {
  ping: [],
  match: ['number', 'digits', 'national', 'spellings', 'spelling', 'limit'],
  search: ['text', 'limit', 'objects'],
  read: ['id', 'object', 'collection'],
  create: ['fields', 'object', 'collection'],
  update: ['id', 'object', 'collection', 'fields', 'revision'],
  findLog: ['key'],
  writeLog: IN_CALL,
  updateLog: ['id', ...IN_CALL],
  attachRecording: ['id', 'key', 'conversationId', 'recordingId', 'url', 'startedAt', 'durationSeconds'],
  writeFigures: [...FIGURE_VALUES, 'rows'],
};

function operation<T extends z.ZodType>(
  schema: T,
  setting: string,
  title: string,
  description: string,
  example: object,
) {
  const names = (NAMES[setting] ?? []).map((one) => `{${one}}`).join(', ');
  return schema.optional().meta({
    title,
    description: `${description} (JSON.)${names ? ` Values: ${names}.` : ''}`,
    placeholder: JSON.stringify(example),
  });
}

export const restSettings = z.object({
  address: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .refine((url) => !/[?#@]/.test(url), 'without ?, # and sign-in')
    .meta({
      title: 'Address',
      description: 'Where its interface begins. Requests go to this host and below this path only.',
      placeholder: 'https://crm.example/api',
    }),
  headers: headers.default({}).meta({
    title: 'Headers',
    description:
      'Sent with each request (JSON). {secret} stands for the secret below, {basic} for user name and secret as Basic authentication wants them, {user} for the name of whoever acts.',
    placeholder: '{"Authorization": "Bearer {secret}"}',
  }),
  userName: z.string().max(200).optional().meta({ title: 'User name', description: 'For {basic} only.' }),
  secret: z.string().max(4_000).optional().meta({
    title: 'Secret',
    description: 'Token, API key or password, for the headers.',
    secret: true,
  }),
  timeoutSeconds: z.number().min(1).max(20).default(10).meta({
    title: 'Time-out',
    description: 'Seconds for one request.',
    placeholder: '10',
  }),
  testNumber: z.string().max(40).optional().meta({
    title: 'Number to try',
    description: 'Of somebody whom it knows: looked for by the test.',
    placeholder: '+44 20 7946 0958',
  }),
  objects: z
    .array(object)
    .min(1)
    .max(30)
    .meta({
      title: 'Objects',
      description: 'What records there are, and where each field is in the JSON of one, by JSONPath (JSON).',
      placeholder: JSON.stringify([
        {
          name: 'Person',
          nameField: 'name',
          fields: { name: { path: '$.name' }, phone: { path: '$.phone', type: 'phone' } },
          page: 'https://crm.example/people/{id}',
        },
      ]),
    }),
  ping: operation(request, 'ping', 'Is it there', 'A cheap request. Default: GET of the address.', {
    path: '/status',
  }),
  match: operation(
    finding,
    'match',
    'Find by number',
    'Whose number this may be; numbers are compared by Crosspoint. With {spelling}, it is asked once for each usual way of writing the number.',
    {
      path: '/people',
      query: { phone: '{number}' },
      records: { Person: '$.items[*]' },
    },
  ),
  search: operation(finding, 'search', 'Find by words', 'Records by the beginnings of words.', {
    path: '/search',
    query: { q: '{text}' },
    records: { Person: '$.items[*]' },
  }),
  read: operation(request.extend(one), 'read', 'Read', 'One record.', { path: '/{collection}/{id}' }),
  create: operation(writing.extend(one), 'create', 'Make', 'A new record; the answer holds it.', {
    path: '/{collection}',
    body: '{fields}',
  }),
  update: operation(
    request.extend({ ...one, method: z.enum(METHODS).default('PATCH') }),
    'update',
    'Change',
    'Fields of a record; the answer holds it.',
    { path: '/{collection}/{id}', body: '{fields}' },
  ),
  findLog: operation(
    request.extend({ id: JsonPath, recordings: JsonPath.optional() }),
    'findLog',
    'Find a call log by its key',
    'Asked before a log is written, so that there is one however often it is. Not needed where a log is written by PUT to an address with {key}.',
    { path: '/calls', query: { externalKey: '{key}' }, id: '$.items[0].id' },
  ),
  writeLog: operation(
    writing.extend({ id: JsonPath.default('$.id'), page: z.string().max(1_000).optional() }),
    'writeLog',
    'Write a call log',
    'Sent with the header Idempotency-Key.',
    {
      path: '/calls',
      body: { externalKey: '{key}', title: '{subject}', person: '{who.id}', seconds: '{durationSeconds}' },
    },
  ),
  updateLog: operation(
    request.extend({ method: z.enum(METHODS).default('PATCH') }),
    'updateLog',
    'Change a call log',
    'One that was written already.',
    { path: '/calls/{id}', body: { title: '{subject}', seconds: '{durationSeconds}' } },
  ),
  attachRecording: operation(writing, 'attachRecording', 'Attach a recording', 'Puts its link on the log.', {
    path: '/calls/{id}/links',
    body: { url: '{url}' },
  }),
  writeFigures: operation(
    request.extend({ method: z.enum(METHODS).default('PUT'), row: z.json().optional() }),
    'writeFigures',
    'Write figures',
    'Figures per queue, agent and interval: once for each, or many at a time where {rows} is used; "row" says what one looks like there.',
    { path: '/figures/{key}', body: { queue: '{queue}', answered: '{answered}' } },
  ),
  errors: z.strictObject({ message: JsonPath.optional(), field: JsonPath.optional() }).default({}).meta({
    title: 'Errors',
    description: 'Where an answer that refuses says why, and which field (JSON).',
    placeholder: '{"message": "$.error.message", "field": "$.error.field"}',
  }),
});
export type RestSettings = z.output<typeof restSettings>;

const OPERATIONS = [
  'ping',
  'match',
  'search',
  'read',
  'create',
  'update',
  'findLog',
  'writeLog',
  'updateLog',
  'attachRecording',
  'writeFigures',
] as const;

/** What does not fit together, in a sentence each. */
export function contradictions(settings: RestSettings): string[] {
  return [...unknownNames(settings), ...unknownObjects(settings), ...logProblems(settings)];
}

function unknownNames(settings: RestSettings): string[] {
  const ofHeaders = namesIn(settings.headers).filter((one) => ![...EVERYWHERE, ...SECRETS].includes(one));
  const ofRequests = OPERATIONS.flatMap((setting) => {
    const { path, query, body } = settings[setting] ?? {};
    const known = [...EVERYWHERE, ...(NAMES[setting] ?? [])];
    const inHeaders = namesIn(settings[setting]?.headers).filter(
      (one) => ![...known, ...SECRETS].includes(one),
    );
    const elsewhere = namesIn([path, query, body]).filter((one) => !known.includes(one));
    return [...inHeaders, ...elsewhere].map((one) => `${setting}: there is no value {${one}} here.`);
  });
  return [...ofHeaders.map((one) => `headers: there is no value {${one}} here.`), ...ofRequests];
}

function unknownObjects({ objects, match, search }: RestSettings): string[] {
  const known = objects.map((one) => one.name);
  return Object.entries({ match, search }).flatMap(([setting, finds]) =>
    Object.keys(finds?.records ?? {})
      .filter((one) => !known.includes(one))
      .map((one) => `${setting}: there is no object "${one}".`),
  );
}

function logProblems({ findLog, writeLog, updateLog, attachRecording }: RestSettings): string[] {
  const problems: string[] = [];
  if (!writeLog && (findLog ?? updateLog ?? attachRecording))
    problems.push('writeLog is missing: it writes the call log.');
  const byKey = writeLog?.method === 'PUT' && namesIn(writeLog.path).includes('key');
  if (writeLog && !byKey && !(findLog && updateLog))
    problems.push(
      'writeLog: a log must never be written twice. Say how one is found by its key (findLog) and changed (updateLog), or write it by PUT to an address with {key}.',
    );
  if (attachRecording && !findLog && namesIn(attachRecording).includes('id'))
    problems.push('attachRecording: {id} is known only with findLog.');
  return problems;
}

export function pingOf({ ping }: RestSettings): RestRequest {
  return ping ?? { method: 'GET', path: '', query: {}, headers: {}, form: false };
}
