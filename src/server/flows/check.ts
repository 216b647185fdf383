/**
 * What keeps a flow from being published: its graph (protocol/flow-check.ts), the settings of its nodes, and what they name that
 * there is not. Pure: what there is comes as data.
 */
import { graphProblems } from '../../protocol/flow-check.ts';
import type { FlowField } from '../../protocol/flow-nodes.ts';
import type { FlowDocument, FlowNode, FlowPrompt, FlowProblem } from '../../protocol/flows.ts';
import { KINDS, NODE_BY_KIND } from './kinds.ts';

/** What settings may name outside the flow, by the type of the field. */
export type ReferenceKind = 'queue' | 'user' | 'hours' | 'script' | 'skill' | 'recording' | 'secret';

/** Whether there is one of this kind with this id, or name. */
export type Exists = (kind: ReferenceKind, id: string) => boolean;

/** The fields that name something, and the word for it. */
export const REFERENCES: Readonly<Partial<Record<FlowField['type'], [ReferenceKind, string]>>> = {
  queue: ['queue', 'queue'],
  user: ['user', 'user'],
  hours: ['hours', 'set of business hours'],
  script: ['script', 'active script'],
  skill: ['skill', 'skill'],
};

/** Everything that is wrong; empty: it can be published. */
export function flowProblems(document: FlowDocument, exists: Exists): FlowProblem[] {
  return [
    ...graphProblems(document, KINDS),
    ...document.nodes.flatMap((node) => settingsProblems(node, document, exists)),
  ];
}

function settingsProblems(node: FlowNode, { languages }: FlowDocument, exists: Exists): FlowProblem[] {
  const kind = NODE_BY_KIND.get(node.kind);
  if (!kind) return [];
  const checked = kind.settings.safeParse(node.settings);
  if (!checked.success)
    return checked.error.issues.map((issue) => {
      const field = issue.path.join('.');
      const label = kind.info.fields.find(({ name }) => name === issue.path[0])?.label ?? field;
      const missing = issue.code === 'invalid_type' && issue.input === undefined;
      const detail = `${label}: ${missing ? 'this is needed' : issue.message}.`;
      return { code: 'settings', nodeId: node.id, field, detail };
    });
  const settings = checked.data as Record<string, unknown>;
  return kind.info.fields.flatMap((field) =>
    eachValue(field, settings[field.name], field.name).flatMap(([of, value, path]) =>
      valueProblems(of, value, languages, exists).map(([code, detail]) => ({
        code,
        nodeId: node.id,
        field: path,
        detail: `${field.label}: ${detail}`,
      })),
    ),
  );
}

/** The value, or those in the entries of a list, with their paths. */
function eachValue(field: FlowField, value: unknown, path: string): [FlowField, unknown, string][] {
  if (field.type !== 'list' || !Array.isArray(value)) return [[field, value, path]];
  return value.flatMap((entry: Record<string, unknown>, index) =>
    (field.columns ?? []).map((column): [FlowField, unknown, string] => [
      column,
      entry[column.name],
      `${path}.${index}.${column.name}`,
    ]),
  );
}

function valueProblems(
  field: FlowField,
  value: unknown,
  languages: readonly string[],
  exists: Exists,
): [FlowProblem['code'], string][] {
  if (field.type === 'prompt') return promptProblems(value as FlowPrompt, languages, exists);
  if (typeof value !== 'string' || value === '') return [];
  const reference = REFERENCES[field.type];
  if (reference && !exists(reference[0], value))
    return [['missing-reference', `there is no such ${reference[1]} any more.`]];
  if (field.type === 'template' || field.type === 'long-text') return textProblems(value, exists);
  return [];
}

function promptProblems(
  prompt: FlowPrompt,
  [first = 'en']: readonly string[],
  exists: Exists,
): [FlowProblem['code'], string][] {
  const spoken = Object.values(prompt);
  const texts = spoken.flatMap((one) => ('text' in one ? [one.text] : []));
  const lost = spoken.some((one) => 'recordingId' in one && !exists('recording', one.recordingId));
  const missesFirst = spoken.length > 0 && !prompt[first];
  return [
    ...(missesFirst ? [['settings', `say it in ${first}, the flow's first language.`] as const] : []),
    ...(lost ? [['missing-reference', 'there is no such recording any more.'] as const] : []),
    ...texts.flatMap((text) => textProblems(text, exists)),
  ].map(([code, detail]) => [code, detail]);
}

const PLACEHOLDER = /\{([A-Za-z]\w*(?::[^{}]*)?)\}/g;

function textProblems(text: string, exists: Exists): [FlowProblem['code'], string][] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, inner = '']): [FlowProblem['code'], string][] => {
    if (inner === 'ANI' || inner === 'DNIS' || /^data:[A-Za-z][\w.-]{0,63}$/.test(inner)) return [];
    const secret = /^secret:([\w.-]{1,64})$/.exec(inner)?.[1];
    if (secret === undefined) return [['settings', `there is no placeholder {${inner}}.`]];
    return exists('secret', secret) ? [] : [['missing-reference', `there is no secret ${secret}.`]];
  });
}

export interface Reference {
  kind: ReferenceKind;
  id: string;
}

/** Everything outside the flow that its nodes name. */
export function referencesOf(document: FlowDocument): Reference[] {
  const found: Reference[] = [];
  const note: Exists = (kind, id) => {
    found.push({ kind, id });
    return true;
  };
  flowProblems(document, note);
  return found;
}
