import { notifications } from '@mantine/notifications';
import { realClock } from '../../lib/clock.ts';
import { Me } from '../../protocol/api.ts';
import { SoftphoneClient } from '../client/softphone-client.ts';
import { openWebSocket, socketUrl } from '../client/socket-like.ts';
import { claimTabId } from '../client/tab-id.ts';
import { detectHost } from '../hosts/detect-host.ts';
import { BrowserPhone } from '../phone/browser-phone.ts';
import { createJssipAgent } from '../phone/jssip-agent.ts';
import { Microphone } from '../phone/microphone.ts';
import { Ringer } from '../phone/ringer.ts';
import { PageSpeaker } from '../phone/speaker.ts';
import { api } from '../ui/api.ts';
import { renderApp } from '../ui/app-provider.tsx';
import { errorText } from '../ui/states.tsx';
import { App } from './app.tsx';
import { Devices } from './devices.ts';
import { CallNotifier } from './notifier.ts';
import { SoftphoneSession } from './session.ts';
import { ServicesProvider } from './session-context.tsx';

/** A listener's mistake must not stop the softphone; the browser's console shows it. */
const report = (error: unknown) => reportError(error);
const tell = (error: unknown) =>
  notifications.show({ color: 'stop', message: errorText(error), autoClose: 8_000 });

const secure = window.isSecureContext && navigator.mediaDevices !== undefined;
const speaker = new PageSpeaker(document);
const microphone: Microphone = new Microphone(navigator.mediaDevices, secure, () => phone.microphoneLost());
const phone = new BrowserPhone({
  createAgent: (options, handlers) =>
    createJssipAgent(socketUrl(options.credentials.path, location), options, handlers),
  microphone,
  speaker,
  clock: realClock,
  onListenerError: report,
});
const client = new SoftphoneClient({
  url: socketUrl('/api/socket', location),
  tabId: claimTabId(sessionStorage, window),
  canAudio: secure && 'RTCPeerConnection' in window,
  canPop: true,
  legs: () => phone.legs,
  openSocket: openWebSocket,
  clock: realClock,
  onListenerError: report,
});
const host = detectHost(window);
const notifier = new CallNotifier(window, () => client.view.state?.user.country ?? 'US');
const session = new SoftphoneSession({
  client,
  phone,
  host,
  ringer: new Ringer(() => new AudioContext(), realClock),
  notifier,
  whoAmI: () => api('/api/me', { schema: Me }),
  onProblem: tell,
  clock: realClock,
  storage: sessionStorage,
  insecure: !secure,
});
const devices = new Devices({
  media: secure ? navigator.mediaDevices : undefined,
  storage: localStorage,
  useMicrophone: (id) => phone.chooseMicrophone(id),
  useSpeaker: (id) => speaker.choose(id ?? ''),
});

// Nothing here hangs up: the server re-attaches the audio after a reload, and ends it when the tab stays away.
window.addEventListener('pagehide', () => session.leave());
window.addEventListener('online', () => {
  client.connect();
  phone.networkChanged();
});

async function signOut(): Promise<void> {
  await api('/api/sign-out', { method: 'POST' }).catch(tell);
  session.signOut();
}

session.start();
renderApp(
  <ServicesProvider value={{ session, devices }}>
    <App
      notifier={notifier}
      standAlone={!host.embedded}
      onMicrophone={() => void phone.openMicrophone()}
      onSignOut={() => void signOut()}
    />
  </ServicesProvider>,
);
