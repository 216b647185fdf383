import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { ShownQueue, ShownUser } from '../../protocol/setup.ts';
import { type Skill, SkillInput } from '../../protocol/skills.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, TextareaField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

/** What agents can be good at, with who is. */
export function SkillsPage() {
  const users = useRecords<ShownUser>('users').data ?? [];
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  return (
    <ListPage
      title="Skills"
      one="skill"
      intro="What agents are good at, from 1 to 10, set at the user. A queue may ask for a level at least."
      query={useRecords<Skill>('skills')}
      path={(skill) => `/skills/${skill.id}`}
      newPath="/skills/new"
      words={(skill) => `${skill.label} ${skill.description}`}
      empty="A skill is what a caller may need: a language, a product. Make one, say at the users how good they are, then let a queue ask for it."
      columns={[
        { label: 'Name', show: (skill) => skill.label },
        { label: 'Description', show: (skill) => skill.description || '–' },
        { label: 'Who has it', show: (skill) => holders(skill, users).join(', ') || 'nobody' },
        {
          label: 'Asked for by',
          show: (skill) =>
            asking(skill, queues)
              .map(({ label }) => label)
              .join(', ') || '–',
        },
      ]}
    />
  );
}

/** `Grace 7`, the best first. */
function holders({ id }: Skill, users: readonly ShownUser[]): string[] {
  return users
    .flatMap(({ name, disabled, skills }) =>
      disabled ? [] : skills.filter(({ skillId }) => skillId === id).map(({ level }) => ({ name, level })),
    )
    .sort((a, b) => b.level - a.level || a.name.localeCompare(b.name))
    .map(({ name, level }) => `${name} ${level}`);
}

function asking({ id }: Skill, queues: readonly ShownQueue[]): ShownQueue[] {
  return queues.filter(({ requirements }) => requirements.some(({ skillId }) => skillId === id));
}

/** One skill. */
export function SkillForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<Skill>('skills')} id={id} what="skill">
      {(skill) => <Editor skill={skill} />}
    </OneRecord>
  );
}

function Editor({ skill }: { skill: Skill | undefined }) {
  const save = useSaveRecord<Skill>('skills', skill?.id);
  const form = useForm({
    base: { label: skill?.label ?? '', description: skill?.description ?? '' },
    schema: SkillInput,
    save: (values, changed) => save.mutateAsync(skill ? changed : values),
  });
  return (
    <Page title={skill?.label ?? 'New skill'} parent={{ label: 'Skills', path: '/skills' }}>
      <FormPage
        form={form}
        what="this skill"
        back="/setup/skills"
        createdAt={skill ? undefined : '/setup/skills'}
        removal={useRemoval(skill)}
        below={skill && <Holders skill={skill} />}
      >
        <Section title="The skill">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!skill} />
            <TextareaField
              form={form}
              name="description"
              label="Description"
              help="What a level means, for whoever gives it."
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function Holders({ skill }: { skill: Skill }) {
  const users = useRecords<ShownUser>('users').data ?? [];
  const having = users.filter(({ skills }) => skills.some(({ skillId }) => skillId === skill.id));
  return (
    <Section title="Who has it" intro="Set at the user.">
      {having.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody has it yet. Open a user and add it there.
        </Text>
      )}
      {having.map(({ id, name, skills }) => (
        <Text size="sm" key={id}>
          <Anchor component={Link} href={`/users/${id}`} inherit>
            {name}
          </Anchor>{' '}
          {skills.find(({ skillId }) => skillId === skill.id)?.level}
        </Text>
      ))}
    </Section>
  );
}

function useRemoval(skill: Skill | undefined): Removal | undefined {
  const remove = useRemoveRecord('skills');
  const queues = asking(
    skill ?? { id: '', label: '', description: '' },
    useRecords<ShownQueue>('queues').data ?? [],
  );
  if (!skill) return undefined;
  return {
    what: `the skill “${skill.label}”`,
    blocked: queues.length > 0 && (
      <Text size="sm" span>
        It is asked for. Take it first from:{' '}
        {queues.map(({ id, label }, index) => (
          <span key={id}>
            {index > 0 && ', '}
            <Anchor component={Link} href={`/queues/${id}`} inherit>
              {label}
            </Anchor>
          </span>
        ))}
        .
      </Text>
    ),
    consequences: ['Users who have it have it no longer.'],
    run: () => remove.mutateAsync(skill.id),
  };
}
