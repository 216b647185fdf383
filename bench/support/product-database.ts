/** The running product's own private PostgreSQL, for loading it and reading it back. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { socketFolder } from '../../src/server/bundled/account.ts';
import { postgresConnection } from '../../src/server/bundled/postgres-process.ts';
import { Database } from '../../src/server/store/database.ts';
import type { Product } from '../../test/e2e/product.ts';

export async function databaseOf(product: Product): Promise<Database> {
  const dataDir = await realpath(join(product.folder, 'data'));
  const place = { runDir: join(dataDir, 'postgres'), socketDir: socketFolder(dataDir, 'postgres') };
  return new Database({
    connection: postgresConnection(place, 'crosspoint'),
    onError: (error) => {
      throw error;
    },
  });
}
