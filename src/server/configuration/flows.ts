/** Flows in the file: what callers hear, and the draft where it is another. What their nodes name stands there by its name. */
import { z } from 'zod';
import { SECRET_PLACEHOLDER } from '../../protocol/configuration.ts';
import {
  type Flow,
  FlowDocument,
  FlowFields,
  FlowSecretInput,
  FlowSecretName,
} from '../../protocol/flows.ts';
import { refuse } from '../callcenter/refuse.ts';
import type { ReferenceKind } from '../flows/check.ts';
import { renameReferences } from '../flows/rename-references.ts';
import { stable } from './diff.ts';
import { byLabel, idOf, nameOf, nameOfRecording, section } from './section.ts';
import type { Stores } from './stores.ts';

const SecretItem = FlowSecretInput.strict();
type SecretItem = z.output<typeof SecretItem>;

/** What flows name in HTTP requests: a value is written to the file by hand, and never comes out. */
export const flowSecrets = section<SecretItem>({
  section: 'flowSecrets',
  item: SecretItem,
  list: ({ flowSecrets: all }) =>
    all.names().map((name) => ({ id: name, name, item: { secret: SECRET_PLACEHOLDER } })),
  async add({ flowSecrets: all }, name, { secret }) {
    const named = FlowSecretName.safeParse(name);
    if (!named.success) refuse('', named.error.issues[0]?.message ?? '');
    if (secret === SECRET_PLACEHOLDER) refuse('secret', 'a new secret needs its value in its place');
    await all.put(name, secret);
  },
  change: ({ flowSecrets: all }, name, { secret }) => all.put(name, secret),
  remove: ({ flowSecrets: all }, name) => all.remove(name),
  settled: () => ({ secret: SECRET_PLACEHOLDER }),
  shown: ({ secret }) => (secret === SECRET_PLACEHOLDER ? {} : { secret: 'set anew' }),
});

const FlowItem = z
  .object({
    description: FlowFields.shape.description,
    /** What new calls get; null: it was never published. */
    published: FlowDocument.nullable().default(null),
    /** Null: as it is published. */
    draft: FlowDocument.nullable().default(null),
  })
  .strict()
  .refine(({ published, draft }) => published ?? draft, {
    path: ['draft'],
    message: 'what is not published needs a draft',
  });
type FlowItem = z.output<typeof FlowItem>;

export const flows = section<FlowItem>({
  section: 'flows',
  item: FlowItem,
  list: (stores) =>
    stores.flows.all().map(({ id, label }) => ({
      id,
      name: label,
      item: itemOf(stores, stores.flows.must(id)),
    })),
  // Empty at first: what its nodes name may name numbers that lead to it. The next round changes it to what it is to be.
  add: ({ flows: all }, label, { description }) => all.add({ label, description }),
  async change(stores, id, item, before) {
    if (before.published && !item.published)
      refuse('published', 'a flow that callers have heard stays published: remove it, or publish another');
    const { published, draft } = documentsOf(stores, item);
    const { description } = item;
    if (published && stable(item.published) !== stable(before.published))
      await publish(stores, await save(stores, id, description, published), 'published');
    const wanted = draft ?? published;
    if (wanted) await save(stores, id, description, wanted);
  },
  remove: (stores, id) => stores.flows.remove(id),
});

function itemOf(stores: Stores, { id, description, document }: Flow): FlowItem {
  const named = (one: FlowDocument) => renameReferences(one, (kind, ref) => nameFor(stores, kind, ref));
  const published = stores.flows.published(id)?.document;
  const same = published && stable(published) === stable(document);
  return {
    description,
    published: published ? named(published) : null,
    draft: same ? null : named(document),
  };
}

function documentsOf(
  stores: Stores,
  { published, draft }: FlowItem,
): { published: FlowDocument | null; draft: FlowDocument | null } {
  const ids = (where: string, one: FlowDocument | null) =>
    one && renameReferences(one, (kind, name, path) => idFor(stores, kind, name, `${where}.${path}`));
  return { published: ids('published', published), draft: ids('draft', draft) };
}

/** A draft that is there already is not saved again: its revision is what Setup edits by. */
async function save(
  { flows: all }: Stores,
  id: string,
  description: string,
  document: FlowDocument,
): Promise<Flow> {
  const now = all.must(id);
  if (now.description === description && stable(now.document) === stable(document)) return now;
  return await all.save(id, { rev: now.rev, label: now.label, description, document });
}

async function publish({ flows: all }: Stores, { id, rev, problems }: Flow, field: string): Promise<void> {
  const [first] = problems;
  if (first) refuse(field, `${first.nodeId ?? 'the flow'}: ${first.detail}`);
  await all.publish(id, { rev, note: 'From the configuration file' }, '');
}

function nameFor(stores: Stores, kind: ReferenceKind, id: string): string {
  const { callCenter, hours, scripts, flowRecordings } = stores;
  switch (kind) {
    case 'queue':
      return nameOf(callCenter.queues(), byLabel, id);
    case 'user':
      return nameOf(callCenter.users(), (user) => user.username, id);
    case 'hours':
      return nameOf(hours.all(), byLabel, id);
    case 'script':
      return scripts.get(id)?.name ?? id;
    case 'skill':
      return nameOf(callCenter.skills(), byLabel, id);
    case 'recording':
      return nameOf(flowRecordings.all(), nameOfRecording, id);
    case 'secret':
      return id;
  }
}

function idFor(stores: Stores, kind: ReferenceKind, name: string, path: string): string {
  const { callCenter, hours, scripts, flowRecordings } = stores;
  switch (kind) {
    case 'queue':
      return idOf(callCenter.queues(), byLabel, name, 'queue', path);
    case 'user':
      return idOf(callCenter.users(), (user) => user.username, name, 'user', path);
    case 'hours':
      return idOf(hours.all(), byLabel, name, 'set of business hours', path);
    case 'script':
      return scripts.named(name)?.id ?? refuse(path, `there is no script ${name}`);
    case 'skill':
      return idOf(callCenter.skills(), byLabel, name, 'skill', path);
    case 'recording':
      return idOf(flowRecordings.all(), nameOfRecording, name, 'recording', path);
    case 'secret':
      return name;
  }
}
