/** A softphone layout as Open CTI sees it: what getSoftphoneLayout answers, what is searched and what pops. */
import type { ObjectMeta } from '../../protocol/crm.ts';
import type { CallType, CallTypeLayout, PopTarget, SoftphoneLayout } from '../../protocol/layouts.ts';

/** What a layout that names no objects shows of each. */
const USUAL: Record<string, string[]> = {
  Account: ['Name', 'Phone', 'Type', 'BillingCity'],
  Contact: ['Name', 'AccountId', 'Title', 'Phone', 'MobilePhone', 'Email'],
  Lead: ['Name', 'Company', 'Status', 'Phone', 'MobilePhone', 'Email'],
  Case: ['CaseNumber', 'Subject', 'Status', 'ContactId', 'AccountId'],
};

/** The name by which adapters know a script. */
export type ScriptName = (scriptId: string) => string;

export interface ShownObject {
  object: string;
  fields: string[];
}

/** What is searched for a call and shown of each record. An object without fields shows nothing. */
export function objectsOf({ objects }: CallTypeLayout): ShownObject[] {
  return objects ?? Object.entries(USUAL).map(([object, fields]) => ({ object, fields }));
}

/** What getSoftphoneLayout answers. */
export function describeLayout(
  layout: SoftphoneLayout,
  objects: readonly ObjectMeta[],
  scriptName: ScriptName,
): Record<string, unknown> {
  const kinds: [string, CallType][] = [
    ['Internal', 'internal'],
    ['Inbound', 'inbound'],
    ['Outbound', 'outbound'],
  ];
  return Object.fromEntries(
    kinds.map(([name, kind]) => [name, describeCall(kind, layout[kind], objects, scriptName)]),
  );
}

function describeCall(
  kind: CallType,
  layout: CallTypeLayout,
  objects: readonly ObjectMeta[],
  scriptName: ScriptName,
): Record<string, unknown> {
  const labelOf = (object: string, field: string) =>
    objects.find((meta) => meta.name === object)?.fields.find((one) => one.name === field)?.label ?? field;
  const { pop } = layout;
  return {
    callRelatedFields: layout.fields.filter((field) => !field.startsWith('data:')),
    objects: Object.fromEntries(
      objectsOf(layout).map(({ object, fields }) => [
        object,
        fields.map((field) => ({ displayName: labelOf(object, field), apiName: field })),
      ]),
    ),
    // Only inbound calls pop by themselves.
    screenPopSettings:
      kind === 'inbound'
        ? {
            screenPopsOpenWithin: pop.open === 'window' ? 'NewWindow' : 'ExistingWindow',
            NoMatch: describePop(pop.none, scriptName),
            SingleMatch: describePop(pop.one, scriptName),
            MultipleMatches: describePop(pop.many, scriptName),
          }
        : {},
  };
}

function describePop(target: PopTarget, scriptName: ScriptName): Record<string, string> {
  switch (target.kind) {
    case 'record':
      return { screenPopType: 'PopToEntity' };
    case 'new':
      return { screenPopType: 'PopToEntity', screenPopData: target.object };
    case 'search':
      return { screenPopType: 'PopToSearch' };
    case 'page':
      return { screenPopType: 'PopToVisualforce', screenPopData: target.url };
    case 'script':
      return { screenPopType: 'PopToFlow', screenPopData: scriptName(target.scriptId) };
    default:
      return { screenPopType: 'DoNotPop' };
  }
}
