import {
  ActionIcon,
  Anchor,
  Badge,
  Button,
  Group,
  Modal,
  Popover,
  Select,
  TextInput,
  Tooltip,
  UnstyledButton,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronRight,
  IconKeyboard,
  IconPlayerPlay,
  IconPlus,
  IconSearch,
  IconSitemap,
} from '@tabler/icons-react';
import { type RefObject, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { KeyHint } from '../../ui/key-hint.tsx';
import { Refusal } from '../../ui/states.tsx';
import { RemoveButton } from '../form-page.tsx';
import { useNavigation, useUnsaved } from '../navigation-context.tsx';
import { useChange, useRemoveRecord } from '../resource.ts';
import classes from './editor.module.css';
import { publish } from './flow-api.ts';
import { problemText } from './flow-node.tsx';
import { titleWithId } from './node-panel.tsx';
import { SaveStateView } from './save-state.tsx';
import { KEYS } from './use-editor-keys.ts';
import { titleOf, useEditor } from './use-flow-editor.ts';

interface EditorBarProps {
  finder: RefObject<HTMLInputElement | null>;
  onAdd: () => void;
  onTidy: () => void;
  onProblems: () => void;
  onTry: () => void;
}

/** Which flow it is, how it stands, and what can be done with it. */
export function EditorBar({ finder, onAdd, onTidy, onProblems, onTry }: EditorBarProps) {
  const { drawn, flow, problems, mayChange, saving, undo, redo } = useEditor();
  // What waits for the next save goes out when the page is left; only what the server refused would be lost.
  useUnsaved(saving.at === 'failed' || saving.at === 'conflict' ? 'this flow' : undefined);
  useEffect(() => {
    document.title = `${drawn.label} · Crosspoint Setup`;
  }, [drawn.label]);
  return (
    <header className={classes.bar}>
      <div className={classes.names}>
        <nav aria-label="Breadcrumb" className={classes.crumbs}>
          <Anchor component={Link} href="/flows" inherit>
            Flows
          </Anchor>
          <IconChevronRight size={13} aria-hidden />
        </nav>
        <h1 className={classes.name} data-testid="page-title">
          {drawn.label || 'Without a name'}
        </h1>
        <Published />
        <SaveStateView />
        {problems.length > 0 && (
          <UnstyledButton className={classes.problems} onClick={onProblems} data-testid="problem-count">
            {problemText(problems.length)}
          </UnstyledButton>
        )}
      </div>
      <div className={classes.tools}>
        {mayChange && (
          <>
            <Button
              variant="default"
              leftSection={<IconPlus size={15} />}
              onClick={onAdd}
              title="Key: A"
              data-testid="add-node"
            >
              Add a node
            </Button>
            <Tool label="Undo (Ctrl+Z)" disabled={!undo} onClick={undo}>
              <IconArrowBackUp size={17} />
            </Tool>
            <Tool label="Redo (Ctrl+Shift+Z)" disabled={!redo} onClick={redo}>
              <IconArrowForwardUp size={17} />
            </Tool>
            <Tool label="Tidy up (T)" onClick={onTidy}>
              <IconSitemap size={17} />
            </Tool>
          </>
        )}
        <Finder input={finder} />
        <KeysHelp />
        <span className={classes.gap} />
        {mayChange && <Removal />}
        {mayChange && (
          <Button
            variant="default"
            leftSection={<IconPlayerPlay size={14} />}
            onClick={onTry}
            data-testid="try"
          >
            Try it
          </Button>
        )}
        {mayChange && <Publish edited={flow.edited || saving.at !== 'saved'} onProblems={onProblems} />}
      </div>
    </header>
  );
}

function Tool({
  label,
  disabled = false,
  onClick,
  children,
}: {
  label: string;
  disabled?: boolean;
  onClick: (() => void) | undefined;
  children: React.ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={30} variant="default" aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Published() {
  const { flow, saving } = useEditor();
  if (flow.published === null)
    return (
      <Badge variant="light" color="gray">
        Never published
      </Badge>
    );
  const same = !flow.edited && saving.at === 'saved';
  return (
    <Badge variant="light" color={same ? 'ok' : 'warn'} data-testid="published">
      {same ? `Version ${flow.published} in use` : `Draft, version ${flow.published} in use`}
    </Badge>
  );
}

function Finder({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const { document, kinds, show } = useEditor();
  return (
    <Select
      ref={input}
      size="xs"
      w={150}
      aria-label="Find a node"
      placeholder="Find a node"
      leftSection={<IconSearch size={14} />}
      rightSection={<KeyHint keys="F" />}
      data={document.nodes.map((node) => ({
        value: node.id,
        label: titleWithId(titleOf(kinds, node), node.id, document.nodes, kinds),
      }))}
      searchable
      nothingFoundMessage="No such node"
      value={null}
      onChange={(id) => id !== null && show(id)}
      comboboxProps={{ width: 240, position: 'bottom-start' }}
      data-testid="find-node"
    />
  );
}

function KeysHelp() {
  return (
    <Popover position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <ActionIcon size={30} variant="default" aria-label="Keys">
          <IconKeyboard size={17} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="Keys">
        <dl className={classes.keys}>
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}

function Publish({ edited, onProblems }: { edited: boolean; onProblems: () => void }) {
  const { flow, problems, saver, told } = useEditor();
  const [opened, setOpened] = useState(false);
  const [note, setNote] = useState('');
  const run = useChange(async () => {
    // Refused or in conflict: the state beside the name says so.
    if (!(await saver.flush())) return undefined;
    return publish(flow.id, saver.rev, note);
  });
  const finish = () =>
    run.mutate(undefined, {
      onSuccess: (published) => {
        setOpened(false);
        if (!published) return;
        setNote('');
        told(published);
        notifications.show({
          color: 'ok',
          message: `Version ${published.published} is in use for new calls.`,
          autoClose: 4_000,
        });
      },
    });
  return (
    <>
      <Button
        disabled={!edited && flow.published !== null}
        onClick={() => (problems.length > 0 ? onProblems() : setOpened(true))}
        title={problems.length > 0 ? 'Mend the problems first.' : undefined}
        data-testid="publish"
      >
        Publish
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={`Publish “${flow.label}”`} size="md">
        <p className={classes.dialog}>
          New calls get it at once. Calls that are in the flow go on with the version that they began with.
        </p>
        <TextInput
          size="xs"
          label="What is new"
          placeholder="For the list of versions; may be empty"
          maxLength={400}
          data-autofocus
          value={note}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
          onKeyDown={({ key }) => key === 'Enter' && finish()}
          data-testid="publish-note"
        />
        <Refusal error={run.error} mt="sm" />
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={() => setOpened(false)}>
            Not yet
          </Button>
          <Button loading={run.isPending} onClick={finish} data-testid="confirm-publish">
            Publish
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function Removal() {
  const { flow } = useEditor();
  const navigation = useNavigation();
  const remove = useRemoveRecord('flows');
  return (
    <RemoveButton
      removal={{
        what: `the flow “${flow.label}”`,
        blocked:
          flow.usedBy.length > 0 && `It is used by ${flow.usedBy.join(', ')}. Let that lead elsewhere first.`,
        consequences: ['Its versions go too. Calls that are in it go on to their end.'],
        run: () => remove.mutateAsync(flow.id),
      }}
      onRemoved={() => navigation.leave('/setup/flows')}
    />
  );
}
