/** The private PostgreSQL as the product starts it, with the tables of the CRM, in a folder of its own that goes with the bench. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../src/lib/clock.ts';
import { cacheFolder } from '../../src/server/bundled/cache-folder.ts';
import { claimDataFolder } from '../../src/server/bundled/data-folder.ts';
import { startParts } from '../../src/server/bundled/parts.ts';
import { crmMigrations } from '../../src/server/crm/schema.ts';
import { Database } from '../../src/server/store/database.ts';
import { migrate } from '../../src/server/store/migrations.ts';

const quiet = () => {};

export class PrivateDatabase {
  readonly #pools: Database[] = [];

  private constructor(
    readonly connection: { host: string; user: string; database: string },
    readonly db: Database,
    readonly end: () => Promise<void>,
  ) {}

  static async start(): Promise<PrivateDatabase> {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-bench-'));
    chmodSync(folder, 0o755);
    const claim = await claimDataFolder(join(folder, 'data'));
    const parts = await startParts({
      dataDir: claim.dataDir,
      cacheDir: cacheFolder(),
      postgres: true,
      clock: realClock,
      log: { info: quiet, warn: quiet, error: quiet },
    });
    if (!parts.postgres) throw new Error('there is no PostgreSQL');
    const { connection } = parts.postgres;
    const db = new Database({ connection, onError: fail });
    const end = async () => {
      await parts.stop();
      await claim.release();
      rmSync(folder, { recursive: true, force: true });
    };
    await migrate(db, crmMigrations);
    return new PrivateDatabase(connection, db, end);
  }

  /** A second pool, as another part of the product has it. */
  pool(options: { max: number; statementTimeoutMs?: number }): Database {
    const pool = new Database({ connection: this.connection, onError: fail, ...options });
    this.#pools.push(pool);
    return pool;
  }

  async close(): Promise<void> {
    for (const pool of [...this.#pools, this.db]) await pool.close();
    await this.end();
  }
}

function fail(error: Error): never {
  throw error;
}
