import { ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { Button, CloseButton, Tabs } from '@mantine/core';
import { IconPlus, IconSparkles } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import type { FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import type { Flow, FlowProblem } from '../../../protocol/flows.ts';
import type { FlowTrial } from '../../../protocol/flow-trials.ts';
import { EmptyState } from '../../ui/states.tsx';
import { Loaded } from '../page.tsx';
import { Canvas, FIT } from './canvas.tsx';
import { EditorBar } from './editor-bar.tsx';
import classes from './editor.module.css';
import { readKinds } from './flow-api.ts';
import { FlowPanel } from './flow-panel.tsx';
import { tidy, type Place } from './layout.ts';
import { addNode, copyNodes, type Exit, moveNodes, nodeOf, pasteNodes } from './model.ts';
import { NodePanel } from './node-panel.tsx';
import { Palette } from './palette.tsx';
import { ProblemsPanel } from './problems-panel.tsx';
import { trailOf } from './trail.ts';
import { TryOutPanel } from './try-out-panel.tsx';
import { useClipboard } from './use-clipboard.ts';
import { useEditorKeys } from './use-editor-keys.ts';
import { FlowEditorProvider, shownExits, titleOf, useEditor, useFlowEditor } from './use-flow-editor.ts';
import { ReferencesProvider, useReadReferences } from './use-references.ts';
import { VersionsPanel } from './versions-panel.tsx';

/** The page on which a flow is drawn. */
export function FlowEditorPage({ flow }: { flow: Flow }) {
  const kinds = useQuery({
    queryKey: ['setup', 'flow-node-kinds'],
    queryFn: ({ signal }) => readKinds(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded query={kinds}>
      {(all) => (
        <ReactFlowProvider>
          <Editor flow={flow} kinds={all} />
        </ReactFlowProvider>
      )}
    </Loaded>
  );
}

function Editor({ flow, kinds }: { flow: Flow; kinds: FlowNodeKind[] }) {
  const byName = useMemo(() => new Map(kinds.map((kind) => [kind.kind, kind])), [kinds]);
  const editor = useFlowEditor(flow, byName);
  return (
    <FlowEditorProvider value={editor}>
      <ReferencesProvider value={useReadReferences()}>
        <Workplace />
      </ReferencesProvider>
    </FlowEditorProvider>
  );
}

type Tab = 'settings' | 'problems' | 'try' | 'versions';

/** A node that is wanted; where it goes and hangs, as far as that was said. */
interface Wanted {
  at?: Place;
  after?: Exit;
}

function Workplace() {
  const editor = useEditor();
  const { document, kinds, problems, selected, selection, mayChange, change, select, show } = editor;
  const { fitView, getNode } = useReactFlow();
  const [tab, setTab] = useState<Tab>('settings');
  const [wanted, setWanted] = useState<Wanted>();
  const [told, tell] = useState('');
  const [trial, setTrial] = useState<FlowTrial>();
  const trail = useMemo(() => trial && trailOf(trial), [trial]);
  const panel = useRef<HTMLElement>(null);
  const finder = useRef<HTMLInputElement>(null);
  useClipboard(editor, tell);

  const want = (more: Wanted = {}) => {
    if (!mayChange) return;
    setWanted({ ...more, after: more.after ?? openExitOf(editor) });
  };
  const add = (kind: FlowNodeKind, { at, after }: Wanted) => {
    const added = addNode(document, { kind: kind.kind, settings: settingsOf(kind) }, { at, after });
    change(() => added.document);
    setWanted(undefined);
    setTab('settings');
    show(added.id);
    tell(`${kind.label} added`);
  };
  const closePalette = () => {
    setWanted(undefined);
    const back = wanted?.after?.nodeId ?? [...selection][0];
    if (back !== undefined) show(back);
  };
  const tidyUp = () => {
    const boxes = ordered(document).map(({ id }) => ({
      id,
      width: getNode(id)?.measured?.width ?? 236,
      height: getNode(id)?.measured?.height ?? 110,
    }));
    const edges = document.nodes.flatMap((node) =>
      shownExits(kinds, node).flatMap(({ name }) => {
        const to = node.exits[name];
        return to === undefined ? [] : [{ from: node.id, to }];
      }),
    );
    change((before) => moveNodes(before, tidy(boxes, edges)));
    tell('Tidied');
    // After the canvas has taken the new places.
    requestAnimationFrame(() => requestAnimationFrame(() => void fitView({ ...FIT, duration: 250 })));
  };
  const duplicate = () => {
    if (selection.size === 0 || !mayChange) return;
    const { document: copied, ids } = pasteNodes(document, copyNodes(document, selection));
    change(() => copied);
    const [first] = ids;
    if (ids.length === 1 && first !== undefined) show(first);
    else select(ids);
    tell('Duplicated');
  };
  const openPanel = (field?: string) => {
    setTab('settings');
    // The panel shows the node after this event.
    setTimeout(() => focusIn(panel.current, field), 0);
  };
  const goTo = ({ nodeId, field, exit }: FlowProblem) => {
    if (nodeId === null) select([]);
    else show(nodeId);
    openPanel(field ?? (exit === undefined ? 'label' : `exit.${exit}`));
  };
  useEditorKeys({
    add: () => want(),
    find: () => finder.current?.focus(),
    tidy: mayChange ? tidyUp : undefined,
    fit: () => void fitView({ ...FIT, duration: 250 }),
    duplicate,
    selectAll: () => select(document.nodes.map(({ id }) => id)),
    undo: editor.undo && (() => [editor.undo?.(), tell('Undone')]),
    redo: editor.redo && (() => [editor.redo?.(), tell('Done again')]),
    save: () => void editor.saver.flush(),
  });

  return (
    <div className={classes.editor}>
      <EditorBar
        finder={finder}
        onAdd={() => want()}
        onTidy={tidyUp}
        onProblems={() => setTab('problems')}
        onTry={() => setTab('try')}
      />
      <div className={classes.body}>
        <div className={classes.stage}>
          <Canvas
            trail={tab === 'try' ? trail : undefined}
            onAdd={want}
            onDropKind={(name, at) => {
              const kind = kinds.get(name);
              if (kind) add(kind, { at });
            }}
            // Who tries it out goes on with that.
            onPick={() => {
              if (tab !== 'try') setTab('settings');
            }}
            onOpen={() => openPanel()}
          />
          {wanted && (
            <Palette
              where={whereText(editor, wanted.after)}
              onChoose={(kind) => add(kind, wanted)}
              onClose={closePalette}
            />
          )}
          {document.nodes.length === 0 && !wanted && <EmptyFlow onAdd={() => want()} />}
        </div>
        {/* Escape leads back to the node, but for what closes something of its own. */}
        <aside
          ref={panel}
          className={classes.panel}
          aria-label="Settings, problems, try-out and versions"
          onKeyDown={(event) => {
            const closes = (event.target as HTMLElement).getAttribute('aria-expanded') === 'true';
            if (event.key === 'Escape' && !event.defaultPrevented && !closes && selected) show(selected.id);
          }}
        >
          <Tabs
            value={tab}
            onChange={(next) => setTab((next ?? 'settings') as Tab)}
            classNames={{ root: classes.tabs, panel: classes.tabPanel, tab: classes.tab }}
            keepMounted={false}
          >
            <Tabs.List>
              <Tabs.Tab value="settings">Settings</Tabs.Tab>
              <Tabs.Tab value="problems" data-testid="tab-problems">
                Problems{problems.length > 0 ? ` (${problems.length})` : ''}
              </Tabs.Tab>
              <Tabs.Tab value="try" data-testid="tab-try">
                Try it
              </Tabs.Tab>
              <Tabs.Tab value="versions" data-testid="tab-versions">
                Versions
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="settings">
              {selected ? (
                <NodePanel key={selected.id} node={selected} onAdd={want} onDuplicate={duplicate} />
              ) : (
                <FlowPanel />
              )}
            </Tabs.Panel>
            <Tabs.Panel value="problems">
              <ProblemsPanel onGo={goTo} />
            </Tabs.Panel>
            <Tabs.Panel value="try">
              <TryOutPanel trial={trial} onTrial={setTrial} />
            </Tabs.Panel>
            <Tabs.Panel value="versions">
              <VersionsPanel />
            </Tabs.Panel>
          </Tabs>
          {selected && tab === 'settings' && (
            <CloseButton
              className={classes.close}
              size="sm"
              aria-label="Close the node’s settings"
              onClick={() => show(selected.id)}
            />
          )}
        </aside>
      </div>
      <div role="status" className="cp-visually-hidden">
        {told}
      </div>
    </div>
  );
}

/** What an empty flow says. */
function EmptyFlow({ onAdd }: { onAdd: () => void }) {
  const { mayChange } = useEditor();
  return (
    <div className={classes.empty}>
      <EmptyState
        icon={<IconSparkles size={28} stroke={1.5} aria-hidden />}
        title="Nothing is drawn yet"
        action={
          mayChange && (
            <Button leftSection={<IconPlus size={15} />} onClick={onAdd}>
              Add the first node
            </Button>
          )
        }
      >
        A flow is what a caller hears before somebody answers: each node does one thing, and its exits lead to
        the next. Callers begin at the first one.
      </EmptyState>
    </div>
  );
}

/** What a node of this kind begins with. */
function settingsOf({ fields }: FlowNodeKind): Record<string, unknown> {
  return Object.fromEntries(
    fields
      .filter(({ initial }) => initial !== undefined && initial !== null)
      .map(({ name, initial }) => [name, initial]),
  );
}

/** The first exit of the selected node that leads nowhere yet. */
function openExitOf({ selected, kinds }: ReturnType<typeof useEditor>): Exit | undefined {
  if (!selected) return undefined;
  const open = shownExits(kinds, selected).find(({ name }) => selected.exits[name] === undefined);
  return open && { nodeId: selected.id, exit: open.name };
}

function whereText(
  { document, kinds }: ReturnType<typeof useEditor>,
  after: Exit | undefined,
): string | undefined {
  const node = after && nodeOf(document, after.nodeId);
  if (!node) return undefined;
  const exit = shownExits(kinds, node).find(({ name }) => name === after.exit);
  return `After “${titleOf(kinds, node)}”, exit “${exit?.label ?? after.exit}”`;
}

/** The start first: a layout begins with what it is given first. */
function ordered({ nodes, start }: ReturnType<typeof useEditor>['document']) {
  return [...nodes].sort((a, b) => Number(b.id === start) - Number(a.id === start));
}

function focusIn(panel: HTMLElement | null, field: string | undefined): void {
  const parts = field?.split('.') ?? [];
  for (let length = parts.length; length > 0; length--) {
    const found = panel?.querySelector<HTMLElement>(`[data-field="${parts.slice(0, length).join('.')}"]`);
    const target = found?.matches('input,textarea')
      ? found
      : found?.querySelector<HTMLElement>('input,textarea,button');
    if (target) return target.focus();
  }
  panel?.querySelector<HTMLElement>('fieldset input, fieldset textarea')?.focus();
}
