/** What a kind of CRM is: its settings, and how a connector is made from them. */
import type { z } from 'zod';
import type { CrmConnector, CrmContext, CrmReport } from './connector.ts';

export interface CrmKind<S extends z.ZodObject = z.ZodObject> {
  kind: string;
  label: string;
  help: string;
  /** See `WithSettings`. */
  settings: S;
  /** Throws a plain sentence when the settings are not enough: it is shown. */
  create(settings: z.output<S>, context: CrmContext): CrmConnector | Promise<CrmConnector>;
  /** Says in plain words what is wrong with the settings or the sign-in. Default: whether it answers. */
  check?(connector: CrmConnector, signal: AbortSignal): Promise<CrmReport>;
}

/** A kind with its settings' type put aside, as the registry holds them. */
export type AnyCrmKind = CrmKind<z.ZodObject>;

/** Makes a kind; the settings that `create` gets have been validated by its schema. */
export function crmKind<S extends z.ZodObject>(kind: CrmKind<S>): AnyCrmKind {
  return kind as unknown as AnyCrmKind;
}
