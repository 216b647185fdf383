import { z } from 'zod';
import { SECRET_PLACEHOLDER } from '../../protocol/configuration.ts';
import { ProfileInput } from '../../protocol/profiles.ts';
import { NewPassword, UserFields } from '../../protocol/setup.ts';
import { PRIVATE_PLATFORM, type User } from '../callcenter/model.ts';
import { hashPassword } from '../callcenter/password.ts';
import { refuse } from '../callcenter/refuse.ts';
import { byLabel, idOf, nameOf, platformOf, section } from './section.ts';
import { levelsOf, NamedLevels, namesOfLevels } from './skills.ts';
import type { Stores } from './stores.ts';

const ProfileItem = ProfileInput.omit({ label: true, classId: true })
  .extend({ class: z.string().nullable().default(null) })
  .strict();

export const profiles = section<z.output<typeof ProfileItem>>({
  section: 'profiles',
  item: ProfileItem,
  list: ({ profiles: all, dialRights }) =>
    all.all().map(({ id, label, classId, ...rest }) => ({
      id,
      name: label,
      item: { ...rest, class: classId === null ? null : nameOf(dialRights.classes(), byLabel, classId) },
    })),
  add: (stores, label, item) => stores.profiles.add({ label, ...profileInput(stores, item) }),
  change: (stores, id, item) => stores.profiles.change(id, profileInput(stores, item)),
  remove: (stores, id) => stores.profiles.remove(id),
});

function profileInput({ dialRights }: Stores, { class: name, ...rest }: z.output<typeof ProfileItem>) {
  const classId =
    name === null ? null : idOf(dialRights.classes(), byLabel, name, 'class of service', 'class');
  return { ...rest, classId };
}

const UserItem = UserFields.omit({
  username: true,
  platformId: true,
  profileId: true,
  skills: true,
  queueOrder: true,
})
  .extend({
    email: UserFields.shape.email.default(null),
    platform: z.string().max(80).default(PRIVATE_PLATFORM),
    profile: z.string().nullable().default(null),
    skills: NamedLevels,
    /** The first one; of a user who is there it stays as it is. */
    password: z.union([NewPassword, z.literal(SECRET_PLACEHOLDER)]).default(SECRET_PLACEHOLDER),
  })
  .strict();
type UserItem = z.output<typeof UserItem>;

/** Users who are disabled are not in the file: one who goes from it is disabled, because history names him. */
export const users = section<UserItem>({
  section: 'users',
  item: UserItem,
  list: ({ callCenter, profiles: all }) =>
    callCenter
      .users()
      .filter((user) => !user.disabled)
      .map((user) => ({ id: user.id, name: user.username, item: userItem(callCenter, user, all.all()) })),
  async add(stores, username, item) {
    const gone = stores.callCenter.userByName(username);
    if (gone)
      return await stores.callCenter.changeUser(gone.id, { ...userInput(stores, item), disabled: false });
    const { password } = item;
    if (password === SECRET_PLACEHOLDER) refuse('password', 'a new user needs a first password in its place');
    return await stores.callCenter.addUser(
      { username, ...userInput(stores, item) },
      await hashPassword(password),
    );
  },
  change: (stores, id, item) => stores.callCenter.changeUser(id, userInput(stores, item)),
  remove: ({ callCenter }, id) =>
    callCenter.changeUser(id, { disabled: true, extension: null, profileId: null }),
  shown: ({ password: _password, ...rest }) => rest,
});

function userItem(
  callCenter: Stores['callCenter'],
  user: User,
  all: readonly { id: string; label: string }[],
): UserItem {
  const { name, email, roles, locale, zone, country, extension, platformId, profileId } = user;
  return {
    name,
    email,
    roles,
    locale,
    zone,
    country,
    extension,
    platform: platformId,
    profile: profileId === null ? null : nameOf(all, byLabel, profileId),
    skills: namesOfLevels(callCenter, user.skills),
    password: SECRET_PLACEHOLDER,
  };
}

function userInput(
  { callCenter, profiles: all, platforms }: Stores,
  { platform, profile, password: _password, skills, ...rest }: UserItem,
) {
  const profileId = profile === null ? null : idOf(all.all(), byLabel, profile, 'profile', 'profile');
  return {
    ...rest,
    platformId: platformOf({ platforms }, platform, 'platform'),
    profileId,
    skills: levelsOf(callCenter, skills, 'skills'),
  };
}
