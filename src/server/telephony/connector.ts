/**
 * A telephone system's connector from outside the tree: a module that exports `createConnector`, or
 * `createPbx` for one that routes by itself (docs/connectors.md).
 */
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../lib/clock.ts';
import type { ForeignPbx } from './mirror/foreign-pbx.ts';
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

/** For a PBX that routes by itself. Throws as `CreateConnector` does. */
export type CreatePbx = (context: ConnectorContext) => ForeignPbx | Promise<ForeignPbx>;

/** @throws when the file is not there, cannot be loaded, or exports no `createConnector`. */
export async function loadConnector(path: string): Promise<CreateConnector> {
  const { createConnector } = await connectorModule(path);
  if (!createConnector) throw new Error(`${path} exports no function createConnector`);
  return createConnector;
}

/** @throws when the file is not there, cannot be loaded, or exports no `createPbx`. */
export async function loadPbx(path: string): Promise<CreatePbx> {
  const { createPbx } = await connectorModule(path);
  if (!createPbx) throw new Error(`${path} exports no function createPbx`);
  return createPbx;
}

/** What the module exports of the two; @throws when it is not there or cannot be loaded. */
export async function connectorModule(
  path: string,
): Promise<{ createConnector?: CreateConnector; createPbx?: CreatePbx }> {
  const loaded = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const { createConnector, createPbx } = loaded;
  return {
    ...(typeof createConnector === 'function' ? { createConnector: createConnector as CreateConnector } : {}),
    ...(typeof createPbx === 'function' ? { createPbx: createPbx as CreatePbx } : {}),
  };
}
