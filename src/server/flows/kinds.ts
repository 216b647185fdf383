/** Every kind of node that a flow can have. */
import type { FlowKinds } from '../../protocol/flow-check.ts';
import type { NodeDefinition } from './node.ts';
import { callback } from './nodes/callback.ts';
import { collect } from './nodes/collect.ts';
import { hangup } from './nodes/hangup.ts';
import { hours } from './nodes/hours.ts';
import { http } from './nodes/http.ts';
import { lookup } from './nodes/lookup.ts';
import { menu } from './nodes/menu.ts';
import { position } from './nodes/position.ts';
import { queue } from './nodes/queue.ts';
import { record } from './nodes/record.ts';
import { say } from './nodes/say.ts';
import { script } from './nodes/script.ts';
import { set } from './nodes/set.ts';
import { speech } from './nodes/speech.ts';
import { test } from './nodes/test.ts';
import { transfer } from './nodes/transfer.ts';
import { voicemail } from './nodes/voicemail.ts';

/** In the order in which the editor offers them. */
export const NODES = [
  say,
  menu,
  collect,
  speech,
  position,
  hours,
  test,
  set,
  lookup,
  http,
  record,
  queue,
  transfer,
  callback,
  script,
  voicemail,
  hangup,
] as unknown as readonly NodeDefinition[];

export const NODE_BY_KIND: ReadonlyMap<string, NodeDefinition> = new Map(
  NODES.map((node) => [node.info.kind, node]),
);

export const KINDS: FlowKinds = new Map(NODES.map(({ info }) => [info.kind, info]));
