/** What only together makes sense: dialogues, scripts, messages, engines and CRM pages, from one organisation to an empty other one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from './harness/test-api.ts';
import type { ConfigurationFile, ConfigurationPlan } from '../src/protocol/configuration.ts';
import { writeWav } from '../src/server/telephony/speech/wav.ts';
import { WEEKDAYS } from '../src/protocol/hours.ts';

type Things = Record<string, Record<string, Record<string, unknown>>>;

let test: TestApi;
let other: TestApi;
let seeded: ConfigurationFile;

beforeAll(async () => {
  [test, other] = await Promise.all([TestApi.create(), TestApi.create()]);
  seeded = test.configuration.export();
});
afterAll(async () => {
  await test.close();
  await other.close();
});

const lines = ({ changes }: ConfigurationPlan) =>
  changes.map(({ action, section, name }) => `${action} ${section}.${name}`);

const NODE = { label: '', exits: {}, at: { x: 0, y: 0 } };
/** A second of silence, as `POST /api/flow-recordings` takes it. */
const SOUND = writeWav({ rate: 16_000, samples: new Int16Array(16_000) });
const SECRET = 'a-secret-that-nobody-is-shown-0123456789';

/** A dialogue that names a queue, business hours, a script, a recording and a secret. */
const MAIN = {
  languages: ['en'],
  start: 'open',
  nodes: [
    {
      ...NODE,
      id: 'open',
      kind: 'hours',
      settings: { hoursId: 'Office' },
      exits: { open: 'ask', closed: 'bye', holiday: 'bye' },
    },
    {
      ...NODE,
      id: 'ask',
      kind: 'http',
      settings: {
        url: 'https://api.example.com',
        headers: [{ name: 'Authorization', value: '{secret:api}' }],
      },
      exits: { ok: 'script', failed: 'script' },
    },
    { ...NODE, id: 'script', kind: 'script', settings: { scriptId: 'Sale' }, exits: { next: 'queue' } },
    { ...NODE, id: 'queue', kind: 'queue', settings: { queueId: 'Sales' }, exits: { gone: 'bye' } },
    { ...NODE, id: 'bye', kind: 'hangup', settings: { prompt: { en: { recordingId: 'Goodbye (en)' } } } },
  ],
};

/** It leads to a dialogue that names business hours that name it. */
const NEW_NUMBER = '+442079460123';

/** The demo and everything that hangs together, by names. */
function whole(): Things {
  const things = structuredClone(seeded) as Things;
  const [queue = {}] = Object.values(things.queues ?? {});
  const week = Object.fromEntries(WEEKDAYS.map((day) => [day, [{ from: '09:00', to: '17:00' }]]));
  const [number = ''] = Object.keys(things.numbers ?? {});
  return {
    ...things,
    queues: { ...things.queues, Sales: { ...queue, members: ['admin'], dispositions: ['Order taken'] } },
    objects: { Room__c: { label: 'Room', labelPlural: 'Rooms' } },
    fields: { 'Room__c.Phone__c': { label: 'Phone', type: 'phone', required: false } },
    settings: {
      ...things.settings,
      directory: { directorySource: { fields: ['Contact.Phone', 'Room__c.Phone__c'] } },
    },
    agentScripts: {
      Sale: {
        label: 'Sale',
        active: true,
        steps: [{ id: 'done', title: 'Done', kind: 'end', text: 'Thank you.', disposition: 'Order taken' }],
      },
      Unfinished: {
        label: 'Unfinished',
        active: false,
        steps: [{ id: 'one', title: 'One', kind: 'screen', text: '', fields: [], next: 'nowhere' }],
      },
    },
    flowSecrets: { api: { secret: SECRET } },
    flows: {
      Main: { description: 'Of everybody', published: MAIN },
      Edited: { published: MAIN, draft: { ...MAIN, start: 'queue' } },
      Begun: { draft: { languages: ['en'], start: null, nodes: [] } },
    },
    numbers: {
      ...things.numbers,
      [NEW_NUMBER]: { ...things.numbers?.[number], label: 'Main', queue: null, user: null, flow: 'Main' },
    },
    businessHours: {
      Office: {
        zone: 'Europe/London',
        week,
        holidays: [],
        closures: [],
        whenClosed: { kind: 'message', text: 'Closed.' },
        numbers: [NEW_NUMBER],
        queues: [],
      },
    },
    emergencyMessages: {
      Storm: { text: 'We are closed by the storm.', afterwards: 'hang-up', numbers: [NEW_NUMBER] },
    },
    crmHosts: {
      Acme: {
        kind: 'other',
        origins: ['https://crm.example.com'],
        connected: false,
        signInKey: 'secret',
        users: { 'boss@acme.example': 'admin' },
        key: SECRET,
      },
    },
    platforms: {
      plant: {
        kind: 'asterisk',
        label: 'Plant',
        enabled: false,
        settings: { url: 'http://pbx.example.com:8088/ari/', user: 'crosspoint', password: SECRET },
      },
    },
    crms: {
      'head-office': {
        kind: 'hubspot',
        label: 'Head office',
        enabled: false,
        settings: { token: SECRET },
      },
    },
    crmChoice: { everybody: { crm: 'head-office' } },
    speech: {
      engines: { hearing: 'http', hearingUrl: 'https://ears.example.com/v1', hearingSecret: SECRET },
    },
  } as Things;
}

it('everything that hangs together is applied at once, and is no change the second time', async () => {
  for (const one of [test, other])
    await one.flowServer.flowRecordings.add({ label: 'Goodbye', language: 'en' }, SOUND);
  const first = await test.configuration.apply(whole());
  expect(first.problems).toEqual([]);
  expect(JSON.stringify(first), 'no secret is told').not.toContain(SECRET);
  expect(
    lines(await test.configuration.apply(whole())).sort(),
    'secrets are set anew, and nothing else',
  ).toEqual([
    'change crmHosts.Acme',
    'change crms.head-office',
    'change flowSecrets.api',
    'change platforms.plant',
    'change speech.engines',
  ]);
  expect(test.flowServer.flowSecrets.get('api')).toBe(SECRET);
  expect(test.speech.settings.key('hearing')).toBe(SECRET);
  expect(test.crms.get('head-office'), 'it is made').toMatchObject({ state: 'off', secretsSet: ['token'] });
  expect(test.platforms.get('plant'), 'it is made').toMatchObject({
    state: 'off',
    secretsSet: ['password'],
  });
  expect(test.crms.servingId('anybody')).toBe('head-office');
  const [main] = test.flowServer.flows.all().filter(({ label }) => label === 'Main');
  expect(main, 'a flow that is as it was stays the version that it was').toMatchObject({
    published: 1,
    edited: false,
  });
  expect(test.callCenter.entries().some(({ flowId }) => flowId === main?.id)).toBe(true);
});

it('what is exported is the same after it was applied to an empty organisation, whose secrets are asked for', async () => {
  const exported = test.configuration.export();
  expect(test.directories.source().fields, 'own objects, too').toContain('Room__c.Phone__c');
  expect(JSON.stringify(exported)).not.toContain(SECRET);
  expect(lines(await test.configuration.apply(structuredClone(exported)))).toEqual([]);
  const without = await other.configuration.apply(structuredClone(exported));
  expect(without.applied).toBe(false);
  expect(without.problems.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'flowSecrets.api.secret',
      'crmHosts.Acme.key',
      'crms.head-office.settings.token',
      'platforms.plant.settings.password',
      'speech.engines.hearingSecret',
    ]),
  );
  expect(other.configuration.export()).toEqual(seeded);
  const { flowSecrets, crmHosts, crms, platforms, speech } = whole();
  const filled = structuredClone(exported) as Things;
  Object.assign(filled.flowSecrets?.api ?? {}, flowSecrets?.api);
  Object.assign(filled.crmHosts?.Acme ?? {}, { key: crmHosts?.Acme?.key });
  Object.assign(filled.speech?.engines ?? {}, { hearingSecret: speech?.engines?.hearingSecret });
  Object.assign(filled.platforms?.plant ?? {}, platforms?.plant);
  Object.assign(filled.crms?.['head-office'] ?? {}, crms?.['head-office']);
  expect((await other.configuration.apply(filled)).problems).toEqual([]);
  expect(other.configuration.export()).toEqual(exported);
  expect(lines(await other.configuration.apply(exported)), 'its secrets stay').toEqual([]);
  expect(await other.crmHosts.key(other.crmHosts.all()[0]?.id ?? '')).toBe(SECRET);
});

it.each([
  [
    'users',
    'admin.platform',
    'there is no telephone system nowhere',
    (text: string) => text.replace(/("admin":\{.*?"platform":)"private"/, '$1"nowhere"'),
  ],
  ['crms', 'head-office.settings.tokn', 'tokn', (text: string) => text.replace('"token"', '"tokn"')],
  [
    'crms',
    'head-office.kind',
    'the kind of a CRM stays',
    (text: string) => text.replace('"kind":"hubspot"', '"kind":"hubspots"'),
  ],
  [
    'crmChoice',
    'everybody.crm',
    'there is no CRM none',
    (text: string) => text.replace('{"crm":"head-office"}', '{"crm":"none"}'),
  ],
  [
    'flows',
    'Main.published.nodes.3.settings.queueId',
    'there is no queue Nowhere',
    (text: string) => text.replaceAll('"queueId":"Sales"', '"queueId":"Nowhere"'),
  ],
  [
    'flows',
    'Main.published.nodes.0.settings.hoursId',
    'there is no set of business hours Night',
    (text: string) => text.replaceAll('"hoursId":"Office"', '"hoursId":"Night"'),
  ],
  [
    'flows',
    'Main.published.nodes.4.settings.prompt.en',
    'there is no recording Farewell (en)',
    (text: string) => text.replaceAll('Goodbye (en)', 'Farewell (en)'),
  ],
  ['numbers', '', 'is not published', (text: string) => text.replaceAll('"flow":"Main"', '"flow":"Begun"')],
  [
    'emergencyMessages',
    'Storm.numbers',
    'there is no number',
    (text: string) => text.replace(/("emergencyMessages":.*?"numbers":\[")[^"]+/, '$1+440000'),
  ],
  [
    'crmHosts',
    'Acme.users',
    'there is no user nobody',
    (text: string) => text.replace('"boss@acme.example":"admin"', '"boss@acme.example":"nobody"'),
  ],
  [
    'speech',
    'engines.hearingUrl',
    'http',
    (text: string) => text.replace('https://ears.example.com/v1', 'ears'),
  ],
  ['speech', 'engines', 'ears', (text: string) => text.replace('"hearingModel"', '"ears"')],
])('a mistake in %s is told at %s: %s', async (section, path, message, spoil) => {
  const before = test.configuration.export();
  const file = JSON.parse(spoil(JSON.stringify(before))) as ConfigurationFile;
  const { applied, problems } = await test.configuration.apply(file);
  expect(applied).toBe(false);
  const told = problems.map((one) => `${one.path}: ${one.message}`);
  expect(
    told.filter((one) => one.startsWith(`${section}.${path}`) && one.includes(message)),
    told.join('\n'),
  ).not.toEqual([]);
  expect(test.configuration.export()).toEqual(before);
});

it('a telephone system that carries calls stays, and so does all the rest', async () => {
  const before = test.configuration.export();
  test.liveCalls.set('plant', 1);
  const { applied, problems } = await test.configuration.apply(structuredClone(seeded), true);
  expect({ applied, problems }).toMatchObject({ applied: false, problems: [{ path: 'platforms.plant' }] });
  expect(test.configuration.export()).toEqual(before);
  test.liveCalls.delete('plant');
});

it('all of it goes when the file has its sections and nothing in them', async () => {
  const back = await test.configuration.apply(structuredClone(seeded), true);
  expect(back.problems).toEqual([]);
  expect([test.platforms.get('plant'), test.crms.get('head-office')]).toEqual([undefined, undefined]);
  expect(test.configuration.export()).toEqual(seeded);
});
