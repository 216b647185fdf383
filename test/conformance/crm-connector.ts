/** The module of a CRM's connector as a whole: what it exports, and the suite with its driver. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { realClock } from '../../src/lib/clock.ts';
import type { CreateCrm, OutsideCrmContext } from '../../src/server/crm/connector.ts';
import { crmConformance } from './crm.ts';
import { type CrmDriver, SUITE_COUNTRY } from './crm-harness.ts';
import { it, type Suite, suite } from './suite.ts';

export interface CrmDriverContext {
  /** Makes the connector that is checked. */
  createCrm: CreateCrm;
  /** What to make it with; the driver may change `settings`, such as the address of its own CRM. */
  context: OutsideCrmContext;
}

/** What a driver's module exports under this name: plays the CRM. */
export type CreateCrmDriver = (context: CrmDriverContext) => CrmDriver | Promise<CrmDriver>;

export interface CheckCrmOptions {
  /** Absolute path of the connector's module. */
  module: string;
  /** Absolute path of the driver's; default: the connector's own module, or `conformance.js` (or `.mjs`) beside it. */
  driver?: string | undefined;
  settings?: Record<string, unknown>;
  secrets?: Record<string, unknown>;
}

const silent = () => undefined;

/** The suites for a module that exports `createCrm`; undefined for another module. */
export async function crmSuitesOf(options: CheckCrmOptions): Promise<Suite[] | undefined> {
  const { module, settings = {}, secrets = {} } = options;
  const createCrm = (await load(module))['createCrm'] as CreateCrm | undefined;
  if (typeof createCrm !== 'function') return undefined;
  const context: OutsideCrmContext = {
    id: 'conformance',
    label: 'The CRM',
    clock: realClock,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    country: SUITE_COUNTRY,
    userName: () => undefined,
    accounts: { get: () => Promise.resolve(undefined), renew: () => Promise.resolve() },
    settings,
    secrets,
  };
  const driver = await driverOf(options, { createCrm, context });
  return driver ? [crmConformance(driver)] : [suite('The module', withoutDriver)];
}

function withoutDriver(): void {
  it('has a driver, with which the suite of CRMs runs', () => {
    throw new Error(
      'there is none: export createCrmDriver from the module or from conformance.js beside it, or give --driver FILE',
    );
  });
}

async function driverOf(
  { module, driver }: CheckCrmOptions,
  context: CrmDriverContext,
): Promise<CrmDriver | undefined> {
  const beside = ['conformance.js', 'conformance.mjs'].map((name) => join(dirname(module), name));
  for (const file of driver === undefined ? [module, ...beside] : [driver]) {
    if (driver === undefined && !existsSync(file)) continue;
    const create = (await load(file))['createCrmDriver'] as CreateCrmDriver | undefined;
    if (typeof create === 'function') return await create(context);
  }
  return undefined;
}

async function load(file: string): Promise<Record<string, unknown>> {
  return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
}
