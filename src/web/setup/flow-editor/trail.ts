import type { FlowTrial } from '../../../protocol/flow-trials.ts';

/** Where the caller of the try-out is and has been, for the canvas. */
export interface Trail {
  here: string | null;
  been: ReadonlySet<string>;
  /** Exits that were taken, as `node:exit`. */
  taken: ReadonlySet<string>;
}

/** The trail of a try-out, as far as it has come. */
export function trailOf({ nodeId, entries }: Pick<FlowTrial, 'nodeId' | 'entries'>): Trail {
  return {
    here: nodeId,
    been: new Set(entries.flatMap((entry) => entry.nodeId ?? [])),
    taken: new Set(
      entries
        .filter(({ kind, exit }) => kind === 'exit' && exit !== undefined)
        .map((entry) => `${entry.nodeId}:${entry.exit}`),
    ),
  };
}
