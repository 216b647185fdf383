/** What a node says of its settings on the canvas, in a few short lines. */
import type { FlowField, FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import type { FlowNode } from '../../../protocol/flows.ts';

/** The name of what an id of this type means; undefined when there is no such thing (any more). */
export type NameOf = (type: FlowField['type'], id: string) => string | undefined;

const MAX_LINES = 3;
const MAX_LETTERS = 90;

/** What stands in the settings, the most telling first: spoken words, then what differs from the beginning. */
export function summaryOf(
  kind: FlowNodeKind | undefined,
  { settings }: Pick<FlowNode, 'settings'>,
  nameOf: NameOf,
  language: string,
): string[] {
  const fields = (kind?.fields ?? []).filter(({ name }) => name !== kind?.exitsFrom);
  const ordered = [...fields].sort((a, b) => rank(a) - rank(b));
  return ordered
    .flatMap((field) => lineOf(field, settings[field.name], nameOf, language) ?? [])
    .slice(0, MAX_LINES)
    .map((line) => (line.length > MAX_LETTERS ? `${line.slice(0, MAX_LETTERS - 1)}…` : line));
}

function rank({ type, required }: FlowField): number {
  if (type === 'prompt') return 0;
  return required ? 1 : 2;
}

function lineOf(field: FlowField, value: unknown, nameOf: NameOf, language: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (!field.required && JSON.stringify(value) === JSON.stringify(field.initial)) return undefined;
  if (field.type === 'prompt') return promptLine(value, nameOf, language);
  const text = valueText(field, value, nameOf);
  return text === undefined ? undefined : `${field.label}: ${text}`;
}

function promptLine(value: unknown, nameOf: NameOf, language: string): string | undefined {
  const prompts = value as Record<string, { text?: string; recordingId?: string } | undefined>;
  const said = prompts[language] ?? Object.values(prompts)[0];
  if (said?.text) return `“${said.text}”`;
  if (said?.recordingId !== undefined)
    return `▶ ${nameOf('prompt', said.recordingId) ?? 'a recording that is gone'}`;
  return undefined;
}

/** A value of a setting as a person reads it. */
function valueText(field: FlowField, value: unknown, nameOf: NameOf): string | undefined {
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined;
    return field.type === 'list' ? countText(value.length) : value.map(String).join(', ');
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return field.unit ? `${value} ${field.unit}` : String(value);
  if (typeof value !== 'string') return undefined;
  if (field.type === 'choice') return field.options?.find((option) => option.value === value)?.label ?? value;
  if (field.type === 'secret') return value;
  return nameOf(field.type, value) ?? value;
}

function countText(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}
