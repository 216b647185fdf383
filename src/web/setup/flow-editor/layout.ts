/** Tidies a flow: layers from left to right, in the order in which a caller comes through. */
import { Graph, type GraphLabel, layout as layered, type EdgeLabel, type NodeLabel } from '@dagrejs/dagre';

export interface Box {
  id: string;
  /** In pixels of the canvas at full size. */
  width: number;
  height: number;
}

export interface Place {
  x: number;
  y: number;
}

/** Room between two layers and between two nodes of one. */
const LAYER_GAP = 90;
const NODE_GAP = 32;

/**
 * Where each node's top left corner goes. Nodes keep the order in which they are given where the edges leave a choice, so the
 * first one begins and exits lie from top to bottom.
 */
export function tidy(
  boxes: readonly Box[],
  edges: readonly { from: string; to: string }[],
): Map<string, Place> {
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>();
  graph.setGraph({ rankdir: 'LR', ranksep: LAYER_GAP, nodesep: NODE_GAP, edgesep: 16 });
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  const known = new Set(boxes.map(({ id }) => id));
  // dagre fills a layer from below.
  for (const { from, to } of edges.toReversed())
    if (from !== to && known.has(from) && known.has(to)) graph.setEdge(from, to, {});
  layered(graph);
  return new Map(
    boxes.map(({ id, width, height }) => {
      const { x = 0, y = 0 } = graph.node(id) ?? {};
      return [id, { x: Math.round(x - width / 2), y: Math.round(y - height / 2) }];
    }),
  );
}
