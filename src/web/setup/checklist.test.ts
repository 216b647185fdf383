import { describe, expect, it } from 'vitest';
import { DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import { PLAIN_RULE } from '../../protocol/queue-rules.ts';
import type { ShownQueue, ShownUser, SystemState } from '../../protocol/setup.ts';
import { checklist, type Installed } from './checklist.ts';

const system: SystemState = {
  version: '1',
  startedAt: 0,
  node: '20',
  memoryBytes: 1,
  database: { up: true, version: '18', bytes: 1 },
  disk: { freeBytes: 1, totalBytes: 2 },
  outbox: { waiting: 0, stuck: 0 },
  switch: { link: 'up', audio: true },
  https: true,
  demoPasswords: 0,
};

const user = (more: Partial<ShownUser>): ShownUser => ({
  id: 'u',
  username: 'u',
  name: 'U',
  roles: ['agent'],
  locale: 'en',
  zone: 'UTC',
  country: 'GB',
  email: null,
  extension: '10',
  platformId: 'private',
  profileId: null,
  skills: [],
  queueOrder: [],
  disabled: false,
  demoPassword: false,
  ...more,
});

const queue = (more: Partial<ShownQueue>): ShownQueue => ({
  id: 'q',
  label: 'Sales',
  ringMs: 20_000,
  wrapMs: 0,
  dispositionRequired: false,
  greeting: '',
  memberIds: ['u'],
  requirements: [],
  agentRules: DEFAULT_AGENT_RULES,
  rule: PLAIN_RULE,
  dispositions: [{ id: 'd', label: 'Done', active: true }],
  ...more,
});

const ready: Installed = {
  users: [user({}), user({ id: 'a', roles: ['administrator'] }), user({ id: 'b', roles: ['administrator'] })],
  queues: [queue({})],
  numbers: [{ queueId: 'q' }],
  platforms: [{ id: 'private', label: 'Ours', state: 'up' }],
  trunks: [{ status: { state: 'ready' } }],
  recordingRules: 1,
  system,
};

const missing = (installed: Installed) =>
  checklist(installed).flatMap((stage) => stage.items.filter((item) => !item.done).map((item) => item.id));

describe('the checklist', () => {
  it('has nothing to say when all is done', () => {
    expect(missing(ready)).toEqual([]);
  });

  it.each<[string, Partial<Installed>, string[]]>([
    ['nobody takes calls', { users: ready.users.slice(1) }, ['agents']],
    [
      'who takes calls is disabled',
      { users: [user({ disabled: true }), ...ready.users.slice(1)] },
      ['agents'],
    ],
    [
      'a number leads to a queue that nobody answers',
      { queues: [queue({ memberIds: [] })] },
      ['queue', 'number', 'members'],
    ],
    ['no number leads anywhere', { numbers: [] }, ['number']],
    ['a queue has no codes', { queues: [queue({ dispositions: [] })] }, ['codes']],
    ['there is no sound', { system: { ...system, switch: { link: 'up', audio: false } } }, ['switch']],
    [
      'http, demo passwords, a stuck write',
      { system: { ...system, https: false, demoPasswords: 2, outbox: { waiting: 1, stuck: 1 } } },
      ['https', 'passwords', 'outbox'],
    ],
    ['the telephone system is away', { platforms: [{ id: 'p', label: 'P', state: 'down' }] }, ['switch']],
    ['one is switched off on purpose', { platforms: [{ id: 'p', label: 'P', state: 'off' }] }, []],
    ['there is no trunk', { trunks: [] }, ['trunk']],
    ['a trunk failed', { trunks: [{ status: { state: 'failed' } }] }, ['trunk']],
    ['nobody decided about recording', { recordingRules: 0 }, ['recording']],
    ['one administrator', { users: ready.users.slice(0, 2) }, ['administrators']],
  ])('says what is missing when %s', (_, change, ids) => {
    expect(missing({ ...ready, ...change })).toEqual(ids);
  });

  it('leads to the very thing that needs work', () => {
    const items = checklist({ ...ready, queues: [queue({}), queue({ id: 'q2', memberIds: [] })] }).flatMap(
      (one) => one.items,
    );
    expect(items.find((item) => item.id === 'members')).toMatchObject({ path: '/queues/q2', done: false });
  });
});
