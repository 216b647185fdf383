import { describe, expect, it } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { FallbackKeeper } from './fallback-keeper.ts';
import type { LinkState, Switch } from './ports.ts';

const ARM_MS = 30_000;

function start() {
  const clock = new VirtualClock(0);
  const sent: string[] = [];
  const errors: string[] = [];
  const node = { link: 'up' as LinkState, takes: 0, fails: false };
  const armFallback: Switch['armFallback'] = async (legId, ms, treatment) => {
    sent.push(`${clock.now()} ${legId} ${ms} ${treatment}`);
    if (node.takes > 0) await new Promise<void>((resolve) => clock.after(node.takes, resolve));
    if (node.fails) throw new CodedError('no-such-line');
  };
  const port = Object.assign(node, { armFallback }) as unknown as Switch & typeof node;
  const keeper = new FallbackKeeper(clock, ARM_MS, (legId) => errors.push(legId));
  return { clock, sent, errors, node: port, keeper };
}

describe('the fallback of a leg that talks to nobody', () => {
  it('is armed at once and renewed every third of its time', async () => {
    const { clock, sent, node, keeper } = start();
    keeper.arm(node, 'leg_1');
    await clock.advance(25_000);
    expect(sent).toEqual(['0 leg_1 30000 apology', '10000 leg_1 30000 apology', '20000 leg_1 30000 apology']);
  });

  it('is disarmed once, when the leg talks to a person, and not renewed any more', async () => {
    const { clock, sent, node, keeper } = start();
    keeper.arm(node, 'leg_1');
    keeper.disarm('leg_1');
    keeper.disarm('leg_1');
    keeper.disarm('leg_2');
    await clock.advance(60_000);
    expect(sent).toEqual(['0 leg_1 30000 apology', '0 leg_1 0 apology']);
  });

  it('is disarmed after a renewal that is still under way, which would arm it again', async () => {
    const { clock, sent, node, keeper } = start();
    node.takes = 500;
    keeper.arm(node, 'leg_1');
    await clock.advance(10_100);
    keeper.disarm('leg_1');
    await settle();
    expect(sent).toHaveLength(2);
    await clock.advance(1_000);
    expect(sent.slice(1)).toEqual(['10000 leg_1 30000 apology', '10500 leg_1 0 apology']);
  });

  it('is nobody’s business when the leg is gone', async () => {
    const { clock, sent, node, keeper } = start();
    keeper.arm(node, 'leg_1');
    keeper.forget('leg_1');
    keeper.disarm('leg_1');
    await clock.advance(60_000);
    expect(sent).toEqual(['0 leg_1 30000 apology']);
  });

  it('is not renewed while the link is down, and is again when it is back', async () => {
    const { clock, sent, node, keeper } = start();
    keeper.arm(node, 'leg_1');
    Object.assign(node, { link: 'down' });
    await clock.advance(15_000);
    Object.assign(node, { link: 'up' });
    await clock.advance(5_000);
    expect(sent).toEqual(['0 leg_1 30000 apology', '20000 leg_1 30000 apology']);
  });

  it('tells of an error, and goes on with the others', async () => {
    const { clock, sent, errors, node, keeper } = start();
    node.fails = true;
    keeper.arm(node, 'leg_1');
    keeper.arm(node, 'leg_2');
    await clock.advance(10_000);
    expect(errors).toEqual(['leg_1', 'leg_2', 'leg_1', 'leg_2']);
    expect(sent).toHaveLength(4);
  });

  it('stays armed when the keeper is closed: that is what it is for', async () => {
    const { clock, sent, node, keeper } = start();
    keeper.arm(node, 'leg_1');
    await keeper.close();
    await clock.advance(60_000);
    expect(sent).toEqual(['0 leg_1 30000 apology']);
    expect(clock.pending).toBe(0);
  });
});
