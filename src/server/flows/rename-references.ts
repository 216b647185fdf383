/** A flow with what its nodes name outside of it called otherwise: ids within an organisation, names in a file. */
import type { FlowField } from '../../protocol/flow-nodes.ts';
import type { FlowDocument, FlowNode } from '../../protocol/flows.ts';
import { REFERENCES, type ReferenceKind } from './check.ts';
import { NODE_BY_KIND } from './kinds.ts';

/** @param path where it stands in the document, such as `nodes.3.settings.queueId`. */
export type Rename = (kind: ReferenceKind, id: string, path: string) => string;

/** Also of a draft that is not finished: what is not as its kind says stays as it is. */
export function renameReferences(document: FlowDocument, rename: Rename): FlowDocument {
  return {
    ...document,
    nodes: document.nodes.map((node, index) => renamedNode(node, rename, `nodes.${index}.settings`)),
  };
}

function renamedNode(node: FlowNode, rename: Rename, path: string): FlowNode {
  const fields = NODE_BY_KIND.get(node.kind)?.info.fields ?? [];
  return { ...node, settings: renamedFields(fields, node.settings, rename, path) };
}

function renamedFields(
  fields: readonly FlowField[],
  values: Record<string, unknown>,
  rename: Rename,
  path: string,
): Record<string, unknown> {
  const renamed = fields
    .filter(({ name }) => name in values)
    .map((field) => [field.name, renamedValue(field, values[field.name], rename, `${path}.${field.name}`)]);
  return { ...values, ...Object.fromEntries(renamed) };
}

function renamedValue(field: FlowField, value: unknown, rename: Rename, path: string): unknown {
  if (field.type === 'list')
    return Array.isArray(value)
      ? value.map((entry: unknown, index) =>
          isPlain(entry) ? renamedFields(field.columns ?? [], entry, rename, `${path}.${index}`) : entry,
        )
      : value;
  if (field.type === 'prompt') return isPlain(value) ? renamedPrompt(value, rename, path) : value;
  const reference = REFERENCES[field.type];
  return reference && typeof value === 'string' && value !== '' ? rename(reference[0], value, path) : value;
}

function renamedPrompt(prompt: Record<string, unknown>, rename: Rename, path: string): object {
  const spoken = Object.entries(prompt).map(([language, said]) => [
    language,
    isPlain(said) && typeof said.recordingId === 'string'
      ? { ...said, recordingId: rename('recording', said.recordingId, `${path}.${language}`) }
      : said,
  ]);
  return Object.fromEntries(spoken);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
