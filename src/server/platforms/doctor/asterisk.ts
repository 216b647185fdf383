/** The doctor of an Asterisk: in plain words what of its configuration is wrong and what to do. */
import type { Clock } from '../../../lib/clock.ts';
import type { PlatformReport } from '../../../protocol/platforms.ts';
import { CONNECTION_CHECKS } from './asterisk-connection.ts';
import { MANAGER_CHECKS } from './asterisk-manager.ts';
import { SETUP_CHECKS } from './asterisk-setup.ts';
import { runChecks } from './check.ts';
import { AsteriskProbe, type ProbeSettings } from './probe.ts';

export const ASTERISK_CHECKS = [...CONNECTION_CHECKS, ...SETUP_CHECKS, ...MANAGER_CHECKS];

/** Disturbs no call: it never connects as the application that calls go to. */
export async function checkAsterisk(settings: ProbeSettings, clock: Clock): Promise<PlatformReport> {
  const probe = new AsteriskProbe(settings, clock);
  try {
    return await runChecks(ASTERISK_CHECKS, probe);
  } finally {
    await probe.close();
  }
}
