import type { CrmRecord } from '../../protocol/crm.ts';

/** A task as the timeline shows it. */
export interface TaskView {
  id: string;
  kind: 'call' | 'email' | 'task';
  subject: string;
  /** UTC milliseconds: a call's begin, else when it was created. */
  at: number;
  /** A calendar day, for what is still to be done. */
  due?: string;
  direction?: 'Inbound' | 'Outbound' | 'Internal';
  durationMs?: number;
  disposition?: string;
  /** Absent when completed: that is what one expects of what has happened. */
  status?: string;
  owner?: string;
  comments?: string;
  /** Of a call that was ours. */
  conversationId?: string;
}

const DIRECTIONS = ['Inbound', 'Outbound', 'Internal'] as const;

/** Reads a Task; its fields have the names that Salesforce gives them. */
export function readTask({ id, name, fields, names, createdAt }: CrmRecord): TaskView {
  const text = (field: string) =>
    typeof fields[field] === 'string' && fields[field] !== '' ? fields[field] : undefined;
  const direction = DIRECTIONS.find((one) => one === fields.CallType);
  const seconds = fields.CallDurationInSeconds;
  const subtype = text('TaskSubtype');
  const call = subtype === 'Call' || direction !== undefined;
  const done = fields.Status === 'Completed';
  const began = Date.parse(text('CallStart') ?? '');
  return {
    id,
    kind: call ? 'call' : subtype === 'Email' ? 'email' : 'task',
    subject: name || 'Task',
    at: Number.isNaN(began) ? createdAt : began,
    due: done || call ? undefined : text('ActivityDate'),
    direction,
    durationMs: typeof seconds === 'number' ? seconds * 1000 : undefined,
    disposition: text('CallDisposition'),
    status: done ? undefined : text('Status'),
    owner: names[text('OwnerId') ?? ''],
    comments: text('Description'),
    conversationId: text('CallObject'),
  };
}
