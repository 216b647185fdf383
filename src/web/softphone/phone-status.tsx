import { UnstyledButton } from '@mantine/core';
import { IconDeviceLandlinePhone, IconHeadset, IconHeadsetOff } from '@tabler/icons-react';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import { sentence } from './banners.tsx';
import classes from './phone-status.module.css';
import type { SessionView } from './session.ts';
import { useSessionView, useSoftphone } from './session-context.tsx';

interface Health {
  tone: 'ok' | 'warn' | 'stop' | 'gray';
  text: string;
}

/** One line: where the calls' audio goes, and whether that works. */
export function PhoneStatus({ onClick }: { onClick(): void }) {
  const { phone, agent } = useSoftphone();
  const view = useSessionView();
  const { tone, text } = phoneHealth(phone, view, agent.shown === 'logged-out');
  const Icon =
    phone.kind === 'sip'
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

/** What the phone line says, most important first. */
export function phoneHealth(
  phone: SoftphoneState['phone'],
  view: Pick<SessionView, 'phone' | 'audioHere' | 'client'>,
  loggedOut: boolean,
): Health {
  if (view.client.status !== 'online') return { tone: 'stop', text: 'No connection to the server' };
  if (phone.kind === 'none') return { tone: 'warn', text: 'No phone chosen' };
  if (phone.kind === 'sip') {
    return phone.registered
      ? { tone: 'ok', text: `${phone.label} is connected` }
      : { tone: 'stop', text: phone.problem ? sentence(phone.problem) : `${phone.label} is not registered` };
  }
  if (!view.audioHere) return elsewhere(phone);
  switch (view.phone.status) {
    case 'ready':
      return { tone: 'ok', text: readyText(view.phone.talking.length > 0, loggedOut) };
    case 'broken':
      return {
        tone: 'stop',
        text: view.phone.problem === 'phone-not-registered' ? 'Phone not connected' : 'No microphone',
      };
    default:
      return { tone: 'gray', text: 'Connecting the phone…' };
  }
}

function readyText(talking: boolean, loggedOut: boolean): string {
  if (talking) return 'Audio in this tab';
  return loggedOut ? 'Audio in this tab, microphone closed' : 'Audio in this tab, microphone on standby';
}

function elsewhere(phone: SoftphoneState['phone']): Health {
  if (phone.audioTab)
    return phone.registered
      ? { tone: 'ok', text: 'Audio in another tab' }
      : { tone: 'warn', text: 'Audio in another tab, not connected there' };
  return { tone: 'warn', text: phone.problem ? sentence(phone.problem) : 'No tab can carry audio' };
}
