/** The tables of platforms and of the links between them. */
import { CodedError } from '../../protocol/errors.ts';
import type { Settings } from '../../protocol/kind-settings.ts';
import type { PlatformLink } from '../../protocol/platforms.ts';
import { isUniqueViolation, type Sql, type Transactional } from '../store/database.ts';

export interface StoredPlatform {
  id: string;
  kind: string;
  label: string;
  /** ISO 3166 code; null: the installation's. */
  country: string | null;
  /** With its secrets. */
  settings: Settings;
  enabled: boolean;
}

export function readPlatforms(sql: Sql): Promise<StoredPlatform[]> {
  return sql.query<StoredPlatform>(
    'SELECT id, kind, label, country, settings, enabled FROM platform ORDER BY label, id',
  );
}

/** @throws `already-exists` for a label that another one has. */
export async function writePlatform(db: Transactional, platform: StoredPlatform): Promise<void> {
  const { id, kind, label, country, settings, enabled } = platform;
  try {
    await db.query(
      `INSERT INTO platform (id, kind, label, country, settings, enabled) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET label = $3, country = $4, settings = $5, enabled = $6`,
      [id, kind, label, country, JSON.stringify(settings), enabled],
    );
  } catch (error) {
    if (isUniqueViolation(error))
      throw new CodedError('already-exists', { what: 'telephone system', field: 'label' });
    throw error;
  }
}

/** With the links from and to it. */
export async function deletePlatform(db: Transactional, id: string): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query('DELETE FROM platform_link WHERE from_id = $1 OR to_id = $1', [id]);
    await tx.query('DELETE FROM platform WHERE id = $1', [id]);
  });
}

export async function readLinks(sql: Sql): Promise<PlatformLink[]> {
  const rows = await sql.query<{
    from: string;
    to: string;
    address: string | null;
    trunk: string | null;
    prefix: string;
  }>(
    'SELECT from_id AS "from", to_id AS "to", address, trunk, prefix FROM platform_link ORDER BY from_id, to_id',
  );
  return rows.map(({ from, to, address, trunk, prefix }) => ({
    from,
    to,
    prefix,
    ...(address === null ? {} : { address }),
    ...(trunk === null ? {} : { trunk }),
  }));
}

export async function writeLink(sql: Sql, { from, to, address, trunk, prefix }: PlatformLink): Promise<void> {
  await sql.query(
    `INSERT INTO platform_link (from_id, to_id, address, trunk, prefix) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (from_id, to_id) DO UPDATE SET address = $3, trunk = $4, prefix = $5`,
    [from, to, address ?? null, trunk ?? null, prefix],
  );
}

export async function deleteLink(sql: Sql, from: string, to: string): Promise<void> {
  await sql.query('DELETE FROM platform_link WHERE from_id = $1 AND to_id = $2', [from, to]);
}
