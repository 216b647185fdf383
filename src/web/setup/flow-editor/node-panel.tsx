import { ActionIcon, Button, Select, TextInput, UnstyledButton } from '@mantine/core';
import {
  IconChevronDown,
  IconChevronRight,
  IconCopy,
  IconFlag,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import type { FlowNode, FlowProblem } from '../../../protocol/flows.ts';
import { HelpText } from './help-text.tsx';
import { KindIcon } from './kind-icons.tsx';
import { changeNode, connect, type Exit, removeNodes, setEntries } from './model.ts';
import classes from './panel.module.css';
import { SettingInput } from './setting-input.tsx';
import { kindOf, shownExits, titleOf, useEditor } from './use-flow-editor.ts';

interface NodePanelProps {
  node: FlowNode;
  onAdd: (wanted: { after: Exit }) => void;
  onDuplicate: () => void;
}

/** One node: what it is called, its settings, and where its exits lead. */
export function NodePanel({ node, onAdd, onDuplicate }: NodePanelProps) {
  const { kinds, document, problems, mayChange, change, select } = useEditor();
  const kind = kindOf(kinds, node);
  const wrong = problems.filter(({ nodeId }) => nodeId === node.id);
  const start = document.start === node.id;
  const set = (mark: string, next: (node: FlowNode) => FlowNode) =>
    change((before) => changeNode(before, node.id, next), `${node.id}.${mark}`);
  return (
    <div className={classes.body} data-testid="node-panel">
      <Heading node={node} kind={kind} />
      <General problems={wrong} />
      <fieldset disabled={!mayChange} className={classes.fields}>
        <TextInput
          size="xs"
          label="Title"
          placeholder={kind?.label}
          value={node.label}
          maxLength={80}
          onChange={({ currentTarget: { value } }) => set('label', (one) => ({ ...one, label: value }))}
          data-testid="node-title"
          data-field="label"
        />
        {kind?.fields.map((field) => (
          <SettingInput
            key={field.name}
            field={field}
            settings={node.settings}
            path={field.name}
            errorAt={(path) => errorAt(wrong, path)}
            onChange={(value) =>
              set(field.name, (one) =>
                field.name === kind.exitsFrom
                  ? setEntries(one, field.name, value as Record<string, unknown>[])
                  : { ...one, settings: { ...one.settings, [field.name]: value } },
              )
            }
          />
        ))}
        <Exits node={node} onAdd={onAdd} problems={wrong} />
      </fieldset>
      {mayChange && (
        <div className={classes.tools}>
          {!start && (
            <Button
              variant="default"
              leftSection={<IconFlag size={14} />}
              onClick={() => change((before) => ({ ...before, start: node.id }))}
            >
              Begin here
            </Button>
          )}
          <Button variant="default" leftSection={<IconCopy size={14} />} onClick={onDuplicate}>
            Duplicate
          </Button>
          <Button
            variant="subtle"
            color="stop"
            leftSection={<IconTrash size={14} />}
            onClick={() => {
              change((before) => removeNodes(before, [node.id]));
              select([]);
            }}
            data-testid="remove-node"
          >
            Delete
          </Button>
        </div>
      )}
    </div>
  );
}

function Heading({ node, kind }: { node: FlowNode; kind: FlowNodeKind | undefined }) {
  const [opened, setOpened] = useState(false);
  const Sign = opened ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <div className={classes.heading}>
        <KindIcon kind={node.kind} group={kind?.group} size={28} />
        <h2 className={classes.title}>{kind?.label ?? node.kind}</h2>
      </div>
      {kind?.help && (
        <>
          <UnstyledButton
            className={classes.helpButton}
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <Sign size={14} aria-hidden /> What it does
          </UnstyledButton>
          {opened && <HelpText text={kind.help} />}
        </>
      )}
    </div>
  );
}

/** What is wrong with the node as a whole: the rest stands at its field or exit. */
function General({ problems }: { problems: readonly FlowProblem[] }) {
  const general = problems.filter(({ field, exit }) => field === undefined && exit === undefined);
  if (general.length === 0) return null;
  return (
    <ul className={classes.general}>
      {general.map(({ code, detail }) => (
        <li key={code}>{detail}</li>
      ))}
    </ul>
  );
}

function Exits({
  node,
  problems,
  onAdd,
}: {
  node: FlowNode;
  problems: readonly FlowProblem[];
  onAdd: NodePanelProps['onAdd'];
}) {
  const { kinds, document, mayChange, change, show } = useEditor();
  const exits = shownExits(kinds, node);
  const targets = document.nodes.map((one) => ({
    value: one.id,
    label: titleWithId(titleOf(kinds, one), one.id, document.nodes, kinds),
  }));
  if (exits.length === 0)
    return <p className={classes.note}>The call ends here, or goes to where it was sent: it has no exits.</p>;
  return (
    <div className={classes.exits}>
      <h3 className={classes.subtitle}>Exits</h3>
      {exits.map(({ name, label, required }) => {
        const to = node.exits[name] ?? null;
        const problem = problems.find(({ exit }) => exit === name);
        return (
          <div key={name} className={classes.exit}>
            <Select
              size="xs"
              label={label}
              withAsterisk={required}
              placeholder="leads nowhere"
              data={targets}
              searchable
              clearable
              value={to}
              error={problem?.detail}
              onChange={(next) => change((before) => connect(before, { nodeId: node.id, exit: name }, next))}
              data-field={`exit.${name}`}
              data-testid={`exit-${name}`}
            />
            {to === null ? (
              mayChange && (
                <ActionIcon
                  variant="default"
                  size={30}
                  aria-label={`Add a node at ${label}`}
                  onClick={() => onAdd({ after: { nodeId: node.id, exit: name } })}
                  data-testid={`add-at-${name}`}
                >
                  <IconPlus size={15} />
                </ActionIcon>
              )
            ) : (
              <ActionIcon
                variant="default"
                size={30}
                aria-label={`Go to where ${label} leads`}
                onClick={() => show(to)}
              >
                <IconChevronRight size={15} />
              </ActionIcon>
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Nodes of the same title are told apart by their ids. */
export function titleWithId(
  title: string,
  id: string,
  nodes: readonly FlowNode[],
  kinds: Parameters<typeof titleOf>[0],
): string {
  return nodes.some((one) => one.id !== id && titleOf(kinds, one) === title) ? `${title} (${id})` : title;
}

/** What is wrong with the setting itself, or, of one without inputs of its own for its parts, with a part of it. */
function errorAt(problems: readonly FlowProblem[], path: string): string | undefined {
  return (
    problems.find(({ field }) => field === path)?.detail ??
    problems.find(({ field }) => field?.startsWith(`${path}.`))?.detail
  );
}
