import { Button, Code, CopyButton, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { type NewWallboard, type Wallboard, WallboardInput } from '../../protocol/floor.ts';
import type { ShownQueue } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { Refusal } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { namesOf } from './names.ts';
import { useNavigation } from './navigation-context.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

/** Floors for a big screen. */
export function WallboardsPage() {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  return (
    <ListPage
      title="Wallboards"
      one="wallboard"
      intro="Large figures for a screen on the wall: no person, no number, nothing to press. A link opens it without signing in."
      query={useRecords<Wallboard>('wallboards')}
      path={(board) => `/wallboards/${board.id}`}
      newPath="/wallboards/new"
      words={(board) => board.label}
      empty="A wallboard shows waiting callers, waits and service levels on a big screen. Make one and open its link there."
      columns={[
        { label: 'Name', show: (board) => board.label },
        {
          label: 'Queues',
          show: (board) => namesOf(queues, board.queueIds, ({ label }) => label, 'all'),
        },
      ]}
    />
  );
}

/** One wallboard. */
export function WallboardForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<Wallboard>('wallboards')} id={id} what="wallboard">
      {(board) => <Editor board={board} />}
    </OneRecord>
  );
}

function Editor({ board }: { board: Wallboard | undefined }) {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const navigation = useNavigation();
  const save = useSaveRecord<Wallboard>('wallboards', board?.id);
  const form = useForm({
    base: { label: board?.label ?? '', queueIds: board?.queueIds ?? [] },
    schema: WallboardInput,
    save: async (values) => {
      const saved = await save.mutateAsync(values);
      // Its page is where its link is made.
      if (!board) navigation.leave(`/setup/wallboards/${saved.id}`);
    },
  });
  return (
    <Page title={board?.label ?? 'New wallboard'} parent={{ label: 'Wallboards', path: '/wallboards' }}>
      <FormPage
        form={form}
        what="this wallboard"
        back="/setup/wallboards"
        removal={useRemoval(board)}
        below={board && <BoardLink board={board} />}
      >
        <Section title="The wallboard">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!board} />
            <MultiSelectField
              form={form}
              name="queueIds"
              label="Queues"
              placeholder="All"
              choices={queues.map(({ id, label }) => ({ value: id, label }))}
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function BoardLink({ board }: { board: Wallboard }) {
  const [link, setLink] = useState<string>();
  const renew = useChange<NewWallboard>(() =>
    api<NewWallboard>(`/api/wallboards/${encodeURIComponent(board.id)}/link`, { method: 'POST' }),
  );
  const make = () =>
    renew.mutate(undefined, { onSuccess: (made) => setLink(new URL(made.link, location.origin).href) });
  return (
    <Section
      title="Link"
      intro="Opens the wallboard without signing in, for whoever has it. It is shown once; a new one closes the old one’s screens."
    >
      {link === undefined ? (
        <Button onClick={make} loading={renew.isPending} data-testid="new-link">
          Make a new link
        </Button>
      ) : (
        <Group gap="sm">
          <Code data-testid="board-link">{link}</Code>
          <CopyButton value={link}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Text size="xs" c="dimmed">
            Open it on the screen now: it is not shown again.
          </Text>
        </Group>
      )}
      <Refusal error={renew.error} mt="sm" />
    </Section>
  );
}

function useRemoval(board: Wallboard | undefined): Removal | undefined {
  const remove = useRemoveRecord('wallboards');
  return (
    board && {
      what: `the wallboard “${board.label}”`,
      consequences: ['Its link opens nothing any more, and screens that show it are closed.'],
      run: () => remove.mutateAsync(board.id),
    }
  );
}
