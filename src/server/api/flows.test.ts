import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { Flow, FlowDocument } from '../../protocol/flows.ts';
import { writeWav } from '../telephony/speech/wav.ts';

let test: TestApi;
let admin: string;

beforeAll(async () => {
  test = await TestApi.create();
  admin = await test.tokenOf('administrator');
});

afterAll(() => test.close());

const at = { x: 0, y: 0 };
const queueId = () => test.callCenter.queues()[0]?.id ?? '';

function greeting(...nodes: FlowDocument['nodes']): FlowDocument {
  const hello = {
    id: 'hello',
    kind: 'say',
    label: '',
    settings: { prompt: { en: { text: 'Hello.' } } },
    exits: { next: nodes[0]?.id ?? 'bye' },
    at,
  };
  const bye = { id: 'bye', kind: 'hangup', label: '', settings: {}, exits: {}, at };
  return { languages: ['en'], start: 'hello', nodes: [hello, ...(nodes.length > 0 ? nodes : [bye])] };
}

const toQueue = (id: string) => ({
  id: 'wait',
  kind: 'queue',
  label: '',
  settings: { queueId: id },
  exits: {},
  at,
});

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, status = 200) {
  const answer = await test.call(method, url, admin, payload);
  expect(answer.statusCode, answer.body).toBe(status);
  return answer.body === '' ? undefined : answer.json();
}

const add = (label: string, document?: FlowDocument): Promise<Flow> =>
  call('POST', '/api/flows', { label, ...(document ? { document } : {}) }, 201);

describe('a flow', () => {
  it('is drawn, saved with problems, published without, and goes on with an older version after a revert', async () => {
    const flow = await add('Day');
    expect(flow).toMatchObject({ rev: 1, published: null, edited: true, problems: [{ code: 'no-start' }] });
    await call('POST', `/api/flows/${flow.id}/publish`, { rev: 1 }, 400);
    const saved = await call('PUT', `/api/flows/${flow.id}`, { ...flow, document: greeting() });
    expect(saved).toMatchObject({ rev: 2, problems: [] });
    const published = await call('POST', `/api/flows/${flow.id}/publish`, { rev: 2, note: 'first' });
    expect(published).toMatchObject({ published: 1, edited: false });
    const changed = await call('PUT', `/api/flows/${flow.id}`, {
      ...published,
      document: greeting(toQueue(queueId())),
    });
    expect(changed).toMatchObject({ published: 1, edited: true });
    expect(test.flowServer.flows.published(flow.id)?.document).toEqual(greeting());
    await call('POST', `/api/flows/${flow.id}/publish`, { rev: 3 });
    expect(await test.flowServer.flows.version(flow.id, 1)).toEqual(greeting());
    const { versions } = await call('GET', `/api/flows/${flow.id}/versions`);
    expect(versions).toMatchObject([
      { version: 2, userName: 'only-administrator' },
      { version: 1, note: 'first' },
    ]);
    const reverted = await call('POST', `/api/flows/${flow.id}/revert`, { rev: 3, version: 1 });
    expect(reverted).toMatchObject({ rev: 4, published: 2, edited: true, document: greeting() });
  });

  it('that somebody else has saved meanwhile is not overwritten', async () => {
    const flow = await add('Shared');
    await call('PUT', `/api/flows/${flow.id}`, { ...flow, label: 'Shared one' });
    expect(await call('PUT', `/api/flows/${flow.id}`, { ...flow, label: 'Mine' }, 409)).toMatchObject({
      code: 'conflict',
    });
    expect(test.flowServer.flows.must(flow.id).label).toBe('Shared one');
  });

  it('says what is wrong with settings, with the field, and what they name that there is not', async () => {
    const menu = {
      ...toQueue('nowhere'),
      id: 'ask',
      kind: 'menu',
      settings: {
        prompt: { de: { text: 'Ja? {nothing}' } },
        choices: [
          { key: '1', exit: 'wait' },
          { key: '1', exit: 'wait' },
        ],
      },
      exits: { wait: 'wait', failed: 'wait' },
    };
    const { problems } = await call('POST', '/api/flow-check', greeting(menu, toQueue('nowhere')));
    expect(problems).toEqual([
      { code: 'settings', nodeId: 'ask', field: 'choices', detail: 'Choices: a key is there twice.' },
      {
        code: 'missing-reference',
        nodeId: 'wait',
        field: 'queueId',
        detail: 'Queue: there is no such queue any more.',
      },
    ]);
    menu.settings.choices.pop();
    const again = await call('POST', '/api/flow-check', greeting(menu, toQueue(queueId())));
    expect(again.problems.map(({ detail }: { detail: string }) => detail)).toEqual([
      "Question: say it in en, the flow's first language.",
      'Question: there is no placeholder {nothing}.',
    ]);
  });

  it('that a number leads to stays, and so does a queue that it names', async () => {
    const flow = await add('Numbered', greeting(toQueue(queueId())));
    const number = { dnis: '+442079460777', label: 'Hotline', flowId: flow.id };
    expect(await call('POST', '/api/numbers', number, 400)).toMatchObject({ data: { field: 'flowId' } });
    await call('POST', `/api/flows/${flow.id}/publish`, { rev: 1 });
    const made = await call('POST', '/api/numbers', number, 201);
    expect(made).toMatchObject({ flowId: flow.id, queueId: null });
    const { flows } = await call('GET', '/api/flows');
    expect(flows.find(({ id }: Flow) => id === flow.id).usedBy).toEqual(['the number +442079460777']);
    expect(await call('DELETE', `/api/flows/${flow.id}`, undefined, 409)).toMatchObject({
      code: 'in-use',
    });
    expect(await call('DELETE', `/api/queues/${queueId()}`, undefined, 409)).toMatchObject({
      code: 'in-use',
    });
    await call('PUT', `/api/numbers/${made.id}`, { queueId: queueId() });
    expect(test.callCenter.entry(made.id)).toMatchObject({ flowId: null, queueId: queueId() });
    await call('DELETE', `/api/flows/${flow.id}`, undefined, 204);
  });

  it('may ask for skills beside its queue’s: known ones, which stay while it names them', async () => {
    const skill = await call('POST', '/api/skills', { label: 'Catalan' }, 201);
    const asking = (...skillIds: string[]) => {
      const node = toQueue(queueId());
      const requirements = skillIds.map((skillId) => ({ skillId, minimum: 3 }));
      return greeting({ ...node, settings: { ...node.settings, requirements } });
    };
    const problemsOf = async (document: FlowDocument) =>
      (await call('POST', '/api/flow-check', document)).problems;
    expect(await problemsOf(asking(skill.id))).toEqual([]);
    expect(await problemsOf(asking('nothing'))).toMatchObject([
      { code: 'missing-reference', field: 'requirements.0.skillId' },
    ]);
    expect(await problemsOf(asking(skill.id, skill.id))).toMatchObject([
      { code: 'settings', field: 'requirements', detail: 'Skills: a skill is there twice.' },
    ]);
    const flow = await add('Catalan', asking(skill.id));
    expect(await call('DELETE', `/api/skills/${skill.id}`, undefined, 409)).toMatchObject({
      code: 'in-use',
      data: { detail: 'the flow Catalan names it' },
    });
    await call('DELETE', `/api/flows/${flow.id}`, undefined, 204);
  });

  it('that a queue’s rule leads to stays, and says which queue', async () => {
    const flow = await add('Too long', greeting(toQueue(queueId())));
    const overflow = [{ when: 'wait', afterMs: 60_000, target: { kind: 'flow', flowId: flow.id } }];
    const patient = { label: 'Patient', rule: { overflow } };
    expect(await call('POST', '/api/queues', patient, 400), 'not published yet').toMatchObject({
      code: 'bad-input',
      data: { field: 'rule.overflow.0.target.flowId' },
    });
    await call('POST', `/api/flows/${flow.id}/publish`, { rev: 1 });
    const queue = await call('POST', '/api/queues', patient, 201);
    expect(await call('DELETE', `/api/flows/${flow.id}`, undefined, 409)).toMatchObject({
      code: 'in-use',
      data: { detail: 'the rule of the queue Patient leads to it' },
    });
    await call('PUT', `/api/queues/${queue.id}`, { rule: {} });
    await call('DELETE', `/api/flows/${flow.id}`, undefined, 204);
  });

  it('is in the audit trail, with every change', async () => {
    const flow = await add('Audited', greeting());
    await call('POST', `/api/flows/${flow.id}/publish`, { rev: 1 });
    const { changes } = await call('GET', `/api/audit?object=flows&objectId=${flow.id}`);
    expect(changes).toMatchObject([
      { action: 'change', label: 'Audited', after: { published: 1 } },
      { action: 'create', label: 'Audited' },
    ]);
  });
});

describe('the kinds of nodes', () => {
  it('say their fields, exits and help', async () => {
    const { kinds } = await call('GET', '/api/flow-nodes');
    const collect = kinds.find(({ kind }: { kind: string }) => kind === 'collect');
    expect(collect.exits.map(({ name }: { name: string }) => name)).toEqual(['done', 'failed']);
    expect(collect.fields.find(({ name }: { name: string }) => name === 'max')).toMatchObject({
      type: 'number',
      min: 1,
      max: 40,
      initial: 16,
      required: false,
    });
    for (const { kind, help, fields } of kinds) {
      expect(help.length, kind).toBeGreaterThan(40);
      for (const field of fields) expect(field.label, kind).not.toBe(field.name);
    }
  });
});

describe('a recording of a prompt', () => {
  const upload = (payload: Uint8Array, label = 'Welcome', type = 'audio/wav') =>
    test.api.inject({
      method: 'POST',
      url: `/api/flow-recordings?label=${label}&language=en`,
      payload: Buffer.from(payload),
      headers: { 'content-type': type, authorization: `Bearer ${admin}` },
    });
  const second = writeWav({ rate: 16_000, samples: new Int16Array(16_000) });

  it('is brought to telephone rate, played back, and stays while a flow plays it', async () => {
    const made = await upload(second);
    expect(made.statusCode, made.body).toBe(201);
    const recording = made.json();
    expect(recording).toMatchObject({ seconds: 1, bytes: 16_044 });
    const audio = await test.call('GET', `/api/flow-recordings/${recording.id}/audio`, admin);
    expect(audio.rawPayload.length).toBe(16_044);
    const document = greeting();
    const [hello] = document.nodes;
    if (hello) hello.settings = { prompt: { en: { recordingId: recording.id } } };
    const flow = await add('Recorded', document);
    expect(flow.problems).toEqual([]);
    await call('DELETE', `/api/flow-recordings/${recording.id}`, undefined, 409);
    await call('DELETE', `/api/flows/${flow.id}`, undefined, 204);
    await call('DELETE', `/api/flow-recordings/${recording.id}`, undefined, 204);
  });

  it.each([
    ['no WAV file', new Uint8Array(100), 'audio/wav', 400],
    ['no sound', writeWav({ rate: 8_000, samples: new Int16Array(0) }), 'audio/wav', 400],
    ['another rate', writeWav({ rate: 96_000, samples: new Int16Array(100) }), 'audio/wav', 400],
    ['another type', second, 'audio/mpeg', 400],
    ['more than the limit', new Uint8Array(10_000_001), 'audio/wav', 413],
  ])('with %s is refused', async (_, bytes, type, status) => {
    const answer = await upload(bytes, 'Bad', type);
    expect(answer.statusCode, answer.body).toBe(status);
    expect((await call('GET', '/api/flow-recordings')).recordings).toEqual([]);
  });
});

describe('a secret of flows', () => {
  it('is sealed, never shown, and not in the audit trail', async () => {
    await call('PUT', '/api/flow-secrets/shop', { secret: 'open-sesame' }, 204);
    expect(await call('GET', '/api/flow-secrets')).toEqual({ names: ['shop'] });
    const rows = await test.database.db.query('SELECT sealed FROM flow_secret');
    expect(JSON.stringify(rows)).not.toContain('open-sesame');
    const { changes } = await call('GET', '/api/audit?object=flow-secrets');
    expect(JSON.stringify(changes)).not.toContain('open-sesame');
    expect(changes).toMatchObject([{ objectId: 'shop' }]);
    await call('DELETE', '/api/flow-secrets/shop', undefined, 204);
  });
});
