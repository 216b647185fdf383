import { z } from 'zod';
import { PhoneControl, SipDevice } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import { type Device, PRIVATE_PLATFORM } from '../callcenter/model.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';
import type { PhoneProvisioning } from './phone-provisioning.ts';
import { mustPlatform } from './platforms.ts';

/** SIP phones a user may have. */
const MAX_DEVICES = 5;
const AGENTS = ['agent', 'supervisor'] as const;

export interface DevicesDeps {
  callCenter: CallCenter;
  /** Undefined while there is no switch that SIP phones can register at. */
  phones: PhoneProvisioning;
  platforms: Platforms;
  /** Where a phone of the platform registers: a host name or address, and the port. */
  registrar: (platformId: string) => { domain: string; port: number };
}

/** A user's own SIP phones, and everybody's for administrators. */
export function deviceRoutes(api: Api, { callCenter, phones, platforms, registrar }: DevicesDeps): void {
  const config = { access: AGENTS };
  const show = ({ id, label, username = '', control, platformId }: Device): SipDevice => ({
    id,
    label,
    username,
    control: PhoneControl.parse(control),
    platformId,
    ...registrar(platformId),
  });
  const sipOf = (userId: string) => callCenter.devicesOf(userId).filter((device) => device.kind === 'sip');

  api.get(
    '/api/devices',
    { config, schema: { tags: ['devices'], response: { 200: z.object({ devices: z.array(SipDevice) }) } } },
    async (request) => ({
      devices: sipOf(signedIn(request).user.id).map(show),
    }),
  );

  const NewDevice = z.object({
    label: z.string().trim().min(1).max(80),
    platformId: z.string().max(80).optional().describe("Default: the user's telephone system."),
    control: PhoneControl.default('none').describe('How the phone can be answered from the softphone.'),
  });
  const DeviceChange = NewDevice.pick({ label: true }).extend({ control: PhoneControl }).partial();
  const created = z.object({
    device: SipDevice,
    password: z.string().describe('Shown only in this answer.'),
  });
  const audit = { object: 'devices', read: (id: string) => callCenter.device(id) };
  api.post(
    '/api/devices',
    {
      config: { ...config, audit },
      schema: {
        tags: ['devices'],
        body: NewDevice,
        response: { 201: created },
      },
    },
    async (request, reply) => reply.code(201).send(await add(signedIn(request).user.id, request.body)),
  );

  api.delete(
    '/api/devices/:id',
    {
      config: { ...config, audit },
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

  api.patch(
    '/api/devices/:id',
    {
      config: { ...config, audit },
      schema: {
        tags: ['devices'],
        params: z.object({ id: z.string().max(80) }),
        body: DeviceChange,
        response: { 200: SipDevice },
      },
    },
    async (request) => show(await change(signedIn(request).user.id, request.params.id, request.body)),
  );

  const administrator = { access: ['administrator'] as const, audit };
  const ofUser = z.object({ id: z.string().max(80) });
  api.get(
    '/api/users/:id/devices',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: {
        tags: ['devices'],
        params: ofUser,
        response: { 200: z.object({ devices: z.array(SipDevice) }) },
      },
    },
    async (request) => ({ devices: sipOf(mustUser(request.params.id)).map(show) }),
  );
  api.post(
    '/api/users/:id/devices',
    {
      config: { ...administrator, audit: { ...audit, id: () => '' } },
      schema: { tags: ['devices'], params: ofUser, body: NewDevice, response: { 201: created } },
    },
    async (request, reply) => reply.code(201).send(await add(mustUser(request.params.id), request.body)),
  );
  api.delete(
    '/api/users/:id/devices/:deviceId',
    {
      config: {
        ...administrator,
        audit: { ...audit, id: ({ params }) => (params as { deviceId: string }).deviceId },
      },
      schema: {
        tags: ['devices'],
        params: ofUser.extend({ deviceId: z.string().max(80) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id, deviceId } = request.params;
      if (callCenter.device(deviceId)?.userId !== id) throw new CodedError('not-found', { what: 'device' });
      await phones.remove(await callCenter.removeDevice(deviceId));
      return reply.code(204).send(null);
    },
  );

  api.patch(
    '/api/users/:id/devices/:deviceId',
    {
      config: {
        ...administrator,
        audit: { ...audit, id: ({ params }) => (params as { deviceId: string }).deviceId },
      },
      schema: {
        tags: ['devices'],
        params: ofUser.extend({ deviceId: z.string().max(80) }),
        body: DeviceChange,
        response: { 200: SipDevice },
      },
    },
    async (request) => show(await change(request.params.id, request.params.deviceId, request.body)),
  );

  /** @throws `not-found` for a phone that is not this user's. */
  function change(userId: string, id: string, body: z.output<typeof DeviceChange>): Promise<Device> {
    if (callCenter.device(id)?.userId !== userId) throw new CodedError('not-found', { what: 'device' });
    const { label, control } = body;
    return callCenter.changeSipDevice(id, { ...(label ? { label } : {}), ...(control ? { control } : {}) });
  }

  function mustUser(id: string): string {
    if (!callCenter.user(id)) throw new CodedError('not-found', { what: 'user' });
    return id;
  }

  async function add(
    userId: string,
    {
      label,
      platformId = callCenter.user(userId)?.platformId ?? PRIVATE_PLATFORM,
      control,
    }: z.output<typeof NewDevice>,
  ): Promise<z.output<typeof created>> {
    if (sipOf(userId).length >= MAX_DEVICES)
      throw new CodedError('too-many', { limit: `${MAX_DEVICES} phones` });
    const { device, password } = await callCenter.addSipDevice(
      userId,
      label,
      mustPlatform(platforms, platformId).id,
      control,
    );
    await putOrTakeBack(device);
    return { device: show(device), password };
  }

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
