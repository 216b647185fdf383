/** What Asterisk needs beside ARI: AMI with its rights, and the lines by which trunks are made at run time. */
import type { Clock } from '../../../lib/clock.ts';
import { type AmiAddress, AmiConnection, AmiRefusal } from '../../telephony/ami/ami-connection.ts';
import { type Check, type Finding, ok, warning, wrong } from './check.ts';
import type { AsteriskProbe } from './probe.ts';

/** What each action is for; Asterisk lists those that a user may use. */
const ACTIONS: Record<string, string> = {
  MixMonitor: 'recording',
  MixMonitorMute: 'pausing a recording',
  StopMixMonitor: 'recording',
  PJSIPNotify: 'answering desk phones',
  PJSIPShowRegistrationsOutbound: 'whether trunks are registered',
};

/** Connects, asks what its user may do, and is gone: no event is asked for. */
export async function checkManager(manager: AmiAddress | undefined, clock: Clock): Promise<Finding> {
  if (!manager)
    return ok(
      'No AMI user is set: recording, answering desk phones and the state of registrations are switched off here.',
    );
  const { host, port, user, tls } = manager;
  const options = { address: manager, clock, onEvent: () => undefined, onClosed: () => undefined };
  let connection: AmiConnection;
  try {
    connection = await AmiConnection.open(options, 'off');
  } catch (error) {
    if (error instanceof AmiRefusal)
      return wrong(
        `AMI at ${host}:${port} does not let the user ${user} in: ${error.reason}.`,
        `Check the section [${user}] of manager.conf: its secret and its permit line, then: asterisk -rx "manager reload".`,
      );
    const reason = error instanceof Error ? error.message : String(error);
    return wrong(
      `${host}:${port} does not answer as AMI${tls ? ' by TLS' : ''}: ${reason}.`,
      tls
        ? 'Check tlsenable, tlsbindaddr and tlscertfile in manager.conf; the name in the certificate must be the host of the ARI address, and its authority stand under "Certificate authority".'
        : 'Check enabled, port and bindaddr in manager.conf, and firewalls.',
    );
  }
  try {
    const allowed = await connection.send('ListCommands');
    const missing = Object.keys(ACTIONS).filter((action) => !allowed.has(action));
    if (missing.length === 0) return ok(`${connection.banner} let the user ${user} in, with all rights.`);
    const lost = [...new Set(missing.map((action) => ACTIONS[action]))].join(', ');
    return wrong(
      `The AMI user ${user} may not use ${missing.join(', ')}: ${lost} will not work.`,
      `Give it read = system and write = system,call in manager.conf, load res_pjsip_notify and app_mixmonitor, then: asterisk -rx "manager reload".`,
    );
  } finally {
    connection.close();
  }
}

/** Section and line of sorcery.conf by which trunks are made. */
const TRUNK_LINES: [section: string, line: string][] = [
  ['res_pjsip_endpoint_identifier_ip', 'identify/dyn'],
  ['res_pjsip_outbound_registration', 'registration/dyn'],
];

async function checkTrunkLines(probe: AsteriskProbe): Promise<Finding> {
  const missing: string[] = [];
  for (const [section, line] of TRUNK_LINES)
    if ((await probe.read(`AST_CONFIG(sorcery.conf,${section},${line})`)) !== 'memory')
      missing.push(`"${line} = memory" in [${section}]`);
  if (missing.length === 0) return ok('Trunks can be made at run time.');
  return warning(
    `sorcery.conf has not ${missing.join(' and not ')}: trunks cannot be made here in Setup.`,
    'If they shall be, add both sections as in sorcery.conf of examples/asterisk, and restart Asterisk (a reload is not enough). Trunks of your own pjsip.conf work without.',
  );
}

export const MANAGER_CHECKS: readonly Check<AsteriskProbe>[] = [
  {
    code: 'asterisk-manager',
    title: 'AMI',
    needs: ['asterisk-ari'],
    run: (probe) => checkManager(probe.settings.manager, probe.clock),
  },
  {
    code: 'asterisk-trunks',
    title: 'Trunks at run time',
    needs: ['asterisk-rights', 'asterisk-modules', 'asterisk-events', 'asterisk-sorcery'],
    run: checkTrunkLines,
  },
];
