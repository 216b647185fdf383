/**
 * The configuration as one file: exported, tried, applied. It is applied to stores of its own in one transaction, so that what is
 * wrong with it is what the stores themselves say, and nothing is seen of it before all of it holds:
 *
 *     file ─► checked ─► differences ─► staged in a transaction ─┬─ something refused, or only tried ─► rolled back
 *                                                                └─ committed ─► the live stores read it
 *
 * A section that the file has is complete: what is not in it goes. One that the file has not is left alone.
 */
import { Serial } from '../../lib/serial.ts';
import {
  CONFIGURATION_VERSION,
  type ConfigurationChange,
  type ConfigurationFile,
  type ConfigurationPlan,
} from '../../protocol/configuration.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type Database, nested } from '../store/database.ts';
import {
  businessHours,
  directoriesSection,
  numbers,
  queues,
  recordingRules,
  settings,
  softphoneLayouts,
} from './calls.ts';
import { reasons } from './agent-rules.ts';
import { crmHosts } from './crm-hosts.ts';
import { fields, objects, pages, standardFields } from './crm.ts';
import { crmChoiceSection, crmsSection } from './crms.ts';
import { differences, sorted } from './diff.ts';
import { emergencyMessages } from './emergency-messages.ts';
import { flowSecrets, flows } from './flows.ts';
import { alarms, serviceLevels, teams } from './floor.ts';
import { classesOfService, dialling, outboundRoutes, sites, trunks } from './lines.ts';
import { profiles, users } from './people.ts';
import { platformsSection } from './platforms.ts';
import { queueWaiting } from './waiting.ts';
import { queueOrder, queueRules } from './queue-rules.ts';
import type { Listed, Section } from './section.ts';
import { agentScripts } from './scripts.ts';
import { skills } from './skills.ts';
import { speech } from './speech.ts';
import { loadStores, reloadStores, type Stores, type Surroundings } from './stores.ts';

export interface ConfigurationOptions {
  db: Database;
  /** The stores that the program runs on. */
  live: Stores;
  surroundings: Surroundings;
}

type Problem = ConfigurationPlan['problems'][number];

/** One thing to do, and what it will be called in the plan. */
interface Step {
  section: Section;
  change: ConfigurationChange;
  run(stores: Stores, deleteData: boolean): Promise<unknown>;
}

/** What follows from a step may be different again: a new field takes its place on the page. */
const MAX_ROUNDS = 4;

export class Configuration {
  readonly #o: ConfigurationOptions;
  readonly #sections: readonly Section[];
  readonly #applying = new Serial();

  constructor(options: ConfigurationOptions) {
    this.#o = options;
    // In the order in which they lean on each other.
    this.#sections = [
      platformsSection(options.surroundings),
      objects,
      fields,
      standardFields,
      pages,
      classesOfService,
      profiles,
      skills,
      users,
      reasons,
      queues,
      queueRules,
      queueOrder,
      queueWaiting,
      trunks,
      outboundRoutes,
      sites,
      agentScripts,
      flowSecrets,
      flows,
      numbers,
      dialling,
      businessHours,
      emergencyMessages,
      settings,
      softphoneLayouts,
      directoriesSection(options.surroundings),
      recordingRules,
      teams,
      serviceLevels,
      alarms,
      crmHosts,
      crmsSection(options.surroundings),
      crmChoiceSection(options.surroundings),
      speech,
    ];
  }

  /** Everything that is set, sorted, without secrets: the same configuration is the same file. */
  export(): ConfigurationFile {
    const all = this.#sections.map((one) => {
      const listed = one.list(this.#o.live).map(({ name, item }): [string, unknown] => [name, item]);
      return [one.section, Object.fromEntries(listed)] as const;
    });
    return { crosspoint: CONFIGURATION_VERSION, ...(sorted(Object.fromEntries(all)) as object) };
  }

  /** What applying the file would do, and what is wrong with it. Nothing is changed. */
  plan(file: ConfigurationFile, deleteData = false): Promise<ConfigurationPlan> {
    return this.#applying.run('', () => this.#stage(file, deleteData, false));
  }

  /** Applies all of the file, or nothing where anything is wrong with it. */
  apply(file: ConfigurationFile, deleteData = false): Promise<ConfigurationPlan> {
    return this.#applying.run('', async () => {
      const plan = await this.#stage(file, deleteData, true);
      if (plan.applied) await reloadStores(this.#o.live);
      this.#tellPasswords(plan);
      return plan;
    });
  }

  /** A secret is not seen in what a trunk is: that it is another one is told here. */
  #tellPasswords({ applied, changes }: ConfigurationPlan): void {
    const { trunks: live } = this.#o.live;
    for (const { section, name, fields: changed } of applied ? changes : []) {
      const trunk = section === 'trunks' && live.all().find(({ label }) => label === name);
      if (trunk && changed.some(({ path }) => path === 'password')) live.events.emit('changed', trunk.id);
    }
  }

  async #stage(file: ConfigurationFile, deleteData: boolean, commit: boolean): Promise<ConfigurationPlan> {
    const { wanted, problems } = this.#read(file);
    if (problems.length > 0) return { changes: [], problems, applied: false };
    const rolledBack = new RolledBack();
    try {
      return await this.#o.db.tx(async (sql) => {
        await sql.query('SET LOCAL statement_timeout = 0');
        const stores = await loadStores(nested(sql), this.#o.surroundings);
        const done = await converge(stores, wanted, deleteData);
        const plan = { ...done, problems: [...done.problems, ...unpublished(stores)] };
        if (commit && plan.problems.length === 0) return { ...plan, applied: true };
        rolledBack.plan = plan;
        throw rolledBack;
      });
    } catch (error) {
      if (error === rolledBack && rolledBack.plan) return rolledBack.plan;
      throw error;
    }
  }

  /** The things that the file wants, checked by their sections. */
  #read(file: ConfigurationFile): { wanted: Wanted; problems: Problem[] } {
    const problems: Problem[] = [];
    const wanted: Wanted = new Map();
    const { crosspoint, ...given } = file;
    if (crosspoint !== CONFIGURATION_VERSION)
      problems.push({ path: 'crosspoint', message: `this is version ${CONFIGURATION_VERSION} of the file` });
    const known = this.#sections.map((one) => one.section);
    for (const name of Object.keys(given).filter((one) => !known.includes(one)))
      problems.push({ path: name, message: `there is no such section; there are ${known.join(', ')}` });
    for (const section of this.#sections) {
      const things = given[section.section];
      if (things === undefined) continue;
      if (typeof things === 'object' && things !== null && !Array.isArray(things))
        wanted.set(section, checked(section, things, problems));
      else problems.push({ path: section.section, message: 'things by their names are wanted' });
    }
    return { wanted, problems };
  }
}

/** In the order of the sections. */
type Wanted = Map<Section, Map<string, object>>;

class RolledBack extends Error {
  plan: ConfigurationPlan | undefined;
}

function checked(section: Section, things: object, problems: Problem[]): Map<string, object> {
  const items = new Map<string, object>();
  for (const [name, thing] of Object.entries(things)) {
    const read = section.item.safeParse(thing);
    if (read.success) items.set(name, read.data);
    else
      for (const { path, message } of read.error.issues)
        problems.push({ path: [section.section, name, ...path.map(String)].join('.'), message });
  }
  return items;
}

/** Brings the stores to what is wanted; the first round's steps are the plan. */
async function converge(stores: Stores, wanted: Wanted, deleteData: boolean): Promise<ConfigurationPlan> {
  let changes: ConfigurationChange[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const steps = stepsTo(stores, round === 0 ? wanted : settled(wanted));
    if (round === 0) changes = steps.map(({ change }) => change);
    if (steps.length === 0) return { changes, problems: [], applied: false };
    const problems = await run(stores, steps, deleteData);
    if (problems.length > 0) return { changes, problems, applied: false };
    await reorder(stores, wanted, steps);
  }
  const [left] = stepsTo(stores, settled(wanted));
  if (!left) return { changes, problems: [], applied: false };
  const path = `${left.change.section}.${left.change.name}`;
  return { changes, problems: [{ path, message: 'this does not come to rest' }], applied: false };
}

/** Numbers that lead to flows which nobody has published. */
function unpublished({ callCenter, flows: all }: Stores): Problem[] {
  return callCenter.entries().flatMap(({ dnis, flowId }) =>
    flowId === null || all.published(flowId)
      ? []
      : [
          {
            path: `numbers.${dnis}.flow`,
            message: `the flow ${all.find(flowId)?.label ?? ''} is not published`,
          },
        ],
  );
}

function settled(wanted: Wanted): Wanted {
  return new Map(
    [...wanted].map(([section, items]) => [
      section,
      new Map([...items].map(([name, item]) => [name, section.settled?.(item) ?? item])),
    ]),
  );
}

/** Additions and changes in the order of the sections, then what goes, the other way round. */
function stepsTo(stores: Stores, wanted: Wanted): Step[] {
  const puts: Step[] = [];
  const removals: Step[] = [];
  for (const [section, items] of wanted) {
    const there = new Map(section.list(stores).map((one) => [one.name, one]));
    for (const [name, item] of items) {
      const step = putStep(section, name, item, there.get(name));
      if (step) puts.push(step);
    }
    for (const [name, { id, item }] of there)
      if (!items.has(name) && !section.keeps) removals.unshift(removeStep(section, name, id, item));
  }
  return [...puts, ...removals];
}

function putStep(
  section: Section,
  name: string,
  item: object,
  there: Listed<object> | undefined,
): Step | undefined {
  const shown = (one: object) => section.shown?.(one) ?? one;
  const about = { section: section.section, name };
  if (!there) {
    const fields = [{ path: '', before: null, after: sorted(shown(item)) }];
    return {
      section,
      change: { ...about, action: 'add', fields },
      run: (stores) => section.add(stores, name, item),
    };
  }
  const before = section.item.parse(there.item);
  const fields = differences(shown(before), shown(item));
  if (fields.length === 0) return undefined;
  return {
    section,
    change: { ...about, action: 'change', fields },
    run: (stores) => section.change(stores, there.id, item, before),
  };
}

function removeStep(section: Section, name: string, id: string, item: object): Step {
  const fields = [{ path: '', before: sorted(section.shown?.(item) ?? item), after: null }];
  return {
    section,
    change: { section: section.section, name, action: 'remove', fields },
    run: (stores, deleteData) => section.remove(stores, id, deleteData),
  };
}

/** Runs all steps; one that is refused is tried again when others have made way for it. What stays refused is a problem. */
async function run(stores: Stores, steps: readonly Step[], deleteData: boolean): Promise<Problem[]> {
  let left = [...steps];
  for (;;) {
    const refused: { step: Step; error: CodedError }[] = [];
    for (const step of left) {
      try {
        await step.run(stores, deleteData);
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        refused.push({ step, error });
      }
    }
    if (refused.length === 0) return [];
    if (refused.length === left.length) return refused.map(({ step, error }) => problemOf(step, error));
    left = refused.map(({ step }) => step);
  }
}

function problemOf({ change: { section, name } }: Step, error: CodedError): Problem {
  const field = typeof error.data.field === 'string' ? error.data.field : '';
  const detail = typeof error.data.detail === 'string' ? error.data.detail : error.message;
  const message = field && detail.startsWith(`${field}: `) ? detail.slice(field.length + 2) : detail;
  return { path: [section, name, ...(field ? [field] : [])].join('.'), message };
}

async function reorder(stores: Stores, wanted: Wanted, steps: readonly Step[]): Promise<void> {
  for (const section of new Set(steps.map((step) => step.section))) {
    if (!section.reorder) continue;
    const positions = wanted.get(section);
    const placeOf = ({ name }: Listed<object>) =>
      (positions?.get(name) as { position?: number } | undefined)?.position ?? 0;
    const listed = section.list(stores).sort((a, b) => placeOf(a) - placeOf(b));
    await section.reorder(
      stores,
      listed.map(({ id }) => id),
    );
  }
}
