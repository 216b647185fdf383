/** What agent scripts see of a user's call, and what they change in it. */
import { describe, expect, it } from 'vitest';
import { CALLER, type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';

const JANE = { id: '003000000000001', object: 'Contact', name: 'Jane Smith', number: CALLER };

let world: SoftphoneWorld;
worldForEachTest((made) => {
  world = made;
});

const scripted = () => world.softphone.scripted;

describe('a script’s call', () => {
  it('is the user’s own while it rings, is talked and wrapped up; nobody else’s, and over when that is done', async () => {
    world.records.push(JANE);
    const { page, caller } = await world.ring();
    const { conversationId } = page.line;
    const seen = () => scripted().scriptCall('ann', conversationId);
    expect(seen()).toMatchObject({
      values: { ANI: CALLER, DNIS: '100', USER_ID: 'ann' },
      match: { id: JANE.id },
    });
    expect(scripted().scriptCall('bob', conversationId)).toBeUndefined();
    await page.command({ verb: 'answer', lineId: page.line.id });
    await world.pass(60);
    caller.hangup();
    await world.pass(60);
    expect(seen()).toBeDefined();
    await page.command({ verb: 'wrap.finish', lineId: page.line.id });
    await world.pass(2_000);
    expect(seen()).toBeUndefined();
  });

  it('gets answers as call data, which the page shows; what is the same is not written again', async () => {
    const { page } = await world.talk();
    const { conversationId } = page.line;
    scripted().setCallData(conversationId, { order: '4711' });
    await world.pass(60);
    expect(page.line.data).toMatchObject([{ key: 'order', value: '4711' }]);
    expect(scripted().scriptCall('ann', conversationId)?.data('order')).toBe('4711');
    const before = world.conversations.get(conversationId)?.data.get('order');
    scripted().setCallData(conversationId, { order: '4711' });
    expect(world.conversations.get(conversationId)?.data.get('order')).toBe(before);
    scripted().setCallData('conv_that_is_over', { order: '1' });
  });

  it('gets its wrap-up code by label where its queue has it, and says why not', async () => {
    const { page } = await world.ring();
    const { conversationId } = page.line;
    const set = (label: string) => scripted().setDisposition('ann', conversationId, label);
    expect(set('Sold')).toBe('no-log');
    await page.command({ verb: 'answer', lineId: page.line.id });
    await world.pass(60);
    expect(set('No such code')).toBe('unknown');
    expect(set('SOLD')).toBe('set');
    await world.pass(60);
    expect(page.line.log?.disposition).toBe('d1');
  });
});
