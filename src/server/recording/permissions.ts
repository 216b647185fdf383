import type { Role } from '../../protocol/api.ts';
import type { RecordingSettings } from '../../protocol/recording.ts';
import type { RecordingRow } from './recordings.ts';

export interface Listener {
  id: string;
  roles: readonly Role[];
}

/**
 * Supervisors and administrators hear every recording, agents those of their own calls where the settings allow it. A message is
 * for whoever opens its box: its user, the members of its queue.
 */
export function permissions(
  user: Listener,
  row: Pick<RecordingRow, 'userIds' | 'why' | 'queueId'>,
  settings: RecordingSettings,
  isMember: (queueId: string) => boolean,
): { see: boolean; play: boolean; download: boolean } {
  if (leads(user)) return { see: true, play: true, download: true };
  const own = row.userIds.includes(user.id);
  if (row.why === 'voicemail') {
    const open = own || (row.queueId !== null && isMember(row.queueId));
    return { see: open, play: open, download: open };
  }
  const play = own && settings.agentsMayPlay;
  return { see: own, play, download: play && settings.agentsMayDownload };
}

/** Sees the recordings of others too. */
export function leads({ roles }: Pick<Listener, 'roles'>): boolean {
  return roles.includes('supervisor') || roles.includes('administrator');
}
