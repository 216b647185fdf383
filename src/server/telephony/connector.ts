/** A telephone system's connector from outside the tree: a module that exports `createConnector` (docs/connectors.md). */
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../lib/clock.ts';
import type { Provisioning, Switch } from './ports.ts';

/** Where a connector says what happens to it; the server adds which platform it is. Never secrets or personal data. */
export interface ConnectorLog {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** What a connector's module is asked with. */
export interface ConnectorContext {
  /** The platform's id, which the connector's switch must have. */
  id: string;
  clock: Clock;
  log: ConnectorLog;
  /** What the administrator wrote for it. */
  settings: Record<string, unknown>;
  /** Its secrets, apart: never log them. */
  secrets: Record<string, unknown>;
}

export interface Connector {
  switch: Switch;
  /** Without it nothing can be put on the telephone system at run time. */
  provisioning?: Provisioning;
  /** Address of SIP over WebSocket for browser phones. */
  sipUrl?: () => string | undefined;
  /** Beside `switch.close()`, which is called first. */
  close?: () => Promise<void>;
}

/** Throws an error with a plain sentence when the settings are not enough: it is shown to the administrator. */
export type CreateConnector = (context: ConnectorContext) => Connector | Promise<Connector>;

/** @throws when the file is not there, cannot be loaded, or exports no `createConnector`. */
export async function loadConnector(path: string): Promise<CreateConnector> {
  const loaded = (await import(pathToFileURL(path).href)) as { createConnector?: unknown };
  if (typeof loaded.createConnector !== 'function')
    throw new Error(`${path} exports no function createConnector`);
  return loaded.createConnector as CreateConnector;
}
