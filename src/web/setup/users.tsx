import { Badge, Text } from '@mantine/core';
import { z } from 'zod';
import type { Me, Role } from '../../protocol/api.ts';
import type { ShownPlatform } from '../../protocol/platforms.ts';
import type { Profile } from '../../protocol/profiles.ts';
import type { SkillLevel } from '../../protocol/skills.ts';
import { NewUser, type ShownUser, UserChange } from '../../protocol/setup.ts';
import { useMe } from '../ui/me-context.ts';
import { EmptyState } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import { useViewer } from '../ui/viewer.tsx';
import { CallSettingsPart } from './call-settings.tsx';
import { UserDiallingPart } from './dialling.tsx';
import { ChecksField, FieldGrid, PasswordField, SelectField, SwitchField, TextField } from './fields.tsx';
import { FormPage } from './form-page.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { countryChoices, LOCALES, zoneChoices } from './regions.ts';
import { PbxPhone } from './pbx-phone.tsx';
import { useKinds } from './platforms.tsx';
import { useRecords, useSaveRecord } from './resource.ts';
import { SkillLevels } from './skill-levels.tsx';
import { ResetPassword, UserDevices, UserQueues } from './user-parts.tsx';

const ROLES: { value: Role; label: string; help: string }[] = [
  { value: 'agent', label: 'Agent', help: 'Takes and makes calls.' },
  {
    value: 'supervisor',
    label: 'Supervisor',
    help: 'As an agent; sees queues and users, and may look at Setup.',
  },
  { value: 'administrator', label: 'Administrator', help: 'Changes Setup. Alone, this role takes no calls.' },
];

/** Everybody who can sign in. */
export function UsersPage() {
  const users = useRecords<ShownUser>('users');
  return (
    <ListPage
      title="Users"
      one="user"
      intro="Who can sign in, what they may do, and the extension that colleagues dial."
      query={users}
      path={(user) => `/users/${user.id}`}
      newPath="/users/new"
      words={(user) =>
        [user.name, user.username, user.email, user.extension, ...user.roles].filter(Boolean).join(' ')
      }
      empty="Users sign in, answer calls and set things up."
      columns={[
        { label: 'Name', show: (user) => user.name },
        { label: 'User name', show: (user) => user.username },
        { label: 'Roles', show: (user) => user.roles.join(', ') },
        { label: 'Extension', show: (user) => user.extension ?? '–' },
        { label: 'State', show: (user) => <UserState user={user} /> },
      ]}
    />
  );
}

function UserState({ user }: { user: ShownUser }) {
  if (user.disabled)
    return (
      <Badge variant="light" color="gray">
        Disabled
      </Badge>
    );
  if (user.demoPassword)
    return (
      <Badge variant="light" color="warn">
        Demo password
      </Badge>
    );
  return (
    <Badge variant="light" color="ok">
      Active
    </Badge>
  );
}

/** One user. */
export function UserForm({ id }: { id: string | undefined }) {
  const users = useRecords<ShownUser>('users');
  if (id === undefined) return <Editor user={undefined} />;
  return (
    <Loaded query={users}>
      {(all) => {
        const user = all.find((one) => one.id === id);
        return user ? <Editor user={user} /> : <EmptyState title="There is no such user" />;
      }}
    </Loaded>
  );
}

interface Values {
  name: string;
  username: string;
  roles: string[];
  email: string | null;
  extension: string | null;
  platformId: string;
  profileId: string | null;
  locale: string;
  zone: string;
  country: string;
  password: string;
  disabled: boolean;
  skills: SkillLevel[];
}

const Existing = UserChange.omit({ password: true });

function Editor({ user }: { user: ShownUser | undefined }) {
  const viewer = useViewer();
  const me = useMe();
  const platforms = useRecords<ShownPlatform>('platforms').data ?? [];
  const profiles = useRecords<Profile>('profiles').data ?? [];
  const kinds = useKinds();
  const save = useSaveRecord<ShownUser>('users', user?.id);
  const form = useForm<Values>({
    base: baseOf(user, me),
    schema: user ? Existing : NewUser.extend({ disabled: z.boolean() }),
    save: (values, changed) => {
      const { disabled: _disabled, profileId, ...fresh } = values;
      // None chosen: the one of the role.
      return save.mutateAsync(user ? changed : { ...fresh, ...(profileId ? { profileId } : {}) });
    },
  });
  const chosen = platforms.find((one) => one.id === form.values.platformId);
  const pbx = kinds.some((one) => one.kind === chosen?.kind && one.routesItself) ? chosen : undefined;
  return (
    <Page
      title={user?.name ?? 'New user'}
      parent={{ label: 'Users', path: '/users' }}
      badge={user && <UserState user={user} />}
    >
      <FormPage
        form={form}
        what="this user"
        back="/setup/users"
        createdAt={user ? undefined : '/setup/users'}
        actions={user && <ResetPassword user={user} />}
        below={
          user && (
            <>
              <CallSettingsPart userId={user.id} />
              <UserDiallingPart userId={user.id} />
              <UserQueues user={user} />
              <UserDevices user={user} />
            </>
          )
        }
      >
        <Section title="Who it is">
          <FieldGrid>
            <TextField form={form} name="name" label="Name" required autoFocus={!user} />
            <TextField
              form={form}
              name="username"
              label="User name"
              help="Signs in with it; letters, digits and . _ @ -"
              required
            />
            <TextField form={form} name="email" nullable label="E-mail" placeholder="ann@example.com" />
            <TextField
              form={form}
              name="extension"
              nullable
              label="Extension"
              help={
                pbx
                  ? `His extension at ${pbx.label}: two to six digits.`
                  : 'Two to six digits that colleagues dial; empty for none.'
              }
            />
            <SelectField
              form={form}
              name="platformId"
              label="Telephone system"
              choices={platforms.map((one) => ({ value: one.id, label: one.label }))}
              help={
                pbx
                  ? 'He keeps his desk phone there: the extension says which it is.'
                  : 'Where this user’s browser phone belongs to.'
              }
            />
            {!user && (
              <PasswordField
                form={form}
                name="password"
                label="First password"
                help="At least eight characters. Can be changed after signing in."
                required
              />
            )}
          </FieldGrid>
          {pbx && <PbxPhone platform={pbx} extension={form.values.extension} userId={user?.id} />}
        </Section>
        <Section title="What this user may do">
          <FieldGrid>
            <ChecksField form={form} name="roles" label="Roles" choices={ROLES} required />
            <SelectField
              form={form}
              name="profileId"
              nullable
              label="Profile"
              placeholder={user ? 'None: everything that the roles allow' : 'That of the role'}
              choices={profiles.map((profile) => ({ value: profile.id, label: profile.label }))}
              help="Which records, calls, recordings and softphone layout."
            />
            {user && user.id !== me.id && (
              <SwitchField
                form={form}
                name="disabled"
                label="Disabled"
                help="Cannot sign in, is signed out everywhere, and gets no calls. Past calls keep the name."
              />
            )}
          </FieldGrid>
          {user?.id === me.id && (
            <Text size="xs" c="dimmed" mt="sm">
              This is you: you cannot take your own administrator’s role away or disable yourself.
            </Text>
          )}
        </Section>
        <Section title="Skills" intro="How good this user is, from 1 to 10. It counts at once for who waits.">
          <SkillLevels
            name="skills"
            levelLabel="Level"
            values={form.values.skills}
            firstLevel={5}
            error={form.error('skills')}
            onChange={(skills) => form.set('skills', skills)}
          />
        </Section>
        <Section title="Language and place" intro="How times and numbers are read and shown to this user.">
          <FieldGrid>
            <SelectField
              form={form}
              name="country"
              label="Country"
              help="Numbers without a prefix are read as this country’s."
              choices={countryChoices(viewer.locale)}
            />
            <SelectField form={form} name="zone" label="Time zone" choices={zoneChoices(form.values.zone)} />
            <TextField form={form} name="locale" label="Language" suggestions={LOCALES} />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

/** A new user begins with the administrator's own language and place. */
function baseOf(user: ShownUser | undefined, { locale, zone, country }: Me): Values {
  const fresh = {
    name: '',
    username: '',
    roles: ['agent'],
    email: null,
    extension: null,
    disabled: false,
    platformId: 'private',
    profileId: null,
    skills: [],
  };
  const { name, username, roles, email, extension, disabled, platformId, profileId, skills } = user ?? fresh;
  const place = user ?? { locale, zone, country };
  return {
    name,
    username,
    roles,
    email,
    extension,
    disabled,
    platformId,
    profileId,
    skills,
    locale: place.locale,
    zone: place.zone,
    country: place.country,
    password: '',
  };
}
