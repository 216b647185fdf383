import { IconParkingCircle, IconPhoneIncoming } from '@tabler/icons-react';
import { formatAddress } from '../../protocol/address.ts';
import type { ParkedCall } from '../../protocol/softphone.ts';
import { Timer } from '../ui/time.tsx';
import { ActionButton } from './action-button.tsx';
import classes from './parked-calls.module.css';
import { usePending, useSession, useSoftphone } from './session-context.tsx';

/** Who is parked, in which slot, by whom and for how long: anybody picks up. */
export function ParkedCalls() {
  const { parked } = useSoftphone();
  if (parked.length === 0) return null;
  return (
    <section aria-label="Parked calls" data-testid="parked">
      <h2 className={classes.title}>Parked calls</h2>
      <ul className={classes.list}>
        {parked.map((call) => (
          <Parked key={call.slot} call={call} />
        ))}
      </ul>
    </section>
  );
}

function Parked({ call }: { call: ParkedCall }) {
  const session = useSession();
  const { country } = useSoftphone().user;
  const pending = usePending('pickup');
  const number = formatAddress(call.peer, country);
  return (
    <li className={classes.call} data-testid="parked-call">
      <span className={classes.slot} title="Slot">
        <IconParkingCircle size={15} stroke={1.7} aria-hidden /> {call.slot}
      </span>
      <span className={classes.who}>
        <span className={classes.name} dir="auto">
          {call.peerName ?? number}
        </span>
        <span className={classes.detail}>
          {call.peerName ? `${number} · ` : ''}by {call.by.name} ·{' '}
          <Timer since={call.since} now={session.serverNow} />
        </span>
      </span>
      <span className={classes.pick}>
        <ActionButton
          label="Pick up"
          icon={<IconPhoneIncoming size={17} />}
          wide
          action={call.pickUp}
          pending={pending}
          testId="pickup"
          onClick={() => session.run({ verb: 'pickup', slot: call.slot })}
        />
      </span>
    </li>
  );
}
