/** Profiles as an administrator sets them. A user without one has every right that his roles give. */
import { newId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import { ALL_RIGHTS, type ObjectRights, type Profile, ProfileInput } from '../../protocol/profiles.ts';
import type { RecordingSettings } from '../../protocol/recording.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';
import { DocumentTable } from './document-table.ts';
import { withoutId } from './trunks.ts';

export interface ProfilesOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'user' | 'users'>;
  classExists(id: string): boolean;
  /** What else names a profile, in a sentence, such as a softphone layout; undefined: nothing. */
  usedBy?: (id: string) => string | undefined;
}

export class Profiles {
  readonly #o: ProfilesOptions;
  readonly #table: DocumentTable<ProfileInput>;

  private constructor(options: ProfilesOptions) {
    this.#o = options;
    this.#table = new DocumentTable({
      db: options.db,
      table: 'profile',
      what: 'profile',
      schema: ProfileInput,
      onChanged: () => undefined,
    });
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: ProfilesOptions): Promise<Profiles> {
    const profiles = new Profiles(options);
    await profiles.reload();
    return profiles;
  }

  /** Reads everything anew. */
  reload(): Promise<void> {
    return this.#table.load();
  }

  all(): Profile[] {
    return this.#table.all();
  }

  get(id: string): Profile | undefined {
    return this.#table.get(id);
  }

  /** The user's profile, or undefined. */
  of(userId: string): Profile | undefined {
    return this.get(this.#o.callCenter.user(userId)?.profileId ?? '');
  }

  /** What the user may do with the records of an object. */
  rights(userId: string, object: string): ObjectRights {
    return this.of(userId)?.objects[object] ?? ALL_RIGHTS;
  }

  /** The recording settings as they hold for the user's own calls. */
  recordingSettings(userId: string, settings: RecordingSettings): RecordingSettings {
    const profile = this.of(userId);
    return {
      ...settings,
      agentsMayPlay: profile?.mayPlay ?? settings.agentsMayPlay,
      agentsMayDownload: profile?.mayDownload ?? settings.agentsMayDownload,
    };
  }

  /** @throws `already-exists` for a label, `bad-input` for a class that is not there. */
  add(input: ProfileInput, id = newId('profile')): Promise<Profile> {
    return this.#table.save(id, () => this.#checked(input));
  }

  /** @throws as `add`, and `not-found`. */
  change(id: string, patch: Partial<ProfileInput>): Promise<Profile> {
    return this.#table.save(id, () =>
      this.#checked({ ...withoutId(this.#table.must(id)), ...patch } as ProfileInput),
    );
  }

  /** @throws `not-found`; `in-use` while a user has it or a layout holds for it. */
  remove(id: string): Promise<void> {
    return this.#table.remove(id, () => {
      const users = this.#o.callCenter.users().filter((user) => user.profileId === id).length;
      if (users > 0) return `${users} ${users === 1 ? 'user has' : 'users have'} it`;
      return this.#o.usedBy?.(id);
    });
  }

  #checked(profile: ProfileInput): ProfileInput {
    if (profile.classId && !this.#o.classExists(profile.classId))
      throw new CodedError('bad-input', {
        field: 'classId',
        detail: 'classId: there is no such class of service',
      });
    return profile;
  }
}
