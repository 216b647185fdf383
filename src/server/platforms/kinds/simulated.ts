/** A telephone system without telephones: to try things out. Calls have no audio. */
import { z } from 'zod';
import { SimulatedExchange } from '../../telephony/simulated/exchange.ts';
import { SimulatedProvisioning, SimulatedSwitch } from '../../telephony/simulated/switch.ts';
import { ofSwitch, platformKind } from '../kind.ts';

export const simulatedKind = platformKind({
  kind: 'simulated',
  label: 'Simulated',
  help: 'A telephone system that exists in this program only. Calls have no audio, and end when the program does.',
  settings: z.object({}),
  create(_settings, { id, clock, log }) {
    const exchange = new SimulatedExchange({ clock, log, devicesRegisterThemselves: true });
    const node = new SimulatedSwitch({ id, exchange, clock, log });
    return {
      ...ofSwitch(node),
      provisioning: new SimulatedProvisioning(node),
      async close() {
        await node.close();
        await exchange.close();
      },
    };
  },
});
