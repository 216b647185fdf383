/**
 * Call centers as their definition files describe them, and who belongs to which. Held in memory and answered synchronously; a
 * write goes to the database first, one at a time.
 */
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import type {
  CheckedDefinition,
  Definition,
  Diagnostic,
  MyAdapter,
  ShownCallCenter,
} from '../../protocol/opencti.ts';
import { type Database, isUniqueViolation } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';
import {
  checkDefinition,
  generalInfo,
  isExternal,
  isSecretItem,
  isVoice,
  modeOf,
  PANEL_SIZES,
  settingsMap,
  VOICE_PANEL,
  withConnectorAddress,
  withGeneralInfo,
} from './definition.ts';
import { readDefinition } from './definition-xml.ts';

export interface CallCentersOptions {
  db: Database;
  callCenter: Pick<CallCenter, 'user'>;
}

interface Stored {
  id: string;
  definition: Definition;
}

export class CallCenters {
  readonly #db: Database;
  readonly #callCenter: CallCentersOptions['callCenter'];
  readonly #writes = new Serial();
  #centers: Stored[] = [];
  /** Call center by user. */
  #members = new Map<string, string>();

  private constructor({ db, callCenter }: CallCentersOptions) {
    this.#db = db;
    this.#callCenter = callCenter;
  }

  /** Reads everything. The tables must be there (`callcenterMigrations`). */
  static async load(options: CallCentersOptions): Promise<CallCenters> {
    const centers = new CallCenters(options);
    await centers.#read();
    return centers;
  }

  all(): ShownCallCenter[] {
    return this.#centers.map((stored) => this.#show(stored));
  }

  /** @throws `not-found`. */
  must(id: string): ShownCallCenter {
    return this.#show(this.#mustHave(id));
  }

  find(id: string): ShownCallCenter | undefined {
    const stored = this.#centers.find((one) => one.id === id);
    return stored && this.#show(stored);
  }

  /** As the audit trail may keep it: that there is a secret, and not which. */
  forAudit(id: string): ShownCallCenter | undefined {
    const shown = this.find(id);
    if (!shown) return undefined;
    const sections = shown.sections.map((section) => ({
      ...section,
      items: section.items.map((item) =>
        isSecretItem(item.name) && item.value !== '' ? { ...item, value: '••••••' } : item,
      ),
    }));
    return { ...shown, sections };
  }

  /** The call center that a user belongs to: one at most. */
  of(userId: string): ShownCallCenter | undefined {
    return this.find(this.#members.get(userId) ?? '');
  }

  /** The adapter that a user works with; undefined when he has our own softphone. */
  adapterOf(userId: string): MyAdapter | undefined {
    const center = this.of(userId);
    return center?.external ? adapter(center) : undefined;
  }

  /** Origins that adapters' pages come from: what our desktop must be allowed to show. */
  origins(): string[] {
    const addresses = this.#centers.flatMap(({ definition }) =>
      ['reqAdapterUrl', 'reqStandbyUrl'].map((name) => generalInfo(definition, name)),
    );
    return [...new Set(addresses.filter(isExternal).map((address) => new URL(address).origin))];
  }

  /** Reads a file and says what is wrong, a name that is taken among it; nothing is changed. */
  check(text: string, fileName?: string): CheckedDefinition {
    const { definition, diagnostics } = readDefinition(text, fileName);
    const name = definition && generalInfo(definition, 'reqInternalName');
    const taken = this.all().some(({ internalName }) => internalName.toLowerCase() === name?.toLowerCase());
    if (!definition || !taken) return { definition, diagnostics };
    const message = `There is already a call center with the internal name ${name}: give this one another, or edit that one.`;
    return {
      definition: null,
      diagnostics: [{ severity: 'error', line: 0, rule: 'name-taken', message }, ...diagnostics],
    };
  }

  /** @throws `definition-invalid` with the first error. */
  async import(
    text: string,
    fileName?: string,
  ): Promise<{ callCenter: ShownCallCenter; diagnostics: Diagnostic[] }> {
    const { definition, diagnostics } = this.check(text, fileName);
    if (!definition) throw invalid(diagnostics);
    return {
      callCenter: await this.#write(newId('callcenter'), withConnectorAddress(definition)),
      diagnostics,
    };
  }

  /** @throws `not-found`, `definition-invalid`, `already-exists`. */
  async change(id: string, definition: Definition): Promise<ShownCallCenter> {
    this.#mustHave(id);
    return await this.#write(id, definition);
  }

  /** @throws `not-found`, `definition-invalid`, `already-exists`. */
  async clone(id: string, names: { internalName: string; displayName: string }): Promise<ShownCallCenter> {
    const { definition } = this.#mustHave(id);
    const copy = withGeneralInfo(definition, {
      reqInternalName: names.internalName,
      reqDisplayName: names.displayName,
    });
    return await this.#write(newId('callcenter'), copy);
  }

  /** Its users get our softphone back. @throws `not-found`. */
  async remove(id: string): Promise<void> {
    this.#mustHave(id);
    await this.#change(() => this.#db.query('DELETE FROM call_center WHERE id = $1', [id]));
  }

  /** Who belongs to it; who belonged to another leaves that one. @throws `not-found`. */
  async setUsers(id: string, userIds: string[]): Promise<ShownCallCenter> {
    this.#mustHave(id);
    for (const userId of userIds)
      if (!this.#callCenter.user(userId)) throw new CodedError('not-found', { what: 'user' });
    await this.#change(() =>
      this.#db.tx(async (tx) => {
        await tx.query('DELETE FROM call_center_user WHERE call_center_id = $1', [id]);
        await tx.query(
          `INSERT INTO call_center_user (user_id, call_center_id) SELECT unnest($1::text[]), $2
            ON CONFLICT (user_id) DO UPDATE SET call_center_id = $2`,
          [[...new Set(userIds)], id],
        );
      }),
    );
    return this.must(id);
  }

  async #write(id: string, definition: Definition): Promise<ShownCallCenter> {
    const diagnostics = checkDefinition(definition);
    if (diagnostics.some((one) => one.severity === 'error')) throw invalid(diagnostics);
    try {
      await this.#change(() =>
        this.#db.query(
          `INSERT INTO call_center (id, internal_name, definition) VALUES ($1, $2, $3)
            ON CONFLICT (id) DO UPDATE SET internal_name = $2, definition = $3`,
          [id, generalInfo(definition, 'reqInternalName'), JSON.stringify(definition)],
        ),
      );
    } catch (error) {
      if (isUniqueViolation(error))
        throw new CodedError('already-exists', { what: 'call center', field: 'internalName' });
      throw error;
    }
    return this.must(id);
  }

  async #change(work: () => Promise<unknown>): Promise<void> {
    await this.#writes.run('', async () => {
      await work();
      await this.#read();
    });
  }

  async #read(): Promise<void> {
    const [centers, members] = await Promise.all([
      this.#db.query<{ id: string; definition: Definition }>(
        'SELECT id, definition FROM call_center ORDER BY lower(internal_name)',
      ),
      this.#db.query<{ user_id: string; call_center_id: string }>(
        'SELECT user_id, call_center_id FROM call_center_user ORDER BY user_id',
      ),
    ]);
    this.#centers = centers;
    this.#members = new Map(members.map((row) => [row.user_id, row.call_center_id]));
  }

  #show({ id, definition }: Stored): ShownCallCenter {
    const adapterUrl = generalInfo(definition, 'reqAdapterUrl');
    return {
      id,
      ...definition,
      internalName: generalInfo(definition, 'reqInternalName'),
      displayName: generalInfo(definition, 'reqDisplayName'),
      adapterUrl,
      mode: modeOf(definition),
      external: isExternal(adapterUrl),
      userIds: [...this.#members].filter(([, center]) => center === id).map(([userId]) => userId),
    };
  }

  #mustHave(id: string): Stored {
    const stored = this.#centers.find((one) => one.id === id);
    if (!stored) throw new CodedError('not-found', { what: 'call center' });
    return stored;
  }
}

function adapter(center: ShownCallCenter): MyAdapter {
  const value = (name: string) => generalInfo(center, name);
  const standbyUrl = value('reqStandbyUrl');
  const timeoutMs = Number(value('reqTimeout'));
  const standby = isExternal(standbyUrl) && timeoutMs > 0;
  const voice = isVoice(center);
  const fallback = voice ? VOICE_PANEL : { height: PANEL_SIZES.height.min, width: PANEL_SIZES.width.min };
  return {
    callCenterId: center.id,
    displayName: center.displayName,
    adapterUrl: center.adapterUrl,
    standbyUrl: standby ? standbyUrl : null,
    timeoutMs: standby ? timeoutMs : null,
    height: within(PANEL_SIZES.height, Number(value('reqSoftphoneHeight')) || fallback.height),
    width: within(PANEL_SIZES.width, Number(value('reqSoftphoneWidth')) || fallback.width),
    mode: center.mode,
    voice,
    settings: withoutSecrets(settingsMap(center)),
  };
}

function withoutSecrets(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([path]) => !isSecretItem(path)));
}

function within({ min, max }: { min: number; max: number }, size: number): number {
  return Math.min(max, Math.max(min, size || min));
}

function invalid(diagnostics: Diagnostic[]): CodedError {
  const first = diagnostics.find((one) => one.severity === 'error');
  return new CodedError('definition-invalid', {
    line: first?.line ?? 0,
    rule: first?.rule ?? '',
    detail: first?.message ?? '',
  });
}
