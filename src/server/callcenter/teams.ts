/** Teams as an administrator sets them: who works together, who leads them, for which queues. */
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import { type Team, type TeamChange, TeamInput } from '../../protocol/teams.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';
import { DocumentTable } from './document-table.ts';
import { refuse } from './refuse.ts';
import { withoutId } from './trunks.ts';

export interface TeamsOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'user' | 'queue'>;
  onListenerError: (error: unknown) => void;
}

export class Teams {
  readonly events: Emitter<{ changed: [id: string] }>;
  readonly #o: TeamsOptions;
  readonly #table: DocumentTable<TeamInput>;

  private constructor(options: TeamsOptions) {
    this.#o = options;
    this.events = new Emitter(options.onListenerError);
    this.#table = new DocumentTable({
      db: options.db,
      table: 'team',
      what: 'team',
      schema: TeamInput,
      onChanged: (id) => this.events.emit('changed', id),
    });
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: TeamsOptions): Promise<Teams> {
    const teams = new Teams(options);
    await teams.#table.load();
    return teams;
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    await this.#table.load();
    this.events.emit('changed', '');
  }

  /** Without those whom there is no more. */
  all(): Team[] {
    const { callCenter } = this.#o;
    return this.#table.all().map((team) => ({
      ...team,
      memberIds: team.memberIds.filter((id) => callCenter.user(id)),
      supervisorIds: team.supervisorIds.filter((id) => callCenter.user(id)),
      queueIds: team.queueIds.filter((id) => callCenter.queue(id)),
    }));
  }

  get(id: string): Team | undefined {
    return this.all().find((team) => team.id === id);
  }

  /** @throws `already-exists` for a label, `bad-input` for who or what is not there. */
  add(input: TeamInput): Promise<Team> {
    return this.#table.save(newId('team'), () => this.#checked(input));
  }

  /** @throws as `add`, and `not-found`. */
  change(id: string, patch: TeamChange): Promise<Team> {
    return this.#table.save(id, () => {
      this.#table.must(id);
      const before = this.get(id);
      return this.#checked({ ...withoutId(before ?? this.#table.must(id)), ...patch });
    });
  }

  /** @throws `not-found`. */
  remove(id: string): Promise<void> {
    return this.#table.remove(id);
  }

  #checked(team: TeamInput): TeamInput {
    const { callCenter } = this.#o;
    const nobody = [...team.memberIds, ...team.supervisorIds].find((id) => !callCenter.user(id));
    if (nobody !== undefined)
      refuse(team.memberIds.includes(nobody) ? 'memberIds' : 'supervisorIds', `there is no user ${nobody}`);
    const agent = team.supervisorIds.find((id) => !callCenter.user(id)?.roles.includes('supervisor'));
    if (agent !== undefined) {
      const name = callCenter.user(agent)?.name ?? agent;
      refuse('supervisorIds', `${name} does not have the role supervisor`);
    }
    const queue = team.queueIds.find((id) => !callCenter.queue(id));
    if (queue !== undefined) refuse('queueIds', `there is no queue ${queue}`);
    return team;
  }
}
