/**
 * A flow going on with one caller, from node to node. Before a node does anything it is noted that the caller has come to it,
 * so that a dialogue goes on there after a restart.
 *
 *     node ── noted ─► runs ── exit ─► the next node ─► …
 *                        ├── handed over: a queue, a user, or the end of the call has him
 *                        ├── the caller is gone: nothing more
 *                        └── it fails, its exit leads nowhere, or the flow goes round: the caller hears an apology, and is hung up
 */
import { isTooLate } from '../../protocol/errors.ts';
import type { FlowDocument, FlowNode } from '../../protocol/flows.ts';
import { NODE_BY_KIND } from './kinds.ts';
import { GoneError, type Outcome } from './node.ts';
import type { LiveTalk } from './talk.ts';

export interface DialogueOptions {
  document: FlowDocument;
  talk: LiveTalk;
  /** The caller has come to this node; resolves when it is durable. */
  enter(nodeId: string): Promise<void>;
  /** The node was left by this exit, which leads somewhere. */
  left?(nodeId: string, exit: string): void;
  /** Something went wrong that no exit is for: the caller is told, and hung up. */
  apologise(): Promise<void>;
  onError(what: string, error: unknown): void;
}

/**
 * So many nodes one after the other without the caller being asked anything: the flow goes round for ever. A checked one has a node
 * in each circle that asks, or rings somebody; but whoever is rung may be gone, and is then passed at once.
 */
const MAX_RESTLESS = 500;

/** Where it begins: at a node that is new to the caller, or at one that he has come to before, and since when he is there. */
export interface DialogueStart {
  nodeId: string | null;
  since?: number;
}

/** Resolves when the dialogue is over, or the caller somebody else's. Never rejects. */
export async function runDialogue(options: DialogueOptions, start: DialogueStart): Promise<void> {
  try {
    await walk(options, start);
  } catch (error) {
    if (error instanceof GoneError || isTooLate(error) || options.talk.ended) return;
    options.onError('a flow', error);
    await options
      .apologise()
      .catch((later: unknown) =>
        later instanceof GoneError || isTooLate(later) ? undefined : options.onError('a flow', later),
      );
  }
}

async function walk({ document, talk, enter, left }: DialogueOptions, start: DialogueStart): Promise<void> {
  let restless = 0;
  let { since } = start;
  for (let id: string | null | undefined = start.nodeId; ; ) {
    const node: FlowNode | undefined = document.nodes.find((one) => one.id === id);
    const kind = NODE_BY_KIND.get(node?.kind ?? '');
    if (!node || !kind) throw new Error(`there is no node ${id ?? 'to begin with'}`);
    if (++restless > MAX_RESTLESS)
      throw new Error(
        `it goes round at ${node.id}: ${MAX_RESTLESS} nodes without asking the caller anything`,
      );
    talk.enteredAt = since ?? talk.now();
    if (since === undefined) await enter(node.id);
    since = undefined;
    if (talk.ended) return;
    const { asked } = talk;
    const outcome: Outcome = await kind.run(kind.settings.parse(node.settings), talk);
    if (talk.asked > asked) restless = 0;
    if ('handedOver' in outcome) return;
    const exit = (node.exits[outcome.exit] === undefined ? outcome.otherwise : outcome.exit) ?? '';
    const next: string | undefined = node.exits[exit];
    if (next === undefined) throw new Error(`the exit ${outcome.exit} of ${node.id} leads nowhere`);
    left?.(node.id, exit);
    id = next;
  }
}
