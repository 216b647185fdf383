import { z } from 'zod';
import type { KeptTabs, WorkspaceState } from './workspace.ts';

/** More tabs than anybody finds his way in are not kept. */
const KEPT = 100;

const Tab = z.object({
  id: z.string().regex(/^tab\d+$/),
  path: z.string().startsWith('/').max(2_000),
  title: z.string(),
  parent: z.string().optional(),
  pinned: z.boolean().optional(),
});
const Kept = z.object({ tabs: z.array(Tab).min(1), active: z.string() });

/** The tabs that this user had in this window before it was reloaded. */
export function readTabs(userId: string, storage: Storage = sessionStorage): KeptTabs | undefined {
  try {
    return Kept.parse(JSON.parse(storage.getItem(keyOf(userId)) ?? ''));
  } catch {
    return undefined;
  }
}

export function keepTabs(
  userId: string,
  { tabs, active }: WorkspaceState,
  storage: Storage = sessionStorage,
): void {
  const kept = tabs.length > KEPT ? tabs.filter((tab) => tab.id === active) : tabs;
  try {
    storage.setItem(
      keyOf(userId),
      JSON.stringify({ tabs: kept.map((tab) => ({ ...tab, dirty: undefined })), active }),
    );
  } catch {
    // A full or forbidden storage costs the tabs after a reload, nothing else.
  }
}

function keyOf(userId: string): string {
  return `crosspoint.tabs.${userId}`;
}
