import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { IconDeviceLandlinePhone, IconHeadset, IconHeadsetOff, IconStethoscope } from '@tabler/icons-react';
import { isSimulated, phoneHealth } from './phone-health.ts';
import classes from './phone-status.module.css';
import { useSessionView, useSoftphone } from './session-context.tsx';

/** One line: where the calls' audio goes, and whether that works; beside it what looks at everything. */
export function PhoneStatus({ onClick, onHealth }: { onClick(): void; onHealth(): void }) {
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
      <Tooltip label="Is my phone all right?">
        <ActionIcon size="lg" aria-label="Is my phone all right?" onClick={onHealth} data-testid="health">
          <IconStethoscope size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </footer>
  );
}
