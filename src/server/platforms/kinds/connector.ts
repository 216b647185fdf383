/** A connector from outside the tree: a module that exports `createConnector` (docs/connectors.md). */
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Logger } from 'pino';
import type { Clock } from '../../../lib/clock.ts';
import type { CallControl, Provisioning, Switch } from '../../telephony/ports.ts';
import { ofSwitch, type Platform, platformKind } from '../kind.ts';

/** What a connector's module is asked with. */
export interface ConnectorContext {
  /** The platform's id, which the connector's switch must have. */
  id: string;
  clock: Clock;
  log: Logger;
  /** What the administrator wrote for it. */
  settings: Record<string, unknown>;
  /** Its secrets, apart: never log them. */
  secrets: Record<string, unknown>;
}

export interface Connector {
  switch: Switch;
  provisioning?: Provisioning;
  callControl?: CallControl;
  /** Address of SIP over WebSocket for browser phones. */
  sipUrl?: () => string | undefined;
  /** Beside `switch.close()`, which is called first. */
  close?: () => Promise<void>;
}

export type CreateConnector = (context: ConnectorContext) => Connector | Promise<Connector>;

const anything = z.record(z.string(), z.unknown());

export const connectorKind = platformKind({
  kind: 'connector',
  label: 'Connector',
  help: 'A telephone system by a connector of your own: a module on this server that exports createConnector.',
  settings: z.object({
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
  }),
  async create({ module, settings, secrets }, { id, clock, log }): Promise<Platform> {
    const createConnector = await load(module);
    const connector = await createConnector({ id, clock, log, settings, secrets });
    if (connector?.switch?.id !== id) throw new Error(`the connector's switch must have the id ${id}`);
    const { switch: node, provisioning, callControl, sipUrl, close } = connector;
    return {
      ...ofSwitch(node),
      ...(provisioning ? { provisioning } : {}),
      ...(callControl ? { callControl } : {}),
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

/** @throws when it is not there, or exports no `createConnector`. */
async function load(module: string): Promise<CreateConnector> {
  const path = isAbsolute(module)
    ? module
    : createRequire(join(process.cwd(), 'package.json')).resolve(module);
  const loaded = (await import(pathToFileURL(path).href)) as { createConnector?: unknown };
  if (typeof loaded.createConnector !== 'function')
    throw new Error(`${module} exports no function createConnector`);
  return loaded.createConnector as CreateConnector;
}
