/** A CRM by a connector from outside the tree: a module that exports `createCrm` (docs/connectors.md). */
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { loadCrm } from '../connector.ts';
import { crmKind } from '../kind.ts';

const anything = z.record(z.string(), z.unknown());

export const moduleKind = crmKind({
  kind: 'connector',
  label: 'Connector',
  help: 'A CRM by a connector of your own: a module on this server that exports createCrm.',
  settings: z.object({
    module: z.string().min(1).max(500).meta({
      title: 'Module',
      description:
        'Absolute path of its file, or the name of a package that is installed beside the program. It runs with the rights of this server.',
      placeholder: '/opt/our-crm/index.js',
    }),
    settings: anything
      .default({})
      .meta({ title: 'Settings', description: 'Given to the connector as it is (JSON).' }),
    secrets: anything.default({}).meta({
      title: 'Secrets',
      description: 'Given to the connector too (JSON), and never shown.',
      secret: true,
    }),
  }),
  async create({ module, settings, secrets }, context) {
    const createCrm = await loadCrm(pathOf(module));
    return await createCrm({ ...context, settings, secrets });
  },
});

/** A package is looked for where the program's own are. */
function pathOf(module: string): string {
  return isAbsolute(module) ? module : createRequire(join(process.cwd(), 'package.json')).resolve(module);
}
