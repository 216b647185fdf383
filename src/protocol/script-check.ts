/** What is wrong with an agent script: pure, for Setup's form and for the server alike. */
import { mentionsOf } from './script-text.ts';
import type { ScriptInput, ScriptProblem, ScriptStep } from './scripts.ts';

/** What a script may name outside itself; a kind that is left out is not checked. */
export interface ScriptSurroundings {
  /** API names of the fields of an object; undefined for an object that there is none of. */
  fieldsOf?(object: string): ReadonlySet<string> | undefined;
  /** By its label. */
  hasDisposition?(label: string): boolean;
}

/** The record that matches the caller. */
export const CALLER = 'caller';

/** Everything that is wrong, by step, the first step first. Empty: the script can be active. */
export function scriptProblems(
  script: Pick<ScriptInput, 'steps'>,
  around: ScriptSurroundings = {},
): ScriptProblem[] {
  const { steps } = script;
  const reached = reachable(steps);
  return steps.flatMap((step, index) => {
    const details = [
      ...(steps.findIndex(({ id }) => id === step.id) < index ? ['another step has this id'] : []),
      ...(reached.has(step.id) ? [] : ['nothing leads here']),
      ...targetProblems(step, steps),
      ...(silentLoop(step, steps) ? ['it leads back to itself without a screen between'] : []),
      ...fieldProblems(step, steps),
      ...textProblems(step, steps),
      ...surroundingProblems(step, around),
    ];
    return details.map((detail) => ({ step: step.id, detail }));
  });
}

/** Where a step can lead, in the order of its branches, with their names; null is the end. */
export function exitsOf(step: ScriptStep): { name: string; to: string | null }[] {
  switch (step.kind) {
    case 'screen':
      return [{ name: 'Next', to: step.next }];
    case 'branch':
      return [
        ...step.rules.map(({ next }, index) => ({ name: `Rule ${index + 1}`, to: next })),
        { name: 'Otherwise', to: step.otherwise },
      ];
    case 'lookup':
      return [
        { name: 'Found', to: step.found },
        { name: 'Not found', to: step.missing },
      ];
    case 'update':
    case 'create':
      return [
        { name: 'Next', to: step.next },
        { name: 'Refused', to: step.failed },
      ];
    case 'end':
      return [];
  }
}

function reachable(steps: readonly ScriptStep[]): ReadonlySet<string> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const seen = new Set<string>();
  const visit = (id: string | null | undefined): void => {
    const step = id === null || id === undefined ? undefined : byId.get(id);
    if (!step || seen.has(step.id)) return;
    seen.add(step.id);
    for (const { to } of exitsOf(step)) visit(to);
  };
  visit(steps[0]?.id);
  return seen;
}

function targetProblems(step: ScriptStep, steps: readonly ScriptStep[]): string[] {
  return exitsOf(step)
    .filter(({ to }) => to !== null && !steps.some(({ id }) => id === to))
    .map(({ name, to }) => `${name}: there is no step ${to}`);
}

const isShown = ({ kind }: ScriptStep) => kind === 'screen' || kind === 'end';

/** A loop that no screen interrupts never ends. Told once, at its first step in the list. */
function silentLoop(step: ScriptStep, steps: readonly ScriptStep[]): boolean {
  if (isShown(step)) return false;
  const byId = new Map(steps.map((one) => [one.id, one]));
  const seen = new Set<string>();
  const visit = (from: ScriptStep): boolean =>
    exitsOf(from).some(({ to }) => {
      if (to === step.id) return true;
      const next = to === null ? undefined : byId.get(to);
      if (!next || isShown(next) || seen.has(next.id)) return false;
      seen.add(next.id);
      return visit(next);
    });
  if (!visit(step)) return false;
  return !steps.slice(0, steps.indexOf(step)).some((earlier) => seen.has(earlier.id));
}

function fieldProblems(step: ScriptStep, steps: readonly ScriptStep[]): string[] {
  if (step.kind !== 'screen') return [];
  return step.fields.flatMap((field, index) => [
    ...(step.fields.findIndex(({ name }) => name === field.name) < index
      ? [`${field.label}: two fields are named ${field.name}`]
      : []),
    ...(steps.some((other) => other !== step && typeElsewhere(other, field.name, field.type))
      ? [`${field.label}: another screen asks for ${field.name} in another way`]
      : []),
    ...(field.type.startsWith('choice') && field.options.length < 2
      ? [`${field.label}: a choice needs two options at least`]
      : []),
    ...(new Set(field.options).size < field.options.length
      ? [`${field.label}: an option is there twice`]
      : []),
  ]);
}

function typeElsewhere(step: ScriptStep, name: string, type: string): boolean {
  return step.kind === 'screen' && step.fields.some((field) => field.name === name && field.type !== type);
}

/** The texts of a step that may have placeholders, with their names. */
function textsOf(step: ScriptStep): [where: string, template: string][] {
  switch (step.kind) {
    case 'screen':
      return [
        ['text', step.text],
        ...step.fields.map(({ label, initial }): [string, string] => [label, initial]),
      ];
    case 'branch':
      return step.rules.flatMap(({ all }, index) =>
        all.flatMap(({ left, right }): [string, string][] => [
          [`rule ${index + 1}`, left],
          [`rule ${index + 1}`, right],
        ]),
      );
    case 'lookup':
      return [['value', step.value]];
    case 'update':
    case 'create':
      return Object.entries(step.fields);
    case 'end':
      return [['text', step.text]];
  }
}

function textProblems(step: ScriptStep, steps: readonly ScriptStep[]): string[] {
  const answers = new Set(
    steps.flatMap((one) => (one.kind === 'screen' ? one.fields.map((f) => f.name) : [])),
  );
  const records = recordNames(steps);
  const wrong = textsOf(step).flatMap(([where, template]) =>
    mentionsOf(template).flatMap(({ inner, mention }) => {
      if (!mention) return [`${where}: there is no placeholder {${inner}}`];
      if (mention.of === 'answer' && !answers.has(mention.name))
        return [`${where}: no screen asks for ${mention.name}`];
      if (mention.of === 'record' && !records.has(mention.name))
        return [`${where}: no step finds a record ${mention.name}`];
      return [];
    }),
  );
  if (step.kind === 'update' && !records.has(step.record))
    return [...wrong, `no step finds a record ${step.record}`];
  return wrong;
}

function recordNames(steps: readonly ScriptStep[]): ReadonlySet<string> {
  return new Set([
    CALLER,
    ...steps.flatMap((step) => (step.kind === 'lookup' || step.kind === 'create' ? [step.into] : [])),
  ]);
}

function surroundingProblems(step: ScriptStep, { fieldsOf, hasDisposition }: ScriptSurroundings): string[] {
  if (step.kind === 'end' && step.disposition !== null && hasDisposition && !hasDisposition(step.disposition))
    return [`no queue has the wrap-up code ${step.disposition}`];
  if ((step.kind !== 'lookup' && step.kind !== 'create') || !fieldsOf) return [];
  const fields = fieldsOf(step.object);
  if (!fields) return [`there is no object ${step.object}`];
  const named = step.kind === 'lookup' ? [step.field] : Object.keys(step.fields);
  return named.filter((name) => !fields.has(name)).map((name) => `${step.object} has no field ${name}`);
}
