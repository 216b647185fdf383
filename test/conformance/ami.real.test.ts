/** The mirror of an Asterisk-based PBX, reached over AMI only, against the role's conformance suite. */
import { AmiStage, farEnd, OUTSIDE } from './ami-stage.ts';
import { callControlConformance } from './call-control.ts';

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
});
