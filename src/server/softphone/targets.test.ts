import { describe, expect, it } from 'vitest';
import { CodedError } from '../../protocol/errors.ts';
import { CALLER, type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';

let world: SoftphoneWorld;
worldForEachTest((made) => {
  world = made;
});

/** What Ann is offered for a text; time stands still unless the CRM has to be given up. */
async function search(text: string, waitMs = 0) {
  const found = world.softphone.transferTargets('ann', text);
  await world.pass(waitMs);
  return (await found).targets;
}

describe('the search for whom a call is given to', () => {
  it('without text offers the colleagues, free ones first, and the queues with who waits and who is free', async () => {
    await world.agent('bob');
    const targets = await search('');
    expect(targets.map(({ label }) => label)).toEqual(['bob', 'cem', 'Queue sales']);
    expect(targets[0]).toMatchObject({ shown: 'ready', detail: '802', consult: { enabled: true } });
    expect(targets[1]).toMatchObject({ shown: 'logged-out', transfer: { reason: 'colleague-away' } });
    expect(targets[2]).toMatchObject({ queue: { waiting: 0, ready: 1 }, transfer: { enabled: true } });
  });

  it('finds a colleague by the beginning of his name or extension, never oneself', async () => {
    expect((await search('bo')).map(({ label }) => label)).toEqual(['bob']);
    expect((await search('803')).filter((t) => t.source === 'agent').map(({ label }) => label)).toEqual([
      'cem',
    ]);
    expect(await search('ann')).toEqual([]);
  });

  it.each(['+442079460958', '0044 20 7946 0958', '020 7946 0958', '+44 (0)20 7946-0958', ' (020) 79460958 '])(
    'takes the outside number %s as it was typed',
    async (typed) => {
      const [number, ...more] = await search(typed);
      expect(more).toEqual([]);
      expect(number).toMatchObject({
        source: 'number',
        label: '020 7946 0958',
        target: { kind: 'number', number: typed.trim() },
        consult: { enabled: true },
      });
    },
  );

  it('offers no number for what is none', async () => {
    expect(await search('zzz')).toEqual([]);
    expect(await search('12345678901234567890')).toEqual([]);
  });

  it('finds people of the CRM with their numbers', async () => {
    world.records.push({ id: '003A', object: 'Contact', name: 'Dora Dean', number: CALLER });
    expect(await search('dora')).toMatchObject([
      { label: 'Dora Dean', detail: '020 7946 0958', source: 'record', target: { number: CALLER } },
    ]);
  });

  it('finds entries of the directories, each number for itself', async () => {
    const { id } = await world.directories.add({ label: 'Partners', callCenterId: null });
    const numbers = [
      { label: 'Desk', phone: '020 7946 0001' },
      { label: '', phone: '07700 900001' },
    ];
    await world.directories.addEntry(id, { name: 'Dora Dean', numbers, description: 'Acme' });
    expect(await search('dora')).toMatchObject([
      {
        label: 'Dora Dean',
        detail: 'Desk · 020 7946 0001 · Acme',
        source: 'directory',
        target: { kind: 'number', number: '020 7946 0001' },
        transfer: { enabled: true },
      },
      { label: 'Dora Dean', detail: '07700 900001 · Acme' },
    ]);
    expect((await search('79460001')).filter(({ source }) => source === 'directory')).toHaveLength(2);
  });

  it('finds by those phone fields of the CRM that were chosen, or by all', async () => {
    world.records.push({ id: '003000000000009', object: 'Contact', name: 'Erin East', number: CALLER });
    const found = async () => (await search('erin')).map(({ label }) => label);
    expect(await found()).toEqual(['Erin East']);
    await world.directories.setSource({ fields: ['Contact.Fax'] });
    expect(await found(), 'he has no fax').toEqual([]);
    await world.directories.setSource({ fields: ['Contact.Phone'] });
    expect(await found()).toEqual(['Erin East']);
    await expect(world.directories.setSource({ fields: ['Contact.Name'] })).rejects.toMatchObject({
      code: 'bad-input',
      data: { field: 'fields', detail: 'fields: there is no phone field Contact.Name' },
    });
    expect(world.directories.source()).toEqual({ fields: ['Contact.Phone'] });
  });

  it('answers without the CRM when that hangs or is down', async () => {
    await world.agent('bob');
    world.crmHangs = true;
    expect((await search('bob', 100)).map(({ label }) => label)).toEqual(['bob']);
    world.crmHangs = false;
    world.crmFails = true;
    expect((await search('bob')).map(({ label }) => label)).toEqual(['bob']);
  });

  it('says why a colleague cannot be called', async () => {
    const bob = await world.agent('bob');
    const toBob = async () => (await search('bob'))[0]?.transfer;
    await bob.command({ verb: 'settings', change: { doNotDisturb: true } });
    expect(await toBob()).toMatchObject({
      reason: 'agent-unavailable',
      text: 'bob takes no calls now. Do not disturb is on.',
    });
    await bob.command({ verb: 'settings', change: { doNotDisturb: false, callWaiting: false } });
    expect(await toBob()).toEqual({ enabled: true });
    await world.call();
    expect(await toBob()).toMatchObject({ text: 'bob takes no calls now. A call rings there.' });
    await bob.command({ verb: 'answer', lineId: bob.line.id });
    await world.pass(60);
    expect(await toBob()).toMatchObject({ text: 'bob takes no calls now. On a call.' });
    await bob.command({ verb: 'settings', change: { callWaiting: true } });
    expect(await toBob()).toEqual({ enabled: true });
  });
});

describe('with a telephone system that routes by itself', () => {
  const HELP = { queueId: 'office:help', label: 'Help desk', waiting: 2, ready: 1 };
  /** Calls of the office stay there, and ours here. */
  const apart = (there: ReadonlySet<string>) => {
    world.queuesElsewhere = [HELP];
    world.unreachable = (userId, target) => {
      const at = there.has(target.kind === 'user' ? target.userId : target.queueId);
      const [from, to] = there.has(userId) ? ['Office', 'Crosspoint'] : ['Crosspoint', 'Office'];
      return there.has(userId) === at ? undefined : new CodedError('elsewhere', { from, to });
    };
  };
  const why = 'Calls of Crosspoint cannot be given to Office. Dial a number that leads there.';

  it('lists its queues and its agents: to who is there as targets, to others with the reason', async () => {
    await world.agent('bob');
    apart(new Set(['bob', HELP.queueId]));
    expect(await search('help')).toMatchObject([
      {
        target: { kind: 'queue', queueId: HELP.queueId },
        queue: { waiting: 2, ready: 1 },
        transfer: { enabled: false, reason: 'elsewhere', text: why },
      },
    ]);
    expect(await search('bob')).toMatchObject([{ consult: { reason: 'elsewhere', text: why } }]);
    expect((await search('')).map(({ label }) => label)).toEqual(['bob', 'cem', 'Queue sales', 'Help desk']);
    apart(new Set(['ann', 'bob', HELP.queueId]));
    expect(await search('help')).toMatchObject([{ transfer: { enabled: true } }]);
    expect(await search('bob')).toMatchObject([{ consult: { enabled: true } }]);
    expect((await search('sales'))[0]?.transfer).toMatchObject({ reason: 'elsewhere' });
  });

  it('refuses a transfer that the search would not have offered, and the call stays', async () => {
    const { page } = await world.talk();
    apart(new Set([HELP.queueId]));
    const target = { kind: 'queue' as const, queueId: HELP.queueId };
    const transfer = { verb: 'transfer' as const, lineId: page.line.id, target };
    expect(await page.command(transfer)).toMatchObject({ code: 'elsewhere', message: why });
    expect(page.line.state).toBe('connected');
  });
});

describe('personal settings', () => {
  it('are the defaults at first, shown when changed, and there after a restart', async () => {
    const page = await world.agent('ann');
    expect(page.state?.settings.values).toMatchObject({ doNotDisturb: false, callWaiting: true });
    expect(
      await page.command({ verb: 'settings', change: { forwardBusy: ' 020 7946 0958 ', autoAnswer: true } }),
    ).toBe(true);
    await world.pass(60);
    expect(page.state?.settings.values).toMatchObject({ forwardBusy: '020 7946 0958', autoAnswer: true });
    await world.stop();
    await world.startProcess();
    expect(world.softphone.callSettings('ann')).toMatchObject({
      forward: { busy: { value: CALLER } },
      autoAnswer: true,
    });
    expect(world.softphone.callSettings('bob').autoAnswer).toBe(false);
  });

  it.each([
    ['no number', { forwardAlways: 'home' }, 'number-invalid'],
    ['an emergency number', { forwardBusy: '999' }, 'number-invalid'],
    ['oneself', { forwardNoAnswer: '801' }, 'own-extension'],
  ])('refuse to forward to %s and stay as they were', async (_what, change, code) => {
    const page = await world.agent('ann');
    await page.command({ verb: 'settings', change: { forwardAlways: '802' } });
    expect(await page.command({ verb: 'settings', change: { doNotDisturb: true, ...change } })).toMatchObject(
      { code },
    );
    expect(page.state?.settings.values).toMatchObject({ forwardAlways: '802', doNotDisturb: false });
  });

  it('an empty number forwards nothing', async () => {
    const page = await world.agent('ann');
    await page.command({ verb: 'settings', change: { forwardAlways: '802' } });
    await page.command({ verb: 'settings', change: { forwardAlways: '  ' } });
    await world.pass(60);
    expect(page.state?.settings.values.forwardAlways).toBeNull();
  });
});
