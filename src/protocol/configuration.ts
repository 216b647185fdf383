/** The configuration as one file: what REST and Setup say about exporting, trying and applying it. */
import { z } from 'zod';

/** Stands in the file where a secret is: it stays as it is. */
export const SECRET_PLACEHOLDER = '(secret)';

/** Version of the file. */
export const CONFIGURATION_VERSION = 1;

/** `{crosspoint: 1, queues: {Sales: {…}}, …}`: sections of things by their names. What the sections hold is checked one by one. */
export const ConfigurationFile = z.record(z.string().max(80), z.unknown());
export type ConfigurationFile = z.infer<typeof ConfigurationFile>;

export const FieldDifference = z.object({
  /** Dotted, such as `whenClosed.text`; empty: the whole of it. */
  path: z.string(),
  before: z.unknown(),
  after: z.unknown(),
});
export type FieldDifference = z.infer<typeof FieldDifference>;

export const ConfigurationChange = z.object({
  section: z.string(),
  name: z.string(),
  action: z.enum(['add', 'change', 'remove']),
  fields: z.array(FieldDifference),
});
export type ConfigurationChange = z.infer<typeof ConfigurationChange>;

export const ConfigurationPlan = z.object({
  changes: z.array(ConfigurationChange),
  /** What is wrong and where: `queues.Sales.members`. Nothing is applied while there is any. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  applied: z.boolean(),
});
export type ConfigurationPlan = z.infer<typeof ConfigurationPlan>;

export const ConfigurationRequest = z.object({
  configuration: ConfigurationFile,
  /** Fields and objects that go may take the values of records with them. */
  deleteData: z.boolean().default(false),
});
export type ConfigurationRequest = z.input<typeof ConfigurationRequest>;
