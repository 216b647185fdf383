/** Channels and bridges of ours that are nobody's legs: they carry audio between a leg and a supervisor, or us. */
import type { AriChannel } from './ari-types.ts';

/** Whether a channel is in our application, but not as a leg. */
export function isInner({ dialplan }: AriChannel, app: string): boolean {
  const [owner, kind] = dialplan.app_data.split(',');
  return dialplan.app_name === 'Stasis' && owner === app && !isLegKind(kind);
}

/** The first argument of our application for legs: `arrived` from the dialplan, `leg` for those that we make. */
export function isLegKind(kind: string | undefined): boolean {
  return kind === 'arrived' || kind === 'leg';
}

/** Bridges of this name are not listed. */
export function innerBridgeName(app: string): string {
  return `${app}-inner`;
}
