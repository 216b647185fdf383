import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { SystemState } from '../../protocol/setup.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Database } from '../store/database.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Switch } from '../telephony/ports.ts';
import type { Api } from './api-types.ts';

/** What runs here. */
export interface Installation {
  version: string;
  /** UTC milliseconds. */
  startedAt: number;
  /** Where everything is kept; its disk must not be full. */
  dataDir: string;
}

/** Reads what runs here from the program's folder; `now` is its start. */
export function installationIn(root: string, dataDir: string, now: number): Installation {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { version, startedAt: now, dataDir };
}

export interface SystemDeps {
  db: Database;
  callCenter: Pick<CallCenter, 'users'>;
  outbox: Pick<Outbox, 'count'>;
  switch: Pick<Switch, 'link' | 'capabilities'>;
  installation: Installation;
  /** Set when pages are served by https. */
  certificate?: object;
}

/** The state of the installation, for administrators: what an operator looks at first. */
export function systemRoute(api: Api, deps: SystemDeps): void {
  api.get(
    '/api/system',
    { config: { access: ['administrator'] }, schema: { tags: ['health'], response: { 200: SystemState } } },
    async () => {
      const { installation, switch: node, callCenter } = deps;
      const [database, disk, outbox] = await Promise.all([
        readDatabase(deps.db),
        readDisk(installation.dataDir),
        deps.outbox.count(),
      ]);
      return {
        version: installation.version,
        startedAt: installation.startedAt,
        node: process.versions.node,
        memoryBytes: process.memoryUsage.rss(),
        database,
        disk,
        outbox,
        switch: { link: node.link, audio: node.capabilities.audio },
        https: deps.certificate !== undefined,
        demoPasswords: callCenter.users().filter((user) => user.demoPassword && !user.disabled).length,
      };
    },
  );
}

async function readDatabase(db: Database): Promise<SystemState['database']> {
  const rows = await db.query<{ version: string; bytes: number }>(
    `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes`,
  );
  return { up: true, version: rows[0]?.version ?? '', bytes: rows[0]?.bytes ?? 0 };
}

async function readDisk(folder: string): Promise<SystemState['disk']> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
