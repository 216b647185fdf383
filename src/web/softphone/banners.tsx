import { Alert, Button, CloseButton } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBellOff,
  IconInfoCircle,
  IconMicrophoneOff,
  IconPlugConnectedX,
  IconVolumeOff,
} from '@tabler/icons-react';
import type { Notice } from '../../protocol/softphone.ts';
import classes from './banners.module.css';
import { isSimulated, sentence } from './phone-health.ts';
import { useSession, useSessionView, useSoftphone } from './session-context.tsx';

/** What the agent must know now: lost connections, a phone that cannot be used, and the server's notices. */
export function Banners({ onMicrophone, onHealth }: { onMicrophone(): void; onHealth(): void }) {
  const { notices, platforms } = useSoftphone();
  const down = platforms.filter((platform) => platform.link !== 'up');
  return (
    <div className={classes.stack} aria-live="polite">
      <ConnectionBanner />
      {isSimulated(platforms) && (
        <Alert
          color="petrol"
          className={classes.alert}
          icon={<IconVolumeOff size={17} />}
          data-testid="no-audio"
        >
          The telephone system is simulated: calls ring and are logged, but there is no sound.
        </Alert>
      )}
      {down.map((platform) => (
        <Alert
          key={platform.id}
          color="warn"
          className={classes.alert}
          icon={<IconPlugConnectedX size={17} />}
        >
          {platform.link === 'down'
            ? `${platform.label} is not connected. Calls go on; the buttons come back when it does.`
            : `${platform.label} is back. Looking which calls are still there…`}
        </Alert>
      ))}
      {!isSimulated(platforms) && <PhoneBanner onMicrophone={onMicrophone} onHealth={onHealth} />}
      <ReachBanner />
      {notices.map((notice) => (
        <NoticeBanner key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

/** What keeps direct calls away, so that nobody forgets it. */
function ReachBanner() {
  const session = useSession();
  const { doNotDisturb, forwardAlways } = useSoftphone().settings.values;
  if (!doNotDisturb && forwardAlways === null) return null;
  const off = forwardAlways === null ? { doNotDisturb: false } : { forwardAlways: null };
  return (
    <Alert color="warn" className={classes.alert} icon={<IconBellOff size={17} />} data-testid="reach">
      <div className={classes.notice}>
        <span>
          {forwardAlways === null
            ? 'Do not disturb is on: direct calls find you busy.'
            : `Direct calls are forwarded to ${forwardAlways}.`}
        </span>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => session.run({ verb: 'settings', change: off })}
        >
          Switch off
        </Button>
      </div>
    </Alert>
  );
}

function ConnectionBanner() {
  const { client } = useSessionView();
  const { lines } = useSoftphone();
  if (client.status === 'online') return null;
  const waiting =
    lines.length > 0 ? 'Your call goes on. Trying to reconnect…' : 'Calls cannot ring. Trying to reconnect…';
  return (
    <Alert
      color="stop"
      className={classes.alert}
      icon={<IconPlugConnectedX size={17} />}
      role="alert"
      data-testid="connection-lost"
    >
      <strong>The connection is lost.</strong> {client.refusal?.message ?? waiting}
    </Alert>
  );
}

/** What the person can mend and then try again. */
const RETRIED: ReadonlySet<string> = new Set([
  'phone-no-microphone',
  'phone-microphone-denied',
  'phone-microphone-busy',
]);

function PhoneBanner({ onMicrophone, onHealth }: { onMicrophone(): void; onHealth(): void }) {
  const { phone, audioHere, insecure } = usePhone();
  const problem = insecure ? 'phone-insecure-page' : audioHere ? phone.problem : undefined;
  if (!problem) return null;
  return (
    <Alert
      color="stop"
      className={classes.alert}
      icon={<IconMicrophoneOff size={17} />}
      role="alert"
      data-testid="phone-problem"
    >
      {sentence(problem)}
      <div className={classes.action}>
        {RETRIED.has(problem) && (
          <Button color="stop" onClick={onMicrophone} data-testid="allow-microphone">
            Use the microphone
          </Button>
        )}
        <Button variant="default" onClick={onHealth}>
          What is wrong?
        </Button>
      </div>
    </Alert>
  );
}

function NoticeBanner({ notice }: { notice: Notice }) {
  const session = useSession();
  const color = { info: 'petrol', warn: 'warn', error: 'stop' }[notice.level];
  const Icon = notice.level === 'info' ? IconInfoCircle : IconAlertTriangle;
  return (
    <Alert color={color} className={classes.alert} icon={<Icon size={17} />} data-testid="notice">
      <span className={classes.notice}>
        <span>{notice.text}</span>
        <CloseButton
          size="sm"
          aria-label="Dismiss"
          onClick={() => session.run({ verb: 'notice.dismiss', noticeId: notice.id })}
        />
      </span>
    </Alert>
  );
}

function usePhone() {
  const { phone, audioHere } = useSessionView();
  const state = useSoftphone();
  return { phone, audioHere, insecure: !globalThis.isSecureContext && state.phone.kind === 'browser' };
}
