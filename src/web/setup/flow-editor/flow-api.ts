/** What the editor asks of the server. */
import { FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import { FlowTrial, type FlowTrialAct, type FlowTrialStart } from '../../../protocol/flow-trials.ts';
import { Flow, type FlowDraft, FlowRecording, type FlowVersion } from '../../../protocol/flows.ts';
import { api, toCodedError } from '../../ui/api.ts';

/** Where a flow is on the server. */
export function flowPath(id: string): string {
  return `/api/flows/${encodeURIComponent(id)}`;
}

/** Stores the draft. @throws `conflict` when it has another revision by now. */
export function saveDraft(id: string, draft: FlowDraft): Promise<Flow> {
  return api<Flow>(flowPath(id), { method: 'PUT', body: draft, schema: Flow });
}

/** Makes the draft of this revision what new calls get. @throws `conflict`; `flow-problems` when something keeps it from that. */
export function publish(id: string, rev: number, note: string): Promise<Flow> {
  return api<Flow>(`${flowPath(id)}/publish`, { body: { rev, note }, schema: Flow });
}

/** Makes the draft what a version was. */
export function revert(id: string, rev: number, version: number): Promise<Flow> {
  return api<Flow>(`${flowPath(id)}/revert`, { body: { rev, version }, schema: Flow });
}

/** What was published, the newest first. */
export async function readVersions(id: string, signal: AbortSignal): Promise<FlowVersion[]> {
  return (await api<{ versions: FlowVersion[] }>(`${flowPath(id)}/versions`, { signal })).versions;
}

/** Every kind of node, with its fields and exits. */
export async function readKinds(signal: AbortSignal): Promise<FlowNodeKind[]> {
  const { kinds } = await api<{ kinds: unknown[] }>('/api/flow-nodes', { signal });
  return kinds.map((kind) => FlowNodeKind.parse(kind));
}

/** Where the sound of a prompt's recording is. */
export function recordingAudio(id: string): string {
  return `/api/flow-recordings/${encodeURIComponent(id)}/audio`;
}

/** A recording as it was chosen from the person's disk; its name is the file's. */
export async function uploadRecording(file: File, language: string): Promise<FlowRecording> {
  const query = new URLSearchParams({ label: file.name.replace(/\.wav$/i, '').slice(0, 80), language });
  const response = await fetch(`/api/flow-recordings?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'audio/wav' },
    body: file,
    credentials: 'same-origin',
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw toCodedError(response.status, body);
  return FlowRecording.parse(body);
}

/** Calls the draft, with nobody's telephone. */
export function startTrial(flowId: string, start: FlowTrialStart): Promise<FlowTrial> {
  return api<FlowTrial>(`${flowPath(flowId)}/trials`, { body: start, schema: FlowTrial });
}

/** What the one in the caller's place does. @throws `not-found` once it is forgotten. */
export function actInTrial(id: string, act: FlowTrialAct): Promise<FlowTrial> {
  return api<FlowTrial>(`/api/flow-trials/${encodeURIComponent(id)}/act`, { body: act, schema: FlowTrial });
}
