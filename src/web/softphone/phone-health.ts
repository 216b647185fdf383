import { CodedError, ERROR_CODES, type ErrorCode } from '../../protocol/errors.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { SessionView } from './session.ts';

export interface Health {
  tone: 'ok' | 'warn' | 'stop' | 'gray';
  text: string;
}

/** What the phone line says, most important first. */
export function phoneHealth(
  phone: SoftphoneState['phone'],
  view: Pick<SessionView, 'phone' | 'audioHere' | 'client'>,
  loggedOut: boolean,
  simulated = false,
): Health {
  if (view.client.status !== 'online') return { tone: 'stop', text: 'No connection to the server' };
  if (simulated) return { tone: 'ok', text: 'Simulated: calls without sound' };
  if (phone.kind === 'none') return { tone: 'warn', text: 'No phone chosen' };
  if (phone.kind !== 'browser') {
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

/** A problem is a code of the catalogue, or a sentence already. */
export function sentence(problem: string): string {
  return ERROR_CODES.includes(problem as ErrorCode) ? new CodedError(problem as ErrorCode).message : problem;
}

/** No telephone system of this user carries sound: the simulated switch. */
export function isSimulated(platforms: SoftphoneState['platforms']): boolean {
  return platforms.length > 0 && platforms.every((platform) => !platform.audio);
}
