/** Links stored recordings to the call logs of a CRM that takes links: through the outbox, one entry per recording and agent. */
import { RecordingLink } from '../protocol/crm.ts';
import type { Crm } from './crm/ports.ts';
import type { StoredRecording } from './recording/recordings.ts';
import type { Sql } from './store/database.ts';
import { enterOutbox, type OutboxHandler } from './store/outbox.ts';

export const RECORDING_LINK_KIND = 'crm.recording-link';

export interface RecordingLinkOptions {
  crm: Pick<Crm, 'missing'>;
  servingId(userId: string): string;
  /** Address of our own pages, without a slash behind. */
  pages: string;
}

/** Enters the links of a recording that is stored now. Entered again, they are the same. */
export async function enterRecordingLinks(
  sql: Sql,
  { crm, servingId, pages }: RecordingLinkOptions,
  recording: StoredRecording,
  now: number,
): Promise<void> {
  const { id, conversationId, startedAt, ms } = recording;
  for (const userId of recording.userIds) {
    if (crm.missing({ userId, roles: [] })['recording-link'] !== undefined) continue;
    const body: RecordingLink = {
      conversationId,
      userId,
      crmId: servingId(userId),
      recordingId: id,
      url: `${pages}/api/recordings/${encodeURIComponent(id)}/audio`,
      startedAt,
      durationSeconds: Math.round(ms / 1_000),
    };
    await enterOutbox(sql, { kind: RECORDING_LINK_KIND, idemKey: `recording:${id}:${userId}`, body }, now);
  }
}

/** The outbox handler of `crm.recording-link`: it waits until the log is there. */
export function recordingLinkHandler(crm: Pick<Crm, 'attachRecording'>): OutboxHandler {
  return (_key, body) => crm.attachRecording(RecordingLink.parse(body));
}
