/** The mirror of an Asterisk-based PBX, reached over AMI only, against the role's conformance suite. */
import { AmiStage, farEnd, OUTSIDE, PBX_ID, PBX_USERS } from './ami-stage.ts';
import { realClock } from '../../src/lib/clock.ts';
import { PlatformAgents } from '../../src/server/routing/platform-agents.ts';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { acdConformance } from './acd.ts';
import { declareSuite } from './suite.ts';
import { callControlConformance } from './call-control.ts';

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  callControlConformance('a PBX over AMI', async () => {
    const stage = await AmiStage.open();
    const phones = { ann: stage.phones['201'], bob: stage.phones['202'], outside: stage.carrier };
    const rings = async (where: 'ann' | 'bob' | 'outside') => {
      const phone = phones[where];
      if (!phone) throw new Error(`no phone ${where}`);
      return farEnd(await stage.ringing(phone));
    };
    return {
      control: stage.pbx.calls,
      conversations: stage.conversations,
      ann: { userId: 'ann', device: stage.device('ann') },
      bob: { userId: 'bob', device: stage.device('bob') },
      outside: OUTSIDE,
      country: 'GB',
      async customerCalls() {
        const customer = await stage.customer('201');
        return { customer: farEnd(customer), phone: await rings('ann') };
      },
      rings,
      until: (what, check) => stage.until(what, check),
      reset: () => stage.reset(),
      close: () => stage.close(),
    };
  }),
);

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  acdConformance('a PBX over AMI', async () => {
    const stage = await AmiStage.open();
    const phone = stage.phones['203'];
    if (!phone) throw new Error('no phone');
    const agents = new PlatformAgents({
      platformId: PBX_ID,
      acd: stage.pbx.acd,
      conversations: stage.conversations,
      clock: realClock,
      user: (userId) => PBX_USERS.find((user) => user.userId === userId),
      userIds: () => PBX_USERS.map(({ userId }) => userId),
      reasons: () => [{ id: 'reason_lunch', label: 'Lunch' }],
      loginQueues: ['support'],
      hangup: (legId) => stage.pbx.calls.hangup(legId),
      onError: (what, error) => stage.errors.push([what, error]),
    });
    agents.setOnline('cy', true);
    const pause = (paused: boolean) =>
      stage.rig.action('QueuePause', { Interface: 'Local/203@from-queue/n', Paused: paused });
    return {
      acd: agents,
      conversations: stage.conversations,
      userId: 'cy',
      queueId: `${PBX_ID}:support`,
      reason: 'reason_lunch',
      customerCalls: async () => farEnd(await stage.customer('6001')),
      rings: async () => farEnd(await stage.ringing(phone)),
      changeThere: (ready) => pause(!ready),
      until: (what, check) => stage.until(what, check),
      async reset() {
        await stage.reset();
        await pause(false);
        await stage.until('the agent to be ready', () => agents.agent('cy').shown === 'ready');
      },
      async close() {
        await agents.close();
        await stage.close();
      },
    };
  }),
);
