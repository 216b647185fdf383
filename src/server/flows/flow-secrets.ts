/** Secrets that flows name in HTTP requests: sealed by the vault, written by an administrator, and never shown again. */
import type { Vault } from '../crm/vault.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Sql } from '../store/database.ts';

export interface FlowSecretsOptions {
  db: Sql;
  vault: Pick<Vault, 'seal' | 'unseal'>;
  /** The label of a flow that names it. */
  usedBy(name: string): string | undefined;
}

const MAX_SECRETS = 200;

export class FlowSecrets {
  readonly #o: FlowSecretsOptions;
  #sealed = new Map<string, string>();

  private constructor(options: FlowSecretsOptions) {
    this.#o = options;
  }

  static async load(options: FlowSecretsOptions): Promise<FlowSecrets> {
    const secrets = new FlowSecrets(options);
    await secrets.reload();
    return secrets;
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    const rows = await this.#o.db.query<{ name: string; sealed: string }>(
      'SELECT name, sealed FROM flow_secret',
    );
    this.#sealed = new Map(rows.map(({ name, sealed }) => [name, sealed]));
  }

  names(): string[] {
    return [...this.#sealed.keys()].sort();
  }

  has(name: string): boolean {
    return this.#sealed.has(name);
  }

  /** The secret itself: for the request, never to show. */
  get(name: string): string | undefined {
    const sealed = this.#sealed.get(name);
    return sealed === undefined ? undefined : this.#o.vault.unseal(sealed, placeOf(name));
  }

  /** @throws `too-many`. */
  async put(name: string, value: string): Promise<void> {
    if (!this.has(name) && this.#sealed.size >= MAX_SECRETS)
      throw new CodedError('too-many', { limit: MAX_SECRETS });
    const sealed = this.#o.vault.seal(value, placeOf(name));
    await this.#o.db.query(
      'INSERT INTO flow_secret (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET sealed = $2',
      [name, sealed],
    );
    this.#sealed.set(name, sealed);
  }

  /** @throws `not-found`; `in-use` while a flow names it. */
  async remove(name: string): Promise<void> {
    if (!this.has(name)) throw new CodedError('not-found', { what: 'secret' });
    const flow = this.#o.usedBy(name);
    if (flow !== undefined) throw new CodedError('in-use', { detail: `the flow ${flow} names it` });
    await this.#o.db.query('DELETE FROM flow_secret WHERE name = $1', [name]);
    this.#sealed.delete(name);
  }
}

function placeOf(name: string): string {
  return `flow-secret:${name}`;
}
