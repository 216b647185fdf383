/** A connector's module as a whole: what it exports, and the suites of the roles that it declares. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { realClock } from '../../src/lib/clock.ts';
import {
  type ConnectorContext,
  type ConnectorLog,
  connectorModule,
  type CreateConnector,
  type CreatePbx,
} from '../../src/server/telephony/connector.ts';
import type { PbxQueues } from '../../src/server/telephony/mirror/foreign-pbx.ts';
import type { PartyControl } from '../../src/server/telephony/mirror/party-control.ts';
import type { Provisioning, Switch } from '../../src/server/telephony/ports.ts';
import { expect } from './expect.ts';
import type { ConformanceDriver } from './harness.ts';
import { type CreatePbxDriver, pbxConformance } from './pbx.ts';
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
  const { createConnector, createPbx } = await connectorModule(module);
  const context = { id: 'conformance', clock: realClock, log, settings, secrets };
  const asked = { settings, secrets, log };
  if (createPbx) {
    const load = await loadDriver<CreatePbxDriver>(options, 'createPbxDriver');
    const driver = await load?.({ createPbx, ...asked });
    const suites = [pbxModule(createPbx, context, driver !== undefined)];
    return { suites: driver ? [...suites, ...pbxConformance(driver)] : suites, parallel: 1 };
  }
  if (!createConnector) throw new Error(`${module} exports no function createConnector or createPbx`);
  const load = await loadDriver<CreateConformanceDriver>(options, 'createConformanceDriver');
  const driver = await load?.({ createConnector, ...asked });
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

/** The function of this name of the driver's module, of the connector's own, or of one beside it. */
async function loadDriver<T>(
  { module, driver }: CheckConnectorOptions,
  name: string,
): Promise<T | undefined> {
  const beside = ['conformance.js', 'conformance.mjs'].map((file) => join(dirname(module), file));
  for (const file of driver === undefined ? [module, ...beside] : [driver]) {
    if (driver === undefined && !existsSync(file)) continue;
    const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    if (typeof loaded[name] === 'function') return loaded[name] as T;
    if (driver !== undefined) throw new Error(`${file} exports no function ${name}`);
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

const PARTY_METHODS: readonly (keyof PartyControl)[] = [
  'able',
  'refusal',
  'make',
  'answer',
  'hangup',
  'hold',
  'retrieve',
  'mute',
  'sendDigits',
  'consult',
  'complete',
  'cancel',
  'conference',
  'transfer',
  'park',
  'pickUp',
];

const QUEUE_METHODS: readonly (keyof PbxQueues)[] = [
  'queues',
  'reachable',
  'knows',
  'setPaused',
  'logIn',
  'logOut',
];

const missing = (role: object, methods: readonly string[]) =>
  methods.filter((name) => typeof (role as Record<string, unknown>)[name] !== 'function');

function hasDriver(has: boolean, name: string): void {
  it('has a driver, with which the suites of its roles run', () => {
    if (!has)
      throw new Error(
        `there is none: export ${name} from the module or from conformance.js beside it, or give --driver FILE`,
      );
  });
}

/** What can be seen of a PBX without anybody at its far end. */
function pbxModule(createPbx: CreatePbx, context: ConnectorContext, driven: boolean): Suite {
  return suite('The module', () => {
    it('makes a PBX that is not connected before it is started, and closes it, twice', async () => {
      const pbx = await createPbx(context);
      expect(pbx.link, 'link').toBe('down');
      expect(typeof pbx.events?.on, 'the type of events.on').toBe('function');
      expect(pbx.parties(), 'parties()').toEqual([]);
      await pbx.close();
      await pbx.close();
    });

    it('has every method of its roles', async () => {
      const pbx = await createPbx(context);
      expect(missing(pbx, ['start', 'close', 'parties', 'deviceOf']), 'methods that it has not').toEqual([]);
      expect(missing(pbx.calls, PARTY_METHODS), 'methods that calls has not').toEqual([]);
      expect(missing(pbx.queues, QUEUE_METHODS), 'methods that queues has not').toEqual([]);
      await pbx.close();
    });

    hasDriver(driven, 'createPbxDriver');
  });
}

/** What can be seen without anybody at the far end. */
function moduleConformance(
  createConnector: CreateConnector,
  context: ConnectorContext,
  driver: ConformanceDriver | undefined,
): Suite {
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

    hasDriver(driver !== undefined, 'createConformanceDriver');
  });
}
