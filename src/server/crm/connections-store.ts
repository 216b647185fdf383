/** The tables of connections, accounts and choices. */
import { CodedError } from '../../protocol/errors.ts';
import type { Settings } from '../../protocol/kind-settings.ts';
import { isUniqueViolation, type Sql, type Transactional } from '../store/database.ts';
import type { AccountOwner, CrmAccount, CrmAccounts } from './connector.ts';
import type { Vault } from './vault.ts';

export interface StoredCrm {
  id: string;
  kind: string;
  label: string;
  /** With its secrets. */
  settings: Settings;
  enabled: boolean;
}

type Secrets = Record<string, string>;

export class ConnectionsStore {
  readonly #db: Transactional;
  readonly #vault: Vault;

  constructor(db: Transactional, vault: Vault) {
    this.#db = db;
    this.#vault = vault;
  }

  /** Secrets that were sealed with another key are as if they had never been given. */
  async connections(): Promise<StoredCrm[]> {
    const rows = await this.#db.query<StoredCrm & { sealed: string | null }>(
      'SELECT id, kind, label, settings, sealed_secrets AS sealed, enabled FROM crm_connection ORDER BY label, id',
    );
    return rows.map(({ sealed, ...stored }) => {
      const secrets = sealed === null ? undefined : this.#vault.unseal(sealed, placeOf(stored.id));
      return {
        ...stored,
        settings: { ...stored.settings, ...(secrets ? (JSON.parse(secrets) as Settings) : {}) },
      };
    });
  }

  /** @throws `already-exists` for a label that another one has. */
  async write(
    { id, kind, label, settings, enabled }: StoredCrm,
    secretNames: readonly string[],
  ): Promise<void> {
    const open = Object.entries(settings).filter(([name]) => !secretNames.includes(name));
    const secret = Object.entries(settings).filter(([name]) => secretNames.includes(name));
    const sealed =
      secret.length === 0 ? null : this.#vault.seal(JSON.stringify(Object.fromEntries(secret)), placeOf(id));
    try {
      await this.#db.query(
        `INSERT INTO crm_connection (id, kind, label, settings, sealed_secrets, enabled) VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT (id) DO UPDATE SET label = $3, settings = $4, sealed_secrets = $5, enabled = $6`,
        [id, kind, label, JSON.stringify(Object.fromEntries(open)), sealed, enabled],
      );
    } catch (error) {
      if (isUniqueViolation(error)) throw new CodedError('already-exists', { what: 'CRM', field: 'label' });
      throw error;
    }
  }

  /** With everybody's sign-in to it. */
  async remove(id: string): Promise<void> {
    await this.#db.query('DELETE FROM crm_connection WHERE id = $1', [id]);
  }

  // ── Accounts ──────────────────────────────────────────────────────────────────────────────────────────────────────

  accountsOf(crmId: string): CrmAccounts {
    return {
      get: async (owner) => {
        const [row] = await this.#db.query<{ externalId: string; name: string; sealed: string }>(
          'SELECT external_id AS "externalId", name, sealed FROM crm_account WHERE crm_id = $1 AND user_id = $2',
          [crmId, keyOf(owner)],
        );
        const secrets = row && this.#vault.unseal(row.sealed, placeOf(crmId, owner));
        if (!row || secrets === undefined) return undefined;
        return { externalId: row.externalId, name: row.name, secrets: JSON.parse(secrets) as Secrets };
      },
      renew: async (owner, secrets) => {
        await this.#db.query('UPDATE crm_account SET sealed = $3 WHERE crm_id = $1 AND user_id = $2', [
          crmId,
          keyOf(owner),
          this.#sealed(crmId, owner, secrets),
        ]);
      },
    };
  }

  async putAccount(crmId: string, owner: AccountOwner, account: CrmAccount): Promise<void> {
    await this.#db.query(
      `INSERT INTO crm_account (crm_id, user_id, external_id, name, sealed) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (crm_id, user_id) DO UPDATE SET external_id = $3, name = $4, sealed = $5`,
      [crmId, keyOf(owner), account.externalId, account.name, this.#sealed(crmId, owner, account.secrets)],
    );
  }

  async removeAccount(crmId: string, owner: AccountOwner): Promise<void> {
    await this.#db.query('DELETE FROM crm_account WHERE crm_id = $1 AND user_id = $2', [crmId, keyOf(owner)]);
  }

  /** Names of the accounts, by connection, then by user; `''` is the organisation. */
  async accountNames(): Promise<Map<string, Map<string, string>>> {
    const rows = await this.#db.query<{ crm_id: string; user_id: string; name: string }>(
      'SELECT crm_id, user_id, name FROM crm_account',
    );
    const names = new Map<string, Map<string, string>>();
    for (const { crm_id, user_id, name } of rows)
      names.set(crm_id, (names.get(crm_id) ?? new Map<string, string>()).set(user_id, name));
    return names;
  }

  #sealed(crmId: string, owner: AccountOwner, secrets: Secrets): string {
    return this.#vault.seal(JSON.stringify(secrets), placeOf(crmId, owner));
  }

  // ── Choices ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The chosen CRM by call center; `''` is the organisation's. */
  async choices(): Promise<Map<string, string>> {
    const rows = await this.#db.query<{ call_center_id: string; crm_id: string }>(
      'SELECT call_center_id, crm_id FROM crm_choice',
    );
    return new Map(rows.map(({ call_center_id, crm_id }) => [call_center_id, crm_id]));
  }

  async writeChoices(choices: ReadonlyMap<string, string>): Promise<void> {
    await this.#db.tx(async (tx: Sql) => {
      await tx.query('DELETE FROM crm_choice');
      await tx.query(
        'INSERT INTO crm_choice (call_center_id, crm_id) SELECT * FROM unnest($1::text[], $2::text[])',
        [[...choices.keys()], [...choices.values()]],
      );
    });
  }
}

export function keyOf(owner: AccountOwner): string {
  return owner === 'organisation' ? '' : owner.userId;
}

function placeOf(crmId: string, owner?: AccountOwner): string {
  return owner === undefined ? `crm ${crmId} settings` : `crm ${crmId} account ${keyOf(owner)}`;
}
