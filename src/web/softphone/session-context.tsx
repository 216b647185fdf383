import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react';
import { must } from '../../lib/must.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { IceOutcome } from '../phone/ice-check.ts';
import type { Devices } from './devices.ts';
import type { MicrophoneOutcome } from './health-checks.ts';
import type { SessionView, SoftphoneSession } from './session.ts';

/** What looks at the parts of the phone when the agent asks. */
export interface HealthTools {
  microphone(): Promise<MicrophoneOutcome>;
  /** Undefined while the audio is not here. */
  ice(): Promise<IceOutcome | undefined>;
  /** This computer's clock. */
  now(): number;
}

interface Services {
  session: SoftphoneSession;
  devices: Devices;
  health: HealthTools;
}

const ServicesContext = createContext<Services | undefined>(undefined);
const StateContext = createContext<SoftphoneState | undefined>(undefined);

/** Gives the page's session and devices to everything below. */
export function ServicesProvider({ value, children }: { value: Services; children: ReactNode }) {
  return <ServicesContext value={value}>{children}</ServicesContext>;
}

/** Gives the server's state to everything below. */
export function StateProvider({ value, children }: { value: SoftphoneState; children: ReactNode }) {
  return <StateContext value={value}>{children}</StateContext>;
}

export function useSession(): SoftphoneSession {
  return must(useContext(ServicesContext), 'the session').session;
}

export function useDevices(): Devices {
  return must(useContext(ServicesContext), 'the devices').devices;
}

export function useHealthTools(): HealthTools {
  return must(useContext(ServicesContext), 'the health tools').health;
}

/** The server's state; only below a StateProvider. */
export function useSoftphone(): SoftphoneState {
  return must(useContext(StateContext), 'the softphone state');
}

/** What this page knows beside the state: connection, browser phone, pending commands. */
export function useSessionView(): SessionView {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.getView);
}

/** True while a command with this verb is on its way, in this page or (by the state) in any other. */
export function usePending(verb: string, line?: { id: string; pending: { verb: string }[] }): boolean {
  const { pending } = useSessionView();
  return (
    pending.has(line ? `${line.id} ${verb}` : verb) || (line?.pending.some((p) => p.verb === verb) ?? false)
  );
}
