import { Loader, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type RefObject, useRef, useState, useSyncExternalStore } from 'react';
import type { Line } from '../../protocol/softphone.ts';
import { errorText } from '../ui/states.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import { ViewerProvider } from '../ui/viewer.tsx';
import { AgentBar } from './agent-bar.tsx';
import classes from './app.module.css';
import { Banners } from './banners.tsx';
import { DialPad } from './dial-pad.tsx';
import { Elsewhere } from './elsewhere.tsx';
import type { FrameSignIn } from './frame-sign-in.ts';
import { FrameSignInPage } from './frame-sign-in-page.tsx';
import { HealthDialog } from './health-dialog.tsx';
import { HelpDialog } from './help-dialog.tsx';
import type { Panel } from './line-buttons.tsx';
import { LineCard } from './line-card.tsx';
import { focusedLine, isInCall, verbsOf } from './lines.ts';
import type { CallNotifier } from './notifier.ts';
import { ParkedCalls } from './parked-calls.tsx';
import { PhoneStatus } from './phone-status.tsx';
import type { PopOut } from './pop-out.ts';
import { PreviousCalls } from './previous-calls.tsx';
import { StateProvider, useSession, useSessionView, useSoftphone } from './session-context.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { SignIn } from './sign-in.tsx';
import { useLineKeys } from './use-line-keys.ts';
import { useShortcutsSetting } from './use-shortcuts-setting.ts';

interface AppProps {
  notifier: CallNotifier;
  /** Nothing around it has a sign-out: alone in its window, or in a page of another site. */
  standAlone: boolean;
  /** In a frame of another site. */
  signIn: FrameSignIn | undefined;
  /** In a frame. */
  popOut: PopOut | undefined;
  onMicrophone(): void;
  onSignOut(): void;
}

/** The softphone: signs in where needed, then renders the server's state. */
export function App(props: AppProps) {
  const session = useSession();
  const { client, signedOut } = useSessionView();
  if (signedOut && props.signIn) return <FrameSignInPage signIn={props.signIn} />;
  if (signedOut) return <SignIn onSignedIn={() => session.signedIn()} />;
  if (!client.state) return <Waiting />;
  return (
    <StateProvider value={client.state}>
      <ViewerProvider value={client.state.user}>
        <Softphone {...props} />
      </ViewerProvider>
    </StateProvider>
  );
}

function Waiting() {
  const { client } = useSessionView();
  return (
    <main className={classes.waiting}>
      {client.refusal ? (
        <Text role="alert">{errorText(client.refusal)}</Text>
      ) : (
        <>
          <Loader />
          <Text c="dimmed" role="status">
            Connecting to your phone…
          </Text>
        </>
      )}
    </main>
  );
}

const DOCKED = { out: false, returning: false };
const docked = () => DOCKED;
const never = () => () => undefined;

function Softphone({ popOut, ...props }: AppProps) {
  const { out } = useSyncExternalStore(popOut?.subscribe ?? never, popOut?.getView ?? docked);
  return out && popOut ? <Elsewhere popOut={popOut} /> : <Docked popOut={popOut} {...props} />;
}

function Docked({ notifier, standAlone, popOut, onMicrophone, onSignOut }: AppProps) {
  const [shortcuts, setShortcuts] = useShortcutsSetting();
  const [settings, setSettings] = useState(false);
  const [help, setHelp] = useState(false);
  const [health, setHealth] = useState(false);
  const dialField = useRef<HTMLInputElement>(null);
  useHotkey('?', () => setHelp(true), shortcuts);
  useHotkey('c', () => dialField.current?.focus(), shortcuts);
  return (
    <div className={classes.page} data-testid="softphone">
      <AgentBar
        shortcuts={shortcuts}
        onSettings={() => setSettings(true)}
        onHelp={() => setHelp(true)}
        onPopOut={popOut && (() => openOwnWindow(popOut))}
      />
      <main className={classes.body}>
        <Banners onMicrophone={onMicrophone} onHealth={() => setHealth(true)} />
        <Lines shortcuts={shortcuts} dialField={dialField} />
      </main>
      <PhoneStatus onClick={() => setSettings(true)} onHealth={() => setHealth(true)} />
      <HealthDialog opened={health} onClose={() => setHealth(false)} />
      <SettingsDialog
        opened={settings}
        onClose={() => setSettings(false)}
        shortcuts={shortcuts}
        onShortcuts={setShortcuts}
        notifications={notifier}
        standAlone={standAlone}
        onSignOut={onSignOut}
      />
      <HelpDialog opened={help} onClose={() => setHelp(false)} shortcuts={shortcuts} />
    </div>
  );
}

function openOwnWindow(popOut: PopOut): void {
  if (popOut.open()) return;
  notifications.show({
    color: 'stop',
    message:
      'The browser has blocked the window. Allow pop-ups for this page: the sign is in the address bar.',
  });
}

function Lines({
  shortcuts,
  dialField,
}: {
  shortcuts: boolean;
  dialField: RefObject<HTMLInputElement | null>;
}) {
  const { lines } = useSoftphone();
  const focused = focusedLine(lines);
  const [open, setOpen] = useState<{ lineId: string; panel: Panel }>();
  const panelOf = (line: Line): Panel =>
    open?.lineId === line.id && panelFits(line, open.panel) ? open.panel : undefined;
  const toggle = (panel: Panel) => {
    if (focused) setOpen({ lineId: focused.id, panel: panelOf(focused) === panel ? undefined : panel });
  };
  useLineKeys(lines, focused, shortcuts, toggle);
  return (
    <>
      {lines.length > 0 && (
        <div className={classes.lines}>
          {lines.map((line) => (
            <LineCard
              key={line.id}
              line={line}
              focused={line.id === focused?.id}
              inCall={isInCall(lines)}
              panel={panelOf(line)}
              onPanel={(panel) => setOpen({ lineId: line.id, panel })}
            />
          ))}
        </div>
      )}
      <div className={classes.side}>
        <DialPad field={dialField} />
        <ParkedCalls />
        {lines.length === 0 && <Idle />}
        <PreviousCalls />
      </div>
    </>
  );
}

/** A panel goes with the state in which its button can be pressed. */
function panelFits(line: Line, panel: Panel): boolean {
  if (panel === 'keypad') return verbsOf(line).includes('dtmf') && line.t.answered !== undefined;
  return line.actions.transfer.enabled || line.actions.consult.enabled;
}

function Idle() {
  const { agent, phone, previous } = useSoftphone();
  const text =
    agent.shown === 'ready'
      ? phone.registered
        ? 'You are ready. The next call rings here.'
        : 'You are ready, but no call can ring until your phone is connected.'
      : agent.shown === 'logged-out'
        ? 'You are logged out. Choose Ready at the top to take calls.'
        : 'Calls from the queues wait until you are ready.';
  return (
    <p className={classes.idle} data-empty={previous.length === 0 || undefined}>
      {text}
    </p>
  );
}
