import { Tooltip, UnstyledButton } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowDownLeft,
  IconArrowUpRight,
  IconClock,
  IconNotes,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatAddress } from '../../protocol/address.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import { PhoneNumber } from '../ui/phone-number.tsx';
import { DateTime } from '../ui/time.tsx';
import classes from './previous-calls.module.css';
import { useSession, useSoftphone } from './session-context.tsx';

type Previous = SoftphoneState['previous'][number];

/** The last calls: call again, or open the Task that was logged. */
export function PreviousCalls() {
  const { previous } = useSoftphone();
  if (previous.length === 0) return null;
  return (
    <section aria-labelledby="previous-title">
      <h2 className={classes.title} id="previous-title">
        Previous calls
      </h2>
      <ul className={classes.list}>
        {previous.map((call) => (
          <PreviousCall key={call.conversationId} call={call} />
        ))}
      </ul>
    </section>
  );
}

function PreviousCall({ call }: { call: Previous }) {
  const session = useSession();
  const { country } = useSoftphone().user;
  const Icon = call.direction === 'inbound' ? IconArrowDownLeft : IconArrowUpRight;
  const number = call.peer.value;
  return (
    <li className={classes.call} data-testid="previous-call">
      <Icon
        size={15}
        className={classes.direction}
        aria-label={call.direction === 'inbound' ? 'Incoming' : 'Outgoing'}
      />
      <span className={classes.who}>
        {call.peerName && <span className={classes.name}>{call.peerName}</span>}
        <span className={classes.line}>
          {number ? (
            <PhoneNumber value={number} onDial={(to) => session.run({ verb: 'dial', number: to })} />
          ) : (
            formatAddress(call.peer, country)
          )}
          <span className={classes.at}>
            <DateTime at={call.at} relative />
          </span>
        </span>
      </span>
      <SavedLog call={call} />
    </li>
  );
}

function SavedLog({ call }: { call: Previous }) {
  const session = useSession();
  const { crmRef } = call;
  if (call.save === 'failed')
    return (
      <Sign
        label="The log is not saved yet. An administrator sees why."
        icon={<IconAlertTriangle size={16} color="var(--mantine-color-error)" />}
      />
    );
  if (!crmRef) return <Sign label="The log is being saved" icon={<IconClock size={16} stroke={1.7} />} />;
  return (
    <Tooltip label="Open the log">
      <UnstyledButton
        className={classes.task}
        aria-label={`Open the log: ${crmRef.name}`}
        onClick={() => session.open(crmRef)}
        data-testid="previous-task"
      >
        <IconNotes size={17} stroke={1.7} />
      </UnstyledButton>
    </Tooltip>
  );
}

function Sign({ label, icon }: { label: string; icon: ReactNode }) {
  return (
    <Tooltip label={label}>
      <span className={classes.task} role="img" aria-label={label}>
        {icon}
      </span>
    </Tooltip>
  );
}
