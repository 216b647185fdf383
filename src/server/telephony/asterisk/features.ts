/**
 * What this Asterisk's ARI has. It publishes the description of its own API (`api-docs`), which says more than its version:
 * operations were added to 20, 21 and 22 at different times.
 */
import { DeadlineError } from '../../../lib/deadline.ts';
import type { SwitchAbility } from '../ports.ts';
import type { AriLink, AriLog } from './ari-link.ts';
import { AriGoneError } from './ari-rest.ts';

interface ApiDocument {
  apis: {
    path: string;
    operations: {
      httpMethod: string;
      parameters?: { name: string; allowableValues?: { values?: string[] } }[];
    }[];
  }[];
}

export interface AriFeatures {
  /** Several variables in one request: 20.20, 22.10. */
  setVariables: boolean;
  /** A phone's REFER is told to us: 20.13, 21.8, 22.3. */
  transfers: boolean;
  /** Audio over a WebSocket that we open: 20.16, 21.11, 22.6. */
  mediaSocket: boolean;
}

export const ALL_FEATURES: AriFeatures = { setVariables: true, transfers: true, mediaSocket: true };

/** Asks Asterisk; one that does not describe its API is taken for a new one. Rejects when the connection is gone. */
export async function featuresOf(
  link: Pick<AriLink, 'download'>,
  log: Pick<AriLog, 'info'>,
  deadlineMs: number,
): Promise<AriFeatures> {
  try {
    const response = await link.download('api-docs/channels.json', deadlineMs);
    return readFeatures(await response.text());
  } catch (error) {
    if (error instanceof AriGoneError || error instanceof DeadlineError) throw error;
    log.info({ reason: String(error) }, 'this Asterisk does not say what its ARI has');
    return ALL_FEATURES;
  }
}

/** Sets variables of a channel in one request, or one after the other where there is no such request. */
export async function setVariables(
  link: Pick<AriLink, 'request'>,
  features: AriFeatures,
  channelId: string,
  variables: Record<string, string>,
  deadlineMs: number,
): Promise<void> {
  if (features.setVariables) {
    await link.request('setVariables', { channelId, variables }, deadlineMs);
    return;
  }
  for (const [variable, value] of Object.entries(variables))
    await link.request('setVariable', { channelId, variable, value }, deadlineMs);
}

/** From the text of `api-docs/channels.json`. Throws for what is no such document. */
export function readFeatures(text: string): AriFeatures {
  const { apis } = JSON.parse(text) as ApiDocument;
  const find = (method: string, path: string) =>
    apis.find((api) => api.path === path)?.operations.find((o) => o.httpMethod === method);
  const media = find('POST', '/channels/externalMedia')?.parameters?.find((p) => p.name === 'transport');
  return {
    setVariables: find('POST', '/channels/{channelId}/variables') !== undefined,
    transfers: find('POST', '/channels/{channelId}/transfer_progress') !== undefined,
    mediaSocket: media?.allowableValues?.values?.includes('websocket') ?? false,
  };
}

/** What cannot be done with these features, in words for whoever runs the Asterisk. */
export function missingAbilities(
  features: AriFeatures,
  hasManager: boolean,
): Partial<Record<SwitchAbility, string>> {
  const missing: Partial<Record<SwitchAbility, string>> = {};
  if (!features.transfers)
    missing['transfer-request'] = 'A transfer button of a phone needs Asterisk 22.3, 21.8 or 20.13.';
  if (!features.mediaSocket) missing['open-audio'] = 'Audio for speech needs Asterisk 22.6, 21.11 or 20.16.';
  if (!hasManager) {
    missing.record = 'Recording needs a user of Asterisk’s manager interface (manager.conf).';
    missing['talk-event'] =
      'Answering a desk phone needs a user of Asterisk’s manager interface (manager.conf).';
  }
  return missing;
}
