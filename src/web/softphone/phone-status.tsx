import { UnstyledButton } from '@mantine/core';
import { IconDeviceLandlinePhone, IconHeadset, IconHeadsetOff } from '@tabler/icons-react';
import { isSimulated, phoneHealth } from './phone-health.ts';
import classes from './phone-status.module.css';
import { useSessionView, useSoftphone } from './session-context.tsx';

/** One line: where the calls' audio goes, and whether that works. */
export function PhoneStatus({ onClick }: { onClick(): void }) {
  const { phone, agent, platforms } = useSoftphone();
  const view = useSessionView();
  const { tone, text } = phoneHealth(phone, view, agent.shown === 'logged-out', isSimulated(platforms));
  const Icon =
    phone.kind === 'sip' || phone.kind === 'pbx'
      ? IconDeviceLandlinePhone
      : tone === 'ok' || tone === 'gray'
        ? IconHeadset
        : IconHeadsetOff;
  return (
    <footer className={classes.footer}>
      <UnstyledButton
        className={classes.status}
        onClick={onClick}
        data-testid="phone-status"
        data-tone={tone}
        data-phone={view.phone.status}
        title="Phone and settings"
      >
        <span className={classes.dot} aria-hidden />
        <Icon size={16} stroke={1.7} aria-hidden />
        <span role="status">{text}</span>
      </UnstyledButton>
    </footer>
  );
}
