import { notifications } from '@mantine/notifications';
import { realClock } from '../../lib/clock.ts';
import { Me } from '../../protocol/api.ts';
import { HandedToken } from '../../protocol/crm-hosts.ts';
import { CodedError } from '../../protocol/errors.ts';
import { safeStorage } from '../client/safe-storage.ts';
import { SessionToken } from '../client/session-token.ts';
import { SoftphoneClient } from '../client/softphone-client.ts';
import { openWebSocket, socketUrl } from '../client/socket-like.ts';
import { claimTabId } from '../client/tab-id.ts';
import { foreignOrigin } from '../hosts/around.ts';
import { detectHost } from '../hosts/detect-host.ts';
import { BrowserPhone } from '../phone/browser-phone.ts';
import { checkIce } from '../phone/ice-check.ts';
import { createJssipAgent } from '../phone/jssip-agent.ts';
import { isMicrophoneDelegated, Microphone } from '../phone/microphone.ts';
import { Ringer } from '../phone/ringer.ts';
import { PageSpeaker } from '../phone/speaker.ts';
import { api, authorizeBy } from '../ui/api.ts';
import { renderApp } from '../ui/app-provider.tsx';
import { errorText } from '../ui/states.tsx';
import { App } from './app.tsx';
import { Devices } from './devices.ts';
import { FrameSignIn } from './frame-sign-in.ts';
import { CallNotifier } from './notifier.ts';
import { type OtherWindow, OwnWindow, PopOut } from './pop-out.ts';
import { SoftphoneSession } from './session.ts';
import { type HealthTools, ServicesProvider } from './session-context.tsx';

/** A listener's mistake must not stop the softphone; the browser's console shows it. */
const report = (error: unknown) => reportError(error);
const tell = (error: unknown) =>
  notifications.show({ color: 'stop', message: errorText(error), autoClose: 8_000 });

const ofTab = safeStorage(() => sessionStorage);
const ofBrowser = safeStorage(() => localStorage);
const token = new SessionToken(ofTab);
authorizeBy(() => token.value);

const framed = window.parent !== window;
const around = foreignOrigin(window);
const opener = () => window.opener as OtherWindow | null;
const ownWindow = !framed && new URLSearchParams(location.search).get('host') === 'window';

const secure = window.isSecureContext && navigator.mediaDevices !== undefined;
const canAudio = secure && 'RTCPeerConnection' in window;
const speaker = new PageSpeaker(document);
const microphone: Microphone = new Microphone(
  navigator.mediaDevices,
  secure,
  () => phone.microphoneLost(),
  () => isMicrophoneDelegated(document),
);
const phone = new BrowserPhone({
  createAgent: (options, handlers) =>
    createJssipAgent(
      socketUrl(options.credentials.path, location),
      options,
      handlers,
      () => token.sipProtocols,
    ),
  microphone,
  speaker,
  clock: realClock,
  onListenerError: report,
});
const client = new SoftphoneClient({
  url: socketUrl('/api/socket', location),
  tabId: claimTabId(ofTab, window),
  canAudio,
  canPop: !ownWindow,
  ...(around ? { hostOrigin: around } : {}),
  legs: () => phone.legs,
  openSocket: (url) => openWebSocket(url, token.protocols),
  clock: realClock,
  onListenerError: report,
});
const host = detectHost(window, ofBrowser);
const notifier = new CallNotifier(window, () => client.view.state?.user.country ?? 'US');
const session: SoftphoneSession = new SoftphoneSession({
  client,
  phone,
  host,
  ringer: new Ringer(() => new AudioContext(), realClock),
  notifier,
  whoAmI: () => api('/api/me', { schema: Me }),
  onContext: (context) => void signIn?.use(context),
  onProblem: tell,
  clock: realClock,
  storage: ofTab,
  insecure: !secure,
});
const devices = new Devices({
  media: secure ? navigator.mediaDevices : undefined,
  storage: ofBrowser,
  useMicrophone: (id) => phone.chooseMicrophone(id),
  useSpeaker: (id) => speaker.choose(id ?? ''),
});
const health: HealthTools = {
  now: () => Date.now(),
  microphone: async () => {
    const wasWarm = microphone.warm;
    try {
      const stream = await microphone.take();
      for (const track of stream.getTracks()) track.stop();
      return { label: stream.getAudioTracks()[0]?.label ?? '' };
    } catch (error) {
      return { problem: error instanceof CodedError ? error.code : 'phone-no-microphone' };
    } finally {
      if (!wasWarm) microphone.close();
    }
  },
  ice: async () => phone.iceServers && checkIce(phone.iceServers, (config) => new RTCPeerConnection(config)),
};

const signIn =
  around === undefined
    ? undefined
    : new FrameSignIn({
        token,
        around,
        origin: location.origin,
        host,
        exchange: (context, origin) =>
          api<HandedToken>('/api/sign-in/context', { body: { context, origin }, schema: HandedToken }),
        openWindow: (path, name, features) => window.open(path, name, features),
        onSignedIn: () => session.signedIn(),
        clock: realClock,
        onListenerError: report,
      });
const popOut = framed
  ? new PopOut({
      origin: location.origin,
      open: (path, name, features) => window.open(path, name, features),
      token: () => token.value,
      clock: realClock,
      onListenerError: report,
    })
  : undefined;

/** A call stays in the page that it is in: the audio goes to the softphone's own window, and comes back, between calls. */
function shareWithOwnWindow(): void {
  const live = phone.legs.length > 0;
  if (popOut) client.change({ canAudio: canAudio && (!popOut.getView().out || live), canPop: true });
  if (closing && client.view.state?.lines.length === 0) window.close();
}
let closing = false;

const own = new OwnWindow({
  origin: location.origin,
  opener,
  tabId: client.tabId,
  onToken: (text) => {
    if (token.value !== undefined || !session.getView().signedOut) return;
    token.set(text);
    session.signedIn();
  },
  onClose: () => {
    closing = true;
    shareWithOwnWindow();
  },
  onOpener: (there) => client.change({ canAudio, canPop: !there }),
  clock: realClock,
});

// Nothing here hangs up: the server re-attaches the audio after a reload, and ends it when the tab stays away.
window.addEventListener('pagehide', () => session.leave());
window.addEventListener('online', () => {
  client.connect();
  phone.networkChanged();
});
window.addEventListener('message', (event) => {
  signIn?.receive(event);
  popOut?.receive(event);
  if (ownWindow) own.receive(event);
});
popOut?.subscribe(shareWithOwnWindow);
client.on('change', shareWithOwnWindow);
phone.on('change', shareWithOwnWindow);

async function signOut(): Promise<void> {
  await api('/api/sign-out', { method: 'POST' }).catch(tell);
  token.clear();
  session.signOut();
}

/** A CRM that can only post a form has put what it says behind the address's `#`. */
function contextOfAddress(): string | undefined {
  const context = new URLSearchParams(location.hash.slice(1)).get('context') ?? undefined;
  if (context !== undefined) history.replaceState(null, '', location.pathname + location.search);
  return context;
}

let asked = false;
session.subscribe(() => {
  const { signedOut } = session.getView();
  if (signedOut && !asked) void signIn?.begin();
  asked = signedOut;
});
// A context that was posted is used before anything is asked for without a sign-in.
const posted = contextOfAddress();
const ready = posted === undefined ? undefined : signIn?.use(posted);
void Promise.resolve(ready).then(() => session.start());
if (ownWindow) own.start();
renderApp(
  <ServicesProvider value={{ session, devices, health }}>
    <App
      notifier={notifier}
      standAlone={!host.embedded || around !== undefined}
      signIn={signIn}
      popOut={popOut}
      onMicrophone={() => void phone.openMicrophone()}
      onSignOut={() => void signOut()}
    />
  </ServicesProvider>,
);
