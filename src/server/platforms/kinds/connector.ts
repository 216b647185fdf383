/** A connector from outside the tree: a module that exports `createConnector` (docs/connectors.md). */
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { loadConnector } from '../../telephony/connector.ts';
import { ofSwitch, type Platform, platformKind } from '../kind.ts';

const anything = z.record(z.string(), z.unknown());

/** What an administrator says of a connector, whichever it is. */
export const ConnectorSettings = z.object({
  module: z.string().min(1).max(500).meta({
    title: 'Module',
    description:
      'Absolute path of its file, or the name of a package that is installed beside the program. It runs with the rights of this server.',
    placeholder: '/opt/our-connector/index.js',
  }),
  settings: anything
    .default({})
    .meta({ title: 'Settings', description: 'Given to the connector as it is (JSON).' }),
  secrets: anything.default({}).meta({
    title: 'Secrets',
    description: 'Given to the connector too (JSON), and never shown.',
    secret: true,
  }),
});

export const connectorKind = platformKind({
  kind: 'connector',
  label: 'Connector',
  help: 'A telephone system by a connector of your own: a module on this server that exports createConnector.',
  settings: ConnectorSettings,
  async create({ module, settings, secrets }, { id, clock, log }): Promise<Platform> {
    const createConnector = await loadConnector(pathOf(module));
    const connector = await createConnector({ id, clock, log, settings, secrets });
    if (connector?.switch?.id !== id) throw new Error(`the connector's switch must have the id ${id}`);
    const { switch: node, provisioning, sipUrl, close } = connector;
    return {
      ...ofSwitch(node),
      ...(provisioning ? { provisioning } : {}),
      sip: () => {
        const url = sipUrl?.();
        return url === undefined ? undefined : { url };
      },
      async close() {
        await node.close();
        await close?.();
      },
    };
  },
});

/** A package is looked for where the program's own are. */
export function pathOf(module: string): string {
  return isAbsolute(module) ? module : createRequire(join(process.cwd(), 'package.json')).resolve(module);
}
