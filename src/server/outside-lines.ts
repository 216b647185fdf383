/** Loads what is set about calls that leave or reach the telephone systems, the configuration's one trunk among it. */
import { TrunkSettings } from '../protocol/trunks.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { DialRights } from './callcenter/dial-rights.ts';
import { PRIVATE_PLATFORM } from './callcenter/model.ts';
import { Trunks } from './callcenter/trunks.ts';
import type { Config } from './config.ts';
import type { Database } from './store/database.ts';
import type { TrunkRules } from './telephony/trunking.ts';

export interface OutsideLines {
  trunks: Trunks;
  dialRights: DialRights;
  /** What switches keep to; there as soon as there are calls (`startCallCenter`). */
  rules?: TrunkRules;
}

export async function loadOutsideLines(options: {
  db: Database;
  config: Pick<Config, 'trunk' | 'callerId' | 'country'>;
  callCenter: CallCenter;
  onListenerError: (error: unknown, event: string) => void;
}): Promise<OutsideLines> {
  const { db, config, callCenter, onListenerError } = options;
  const trunks = await Trunks.load({ db, configured: configuredTrunk(config), onListenerError });
  const dialRights = await DialRights.load({
    db,
    owns: (number) => callCenter.entries().some(({ dnis }) => dnis === number),
    trunkExists: (id) => trunks.get(id) !== undefined,
  });
  return { trunks, dialRights };
}

/** What has to be moved before the platform can be removed, in words; undefined when nothing belongs to it. */
export function whatBelongsTo(
  platformId: string,
  callCenter: CallCenter,
  { trunks }: Pick<OutsideLines, 'trunks'>,
): string | undefined {
  const counts = {
    user: callCenter.users(),
    'SIP phone': callCenter.sipDevices(),
    number: callCenter.entries(),
    trunk: trunks.all(),
  };
  const words = Object.entries(counts).flatMap(([what, all]) => {
    const count = all.filter((one) => one.platformId === platformId).length;
    return count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  });
  return words.length === 0 ? undefined : words.join(', ');
}

/** The trunk of `CROSSPOINT_TRUNK`, which has been checked: outgoing only, by UDP, numbers with `+`. */
export function configuredTrunk({
  trunk,
  callerId,
  country,
}: Pick<Config, 'trunk' | 'callerId' | 'country'>): TrunkSettings | undefined {
  if (trunk === undefined) return undefined;
  const [, host, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(trunk) ?? [];
  return TrunkSettings.parse({
    label: 'From the configuration',
    platformId: PRIVATE_PLATFORM,
    connection: { kind: 'peer', host, ...(port ? { port: Number(port) } : {}) },
    numbers: { country },
    ...(callerId ? { callerId } : {}),
  });
}
