/** A connector's module as a whole: what it exports, and the suites of the roles that it declares. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { realClock } from '../../src/lib/clock.ts';
import {
  type ConnectorContext,
  type ConnectorLog,
  type CreateConnector,
  loadConnector,
} from '../../src/server/telephony/connector.ts';
import type { Provisioning, Switch } from '../../src/server/telephony/ports.ts';
import { expect } from './expect.ts';
import type { ConformanceDriver } from './harness.ts';
import { provisioningConformance } from './provisioning.ts';
import { it, notRun, type Suite, suite } from './suite.ts';
import { switchConformance } from './switch.ts';

/** What a driver's module is asked with. */
export interface DriverContext {
  /** Makes the connector that is checked; the driver may change `settings`, such as the port of its own telephone system. */
  createConnector: CreateConnector;
  settings: Record<string, unknown>;
  secrets: Record<string, unknown>;
  log: ConnectorLog;
}

export type ConnectorDriver = ConformanceDriver;

/** What a driver's module exports under this name: hands on the far end of the telephone system. */
export type CreateConformanceDriver = (context: DriverContext) => ConnectorDriver | Promise<ConnectorDriver>;

export interface CheckConnectorOptions {
  /** Absolute path of the connector's module. */
  module: string;
  /** Absolute path of the driver's; default: the connector's own module, or `conformance.js` (or `.mjs`) beside it. */
  driver?: string | undefined;
  settings?: Record<string, unknown>;
  secrets?: Record<string, unknown>;
  log?: ConnectorLog;
}

const SILENT: ConnectorLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** The suites for this connector, with how many of their checks may run at the same time. @throws when a module cannot be loaded. */
export async function suitesOf(
  options: CheckConnectorOptions,
): Promise<{ suites: Suite[]; parallel: number }> {
  const { module, settings = {}, secrets = {}, log = SILENT } = options;
  const createConnector = await loadConnector(module);
  const context = { id: 'conformance', clock: realClock, log, settings, secrets };
  const createDriver = await loadDriver(module, options.driver);
  const driver = await createDriver?.({ createConnector, settings, secrets, log });
  const suites = [moduleConformance(createConnector, context, driver)];
  if (!driver) return { suites, parallel: 1 };
  suites.push(switchConformance(driver));
  const connector = await createConnector(context);
  if (connector.provisioning) suites.push(provisioningConformance(driver));
  else
    suites.push(
      suite(`${driver.name}: Provisioning`, () => notRun('the role', 'the connector does not have it')),
    );
  await connector.switch.close();
  await connector.close?.();
  return { suites, parallel: driver.parallel ?? 1 };
}

async function loadDriver(module: string, path?: string): Promise<CreateConformanceDriver | undefined> {
  const beside = ['conformance.js', 'conformance.mjs'].map((name) => join(dirname(module), name));
  for (const file of path === undefined ? [module, ...beside] : [path]) {
    if (path === undefined && !existsSync(file)) continue;
    const loaded = (await import(pathToFileURL(file).href)) as { createConformanceDriver?: unknown };
    if (typeof loaded.createConformanceDriver === 'function')
      return loaded.createConformanceDriver as CreateConformanceDriver;
    if (path !== undefined) throw new Error(`${file} exports no function createConformanceDriver`);
  }
  return undefined;
}

const SWITCH_METHODS: readonly (keyof Switch)[] = [
  'start',
  'close',
  'list',
  'originate',
  'answer',
  'reject',
  'hangup',
  'ring',
  'bridge',
  'unbridge',
  'endBridge',
  'mute',
  'startMusic',
  'stopMusic',
  'play',
  'stopPlay',
  'sendDigits',
  'talk',
  'startRecording',
  'pauseRecording',
  'stopRecording',
  'readRecording',
  'deleteRecording',
  'supervise',
  'endSupervision',
  'openAudio',
  'quality',
  'transferProgress',
  'armFallback',
];

const PROVISIONING_METHODS: readonly (keyof Provisioning)[] = [
  'put',
  'remove',
  'registered',
  'putTrunk',
  'removeTrunk',
  'trunkReports',
];

/** What can be seen without anybody at the far end. */
function moduleConformance(
  createConnector: CreateConnector,
  context: ConnectorContext,
  driver: ConformanceDriver | undefined,
): Suite {
  const missing = (role: object, methods: readonly string[]) =>
    methods.filter((name) => typeof (role as Record<string, unknown>)[name] !== 'function');
  return suite('The module', () => {
    it('makes a switch with the id that it is given, which is not connected before it is started', async () => {
      const { switch: node } = await createConnector(context);
      expect(node.id, 'switch.id').toBe(context.id);
      expect(node.link, 'switch.link').toBe('down');
      expect(typeof node.events?.on, 'the type of switch.events.on').toBe('function');
      expect(typeof node.capabilities?.audio, 'the type of switch.capabilities.audio').toBe('boolean');
    });

    it('has every method of the roles that it declares', async () => {
      const { switch: node, provisioning } = await createConnector(context);
      expect(missing(node, SWITCH_METHODS), 'methods that switch has not').toEqual([]);
      if (provisioning)
        expect(missing(provisioning, PROVISIONING_METHODS), 'methods that provisioning has not').toEqual([]);
    });

    it('closes what was never started, twice', async () => {
      const { switch: node, close } = await createConnector(context);
      await node.close();
      await node.close();
      await close?.();
    });

    it('has a driver, with which the suites of its roles run', () => {
      if (!driver)
        throw new Error(
          'there is none: export createConformanceDriver from the module or from conformance.js beside it, or give --driver FILE',
        );
    });
  });
}
