import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { realClock } from '../../../lib/clock.ts';
import { must } from '../../../lib/must.ts';
import { type FlowKinds, graphProblems } from '../../../protocol/flow-check.ts';
import { exitsOf, type FlowExit, type FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import {
  type Flow,
  type FlowDocument,
  type FlowNode,
  FLOW_PROBLEMS,
  type FlowProblem,
} from '../../../protocol/flows.ts';
import { useMe } from '../../ui/me-context.ts';
import { saveDraft } from './flow-api.ts';
import { DraftSaver, type Drawn, type SaveState } from './draft-saver.ts';
import { changed, type History, historyOf, redone, undone } from './history.ts';

/** What the parts of the editor share: the draft as it is drawn, what is selected, and how both are changed. */
export interface FlowEditor {
  /** As the server has it. */
  flow: Flow;
  kinds: FlowKinds;
  drawn: Drawn;
  document: FlowDocument;
  problems: readonly FlowProblem[];
  mayChange: boolean;
  saving: SaveState;
  saver: DraftSaver;
  selection: ReadonlySet<string>;
  /** The one selected node. */
  selected: FlowNode | undefined;
  select(ids: Iterable<string>): void;
  /** Selects a node, brings it into view and gives it the keyboard. */
  show(id: string): void;
  /** What was asked to be shown last; another object for every time. */
  shown: { id: string } | undefined;
  /** Changes the document; changes in a row with one `mark` are one step back. */
  change(change: (document: FlowDocument) => FlowDocument, mark?: string): void;
  /** Changes name or description. */
  describe(change: Partial<Drawn>): void;
  /** Takes up what the server has now as the newest change, which can be taken back. */
  takeUp(flow: Flow): void;
  /** Takes up what the server says of the flow, when that is no other draft: it was published. */
  told(flow: Flow): void;
  undo: (() => void) | undefined;
  redo: (() => void) | undefined;
}

const EditorContext = createContext<FlowEditor | undefined>(undefined);
/** Gives what is inside the editor of a flow. */
export const FlowEditorProvider = EditorContext.Provider;

/** The editor of the flow around. @throws outside of FlowEditorProvider. */
export function useEditor(): FlowEditor {
  return must(useContext(EditorContext), 'FlowEditorProvider');
}

/** Problems that we find ourselves, at once; the others only the server can know. */
const OURS: readonly FlowProblem['code'][] = FLOW_PROBLEMS.filter(
  (code) => code !== 'settings' && code !== 'missing-reference',
);

/** The editor of a flow: its draft, saved by itself while it is drawn, with a history and a selection. */
export function useFlowEditor(loaded: Flow, kinds: FlowKinds): FlowEditor {
  const [flow, setFlow] = useState(loaded);
  const [history, setHistory] = useState<History<Drawn>>(() => historyOf(drawnOf(loaded)));
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<{ id: string }>();
  const [saver] = useState(
    () =>
      new DraftSaver(loaded.rev, {
        clock: realClock,
        save: (draft) => saveDraft(loaded.id, draft),
        onSaved: setFlow,
      }),
  );
  const mayChange = useMe().roles.includes('administrator');
  const saving = useSyncExternalStore(saver.subscribe, saver.getState);
  useSavedAtLeaving(saver);

  const drawn = history.present;
  const { document } = drawn;
  const problems = useMemo(
    () => problemsOf(document, kinds, flow.problems),
    [document, kinds, flow.problems],
  );
  const draw = (next: History<Drawn>) => {
    if (next.present === drawn || !mayChange) return;
    setHistory(next);
    saver.draw(next.present);
  };
  const one = selection.size === 1 ? [...selection][0] : undefined;
  return {
    flow,
    kinds,
    drawn,
    document,
    problems,
    mayChange,
    saving,
    saver,
    selection,
    selected: document.nodes.find(({ id }) => id === one),
    select: (ids) => setSelection(new Set(ids)),
    show: (id) => {
      setSelection(new Set([id]));
      setShown({ id });
    },
    shown,
    change: (change, mark) => {
      const next = change(document);
      if (next !== document) draw(changed(history, { ...drawn, document: next }, mark));
    },
    describe: (change) => draw(changed(history, { ...drawn, ...change }, Object.keys(change).join())),
    takeUp: (theirs) => {
      saver.takeUp(theirs.rev);
      setFlow(theirs);
      setHistory(changed(history, drawnOf(theirs)));
    },
    told: (told) => {
      saver.takeUp(told.rev);
      setFlow(told);
    },
    undo: history.past.length > 0 ? () => draw(undone(history)) : undefined,
    redo: history.future.length > 0 ? () => draw(redone(history)) : undefined,
  };
}

function drawnOf({ label, description, document }: Flow): Drawn {
  return { label, description, document };
}

/** The kind of a node; undefined when the server knows it no more. */
export function kindOf(kinds: FlowKinds, node: FlowNode): FlowNodeKind | undefined {
  return kinds.get(node.kind);
}

/**
 * The exits of a node, and those that lead somewhere though its kind has them no more. One that is taken by keys names them:
 * `1: sales`.
 */
export function shownExits(kinds: FlowKinds, node: FlowNode): FlowExit[] {
  const kind = kindOf(kinds, node);
  const known = kind ? exitsOf(kind, node) : [];
  const entries = kind?.exitsFrom === undefined ? [] : node.settings[kind.exitsFrom];
  const keysOf = (exit: string) =>
    (Array.isArray(entries) ? (entries as { exit?: unknown; key?: unknown }[]) : [])
      .filter((entry) => entry.exit === exit && typeof entry.key === 'string' && entry.key !== '')
      .map(({ key }) => String(key))
      .join(', ');
  return [
    ...known.map((exit) => {
      const keys = keysOf(exit.name);
      return keys === '' ? exit : { ...exit, label: `${keys}: ${exit.label}` };
    }),
    ...Object.keys(node.exits)
      .filter((name) => !known.some((exit) => exit.name === name))
      .map((name) => ({ name, label: name, required: false })),
  ];
}

/** What a node is called. */
export function titleOf(kinds: FlowKinds, node: FlowNode): string {
  return node.label || kindOf(kinds, node)?.label || node.kind;
}

function problemsOf(
  document: FlowDocument,
  kinds: FlowKinds,
  told: readonly FlowProblem[],
): readonly FlowProblem[] {
  const here = new Set(document.nodes.map(({ id }) => id));
  return [
    ...graphProblems(document, kinds),
    ...told.filter(({ code, nodeId }) => !OURS.includes(code) && (nodeId === null || here.has(nodeId))),
  ];
}

/** What is unsent goes out when the page is hidden or left. */
function useSavedAtLeaving(saver: DraftSaver): void {
  useEffect(() => {
    const leave = saver.open();
    const hidden = () => {
      if (document.visibilityState === 'hidden') void saver.flush();
    };
    document.addEventListener('visibilitychange', hidden);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      leave();
    };
  }, [saver]);
}
