import type { z } from 'zod';
import { realClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type WebCallRequest, WebCallTicket } from '../../protocol/api.ts';
import { socketUrl } from '../client/socket-like.ts';
import { createJssipAgent } from '../phone/jssip-agent.ts';
import { Microphone } from '../phone/microphone.ts';
import { PageSpeaker } from '../phone/speaker.ts';
import { VisitorCall } from '../phone/visitor-call.ts';
import { api } from '../ui/api.ts';
import type { PageCall } from './page-call.ts';
import { PolledCall, type WebCallState } from './polled-call.ts';

type Request = z.infer<typeof WebCallRequest>;

/**
 * Asks the server for a call and starts it: with the microphone, or on the simulated switch without.
 * The microphone is asked for before the ticket, so that nobody waits in a queue without one.
 * @throws CodedError
 */
export async function startCall(request: Request, media: 'webrtc' | 'none'): Promise<PageCall> {
  const secure = window.isSecureContext && navigator.mediaDevices !== undefined;
  const microphone = new Microphone(navigator.mediaDevices, secure, () => {});
  if (media === 'webrtc') await microphone.open();
  try {
    const ticket = await api<WebCallTicket>('/api/web-calls', { body: request, schema: WebCallTicket });
    const call = createCall(ticket, request.name, microphone);
    void call.start();
    return call;
  } catch (error) {
    microphone.close();
    throw error;
  }
}

function createCall(
  ticket: WebCallTicket,
  displayName: string | undefined,
  microphone: Microphone,
): PageCall {
  const path = `/api/web-calls/${encodeURIComponent(ticket.id)}`;
  if (ticket.media === 'none') {
    return new PolledCall({
      clock: realClock,
      readState: async () => (await api<{ state: WebCallState }>(path)).state,
      hangUp: () => api(`${path}/hangup`, { method: 'POST' }),
    });
  }
  if (!ticket.sip) throw new CodedError('internal', { id: 'a ticket without SIP credentials' });
  return new VisitorCall({
    credentials: ticket.sip,
    dial: ticket.dial,
    displayName,
    createAgent: (options, handlers) =>
      createJssipAgent(socketUrl(options.credentials.path, location), options, handlers),
    microphone,
    speaker: new PageSpeaker(document),
    clock: realClock,
    onListenerError: (error) => reportError(error),
  });
}
