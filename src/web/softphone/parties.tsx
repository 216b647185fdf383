import { ActionIcon, Tooltip } from '@mantine/core';
import { IconUserMinus } from '@tabler/icons-react';
import { useId } from 'react';
import { formatAddress } from '../../protocol/address.ts';
import type { Line, Party } from '../../protocol/softphone.ts';
import classes from './parties.module.css';
import { usePending, useSession, useSoftphone } from './session-context.tsx';

const ROLES: Record<Party['role'], string> = {
  customer: 'Caller',
  agent: 'Colleague',
  external: 'Outside',
  supervisor: 'Supervisor',
  ivr: 'Announcement',
};

const STATES: Partial<Record<Party['state'], string>> = {
  initiated: 'being called',
  alerting: 'rings',
  held: 'on hold',
  queued: 'waits',
};

/** Who is in a call of more than two, each with a button that takes him out. */
export function Parties({ line }: { line: Line }) {
  if (line.parties.length < 3) return null;
  return (
    <ul className={classes.list} aria-label="In this call" data-testid="parties">
      {line.parties.map((party) => (
        <PartyRow key={party.legId} line={line} party={party} />
      ))}
    </ul>
  );
}

function PartyRow({ line, party }: { line: Line; party: Party }) {
  const session = useSession();
  const { country } = useSoftphone().user;
  const pending = usePending('drop', line);
  const reasonId = useId();
  const number = formatAddress(party.address, country);
  const name = party.me ? 'You' : (party.name ?? number);
  const state = party.muted ? 'muted' : STATES[party.state];
  const { drop } = party;
  const usable = drop.enabled && !pending;
  return (
    <li className={classes.party} data-testid="party" data-state={party.state}>
      <span className={classes.who}>
        <span className={classes.name} dir="auto">
          {name}
        </span>
        <span className={classes.detail}>
          {[party.me ? undefined : ROLES[party.role], name === number ? undefined : number, state]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      {!party.me && (
        <Tooltip label={drop.enabled ? `Take ${name} out` : drop.text} multiline maw={240}>
          <ActionIcon
            aria-label={`Take ${name} out of the call`}
            aria-disabled={!usable}
            aria-describedby={drop.enabled ? undefined : reasonId}
            data-testid="drop"
            onClick={() => usable && session.run({ verb: 'drop', lineId: line.id, legId: party.legId })}
          >
            <IconUserMinus size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      )}
      {!drop.enabled && (
        <span id={reasonId} className="cp-visually-hidden">
          {drop.text}
        </span>
      )}
    </li>
  );
}
