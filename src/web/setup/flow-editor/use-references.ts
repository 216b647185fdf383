import { createContext, useContext } from 'react';
import type { BusinessHours } from '../../../protocol/hours.ts';
import type { ObjectMeta } from '../../../protocol/crm.ts';
import type { FlowField } from '../../../protocol/flow-nodes.ts';
import type { FlowRecording, FlowSummary } from '../../../protocol/flows.ts';
import type { Script } from '../../../protocol/scripts.ts';
import type { ShownQueue, ShownUser } from '../../../protocol/setup.ts';
import type { Skill } from '../../../protocol/skills.ts';
import { must } from '../../../lib/must.ts';
import type { Choice } from '../fields.tsx';
import { useAnswer, useRecords } from '../resource.ts';
import type { NameOf } from './summary.ts';

/** What settings can name: queues, users, and so on. */
export interface References {
  /** Undefined for a type that names nothing, and while the list is on its way. */
  choices(type: FlowField['type']): Choice[] | undefined;
  nameOf: NameOf;
  objects: readonly ObjectMeta[];
  recordings: readonly FlowRecording[];
}

const ReferencesContext = createContext<References | undefined>(undefined);
/** Gives what is inside the names of what settings can name. */
export const ReferencesProvider = ReferencesContext.Provider;

/** What settings can name. @throws outside of ReferencesProvider. */
export function useReferences(): References {
  return must(useContext(ReferencesContext), 'ReferencesProvider');
}

type Types = Partial<Record<FlowField['type'], Choice[]>>;

/** Reads it, once for the whole editor. */
export function useReadReferences(): References {
  const queues = useRecords<ShownQueue>('queues').data;
  const users = useRecords<ShownUser>('users').data;
  const hours = useRecords<BusinessHours>('business-hours', { field: 'hours' }).data;
  const scripts = useRecords<Script>('scripts').data;
  const skills = useRecords<Skill>('skills').data;
  const flows = useRecords<FlowSummary>('flows').data;
  const recordings = useRecords<FlowRecording>('flow-recordings', { field: 'recordings' }).data;
  const objects = useAnswer<ObjectMeta[]>('/api/crm/objects').data;
  const lists: Types = {
    queue: labelled(queues),
    user: users?.map(({ id, name }) => ({ value: id, label: name })),
    hours: labelled(hours),
    script: labelled(scripts),
    skill: labelled(skills),
    flow: labelled(flows),
    prompt: labelled(recordings),
    'crm-object': objects?.map(({ name, label }) => ({ value: name, label })),
  };
  return {
    choices: (type) => (type === 'prompt' ? undefined : lists[type]),
    nameOf: (type, id) => lists[type]?.find(({ value }) => value === id)?.label,
    objects: objects ?? [],
    recordings: recordings ?? [],
  };
}

function labelled(records: readonly { id: string; label: string }[] | undefined): Choice[] | undefined {
  return records?.map(({ id, label }) => ({ value: id, label }));
}
