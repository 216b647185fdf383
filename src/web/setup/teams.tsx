import type { ShownQueue, ShownUser } from '../../protocol/setup.ts';
import { type Team, TeamInput } from '../../protocol/teams.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MemberPicker } from './member-picker.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { namesOf } from './names.ts';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

/** Who works together, and who leads them. */
export function TeamsPage() {
  const users = useRecords<ShownUser>('users').data ?? [];
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  return (
    <ListPage
      title="Teams"
      one="team"
      intro="A supervisor sees and commands the members and queues of the teams that he leads."
      query={useRecords<Team>('teams')}
      path={(team) => `/teams/${team.id}`}
      newPath="/teams/new"
      words={(team) => team.label}
      empty="While there is no team, every supervisor sees the whole floor. With the first one, each sees his own teams alone."
      columns={[
        { label: 'Name', show: (team) => team.label },
        { label: 'Members', align: 'right', show: (team) => team.memberIds.length },
        { label: 'Led by', show: (team) => namesOf(users, team.supervisorIds, (user) => user.name) },
        { label: 'Queues', show: (team) => namesOf(queues, team.queueIds, (queue) => queue.label) },
      ]}
    />
  );
}

/** One team. */
export function TeamForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<Team>('teams')} id={id} what="team">
      {(team) => <Editor team={team} />}
    </OneRecord>
  );
}

function Editor({ team }: { team: Team | undefined }) {
  const users = useRecords<ShownUser>('users').data ?? [];
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const save = useSaveRecord<Team>('teams', team?.id);
  const form = useForm({
    base: {
      label: team?.label ?? '',
      memberIds: team?.memberIds ?? [],
      supervisorIds: team?.supervisorIds ?? [],
      queueIds: team?.queueIds ?? [],
    },
    schema: TeamInput,
    save: (values, changed) => save.mutateAsync(team ? changed : values),
  });
  const leaders = users.filter((user) => user.roles.includes('supervisor') && !user.disabled);
  return (
    <Page title={team?.label ?? 'New team'} parent={{ label: 'Teams', path: '/teams' }}>
      <FormPage
        form={form}
        what="this team"
        back="/setup/teams"
        createdAt={team ? undefined : '/setup/teams'}
        removal={useRemoval(team)}
      >
        <Section title="The team">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!team} />
            <MultiSelectField
              form={form}
              name="supervisorIds"
              label="Led by"
              help="Users with the role supervisor."
              choices={leaders.map(({ id, name }) => ({ value: id, label: name }))}
            />
            <MultiSelectField
              form={form}
              name="queueIds"
              label="Queues"
              help="What its supervisors see and may move callers of."
              choices={queues.map(({ id, label }) => ({ value: id, label }))}
            />
          </FieldGrid>
        </Section>
        <Section title="Members" intro="Whom its supervisors see, hear and command.">
          <MemberPicker
            users={users}
            memberIds={form.values.memberIds}
            error={form.error('memberIds')}
            onChange={(memberIds) => form.set('memberIds', memberIds)}
          />
        </Section>
      </FormPage>
    </Page>
  );
}

function useRemoval(team: Team | undefined): Removal | undefined {
  const remove = useRemoveRecord('teams');
  return (
    team && {
      what: `the team “${team.label}”`,
      consequences: ['Its supervisors see its members and queues no longer. Without any team, they see all.'],
      run: () => remove.mutateAsync(team.id),
    }
  );
}
