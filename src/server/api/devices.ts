import { z } from 'zod';
import { SipDevice } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Device } from '../callcenter/model.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';
import type { PhoneProvisioning } from './phone-provisioning.ts';

/** SIP phones a user may have. */
const MAX_DEVICES = 5;
const AGENTS = ['agent', 'supervisor'] as const;

export interface DevicesDeps {
  callCenter: CallCenter;
  /** Undefined while there is no switch that SIP phones can register at. */
  phones: PhoneProvisioning;
  /** Where a phone registers: a host name or address, and the port. */
  sip: { domain: string; port: number };
}

/** A user's own SIP phones. */
export function deviceRoutes(api: Api, { callCenter, phones, sip }: DevicesDeps): void {
  const config = { access: AGENTS };
  const show = ({ id, label, username = '' }: Device): SipDevice => ({
    id,
    label,
    username,
    domain: sip.domain,
    port: sip.port,
  });
  const sipOf = (userId: string) => callCenter.devicesOf(userId).filter((device) => device.kind === 'sip');

  api.get(
    '/api/devices',
    { config, schema: { tags: ['devices'], response: { 200: z.object({ devices: z.array(SipDevice) }) } } },
    async (request) => ({
      devices: sipOf(signedIn(request).user.id).map(show),
    }),
  );

  const created = z.object({
    device: SipDevice,
    password: z.string().describe('Shown only in this answer.'),
  });
  api.post(
    '/api/devices',
    {
      config,
      schema: {
        tags: ['devices'],
        body: z.object({ label: z.string().trim().min(1).max(80) }),
        response: { 201: created },
      },
    },
    async (request, reply) => {
      const { user } = signedIn(request);
      if (sipOf(user.id).length >= MAX_DEVICES)
        throw new CodedError('too-many', { limit: `${MAX_DEVICES} phones` });
      const { device, password } = await callCenter.addSipDevice(user.id, request.body.label);
      await putOrTakeBack(device);
      return reply.code(201).send({ device: show(device), password });
    },
  );

  api.delete(
    '/api/devices/:id',
    {
      config,
      schema: {
        tags: ['devices'],
        params: z.object({ id: z.string().max(80) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const device = callCenter.device(request.params.id);
      if (device?.userId !== signedIn(request).user.id) throw new CodedError('not-found', { what: 'device' });
      await phones.remove(await callCenter.removeDevice(device.id));
      return reply.code(204).send(null);
    },
  );

  /** A phone that the switch did not take is none: its password would be shown for nothing. */
  async function putOrTakeBack(device: Device): Promise<void> {
    try {
      await phones.put(device);
    } catch (error) {
      await callCenter.removeDevice(device.id);
      throw error;
    }
  }
}
