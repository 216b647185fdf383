/** What an administrator says of a PBX that is reached by AMI. */
import { z } from 'zod';
import type { AmiAddress } from './ami-connection.ts';

export const AmiSettings = z.object({
  host: z.string().min(1).max(255).meta({
    title: 'Host',
    description: 'Name or address of the PBX, as this server reaches it.',
    placeholder: '192.0.2.10',
  }),
  port: z.number().int().min(1).max(65_535).default(5038).meta({
    title: 'Port',
    description: 'Port of AMI: 5038 by default, 5039 with TLS.',
  }),
  user: z
    .string()
    .min(1)
    .max(80)
    .meta({ title: 'User', description: 'The AMI user: a section of manager.conf.' }),
  secret: z.string().min(1).max(200).meta({ title: 'Secret', description: 'Its secret.', secret: true }),
  tls: z.boolean().default(false).meta({ title: 'TLS', description: 'Connect by TLS.' }),
  ca: z.string().max(20_000).optional().meta({
    title: 'Authority',
    description: 'PEM of the authority that signed the certificate of the PBX, when it is your own.',
    long: true,
  }),
  context: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .default('from-internal')
    .meta({ title: 'Context', description: 'Dial plan context in which an internal phone dials.' }),
  device: z
    .string()
    .regex(/^[\w/-]*\{extension\}[\w-]*$/, 'such as PJSIP/{extension}')
    .max(80)
    .default('PJSIP/{extension}')
    .meta({
      title: 'Name of a phone',
      description: "The channel name of the phone that belongs to a user's extension.",
    }),
  outsidePrefix: z
    .string()
    .regex(/^[\d*#]{0,6}$/)
    .default('')
    .meta({ title: 'Prefix for outside', description: 'Dialled before an outside number, such as 9.' }),
  numberFormat: z.enum(['plus', 'double-zero', 'digits']).default('plus').meta({
    title: 'Number format',
    description: 'How an outside number is dialled: +44…, 0044… or 44….',
  }),
  phonesObeyTalk: z.boolean().default(false).meta({
    title: 'Phones obey NOTIFY talk and hold',
    description:
      'The desk phones answer and hold by SIP NOTIFY: then the softphone can answer, hold and retrieve.',
  }),
  parkingLot: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .default('default')
    .meta({ title: 'Parking lot', description: 'Where calls are parked.' }),
  loginQueues: z.string().max(1_000).default('').meta({
    title: 'Queues on log-in',
    description: 'Names, separated by commas: an agent who is in no queue is put into these when he logs in.',
  }),
  queueExtensions: z.string().max(2_000).default('').meta({
    title: 'Extensions of queues',
    description: 'Such as sales=6000, support=6001: where a call is transferred to a queue.',
  }),
  queueLabels: z.string().max(4_000).default('').meta({
    title: 'Names of queues',
    description:
      'What people call them, such as 400=Sales, 401=Support: shown in place of the queue’s own name.',
  }),
});
export type AmiSettings = z.output<typeof AmiSettings>;

export function addressOf({ host, port, user, secret, tls, ca }: AmiSettings): AmiAddress {
  return { host, port, user, secret, ...(tls ? { tls: ca ? { ca } : {} } : {}) };
}

/** `sales=6000, support=6001` as a map. */
export function queueExtensions({
  queueExtensions: text,
}: Pick<AmiSettings, 'queueExtensions'>): Map<string, string> {
  return labelled(text);
}

/** `name=what, other=else` as a map; what has no `=` is left out. */
export function labelled(text: string): Map<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('=').map((part) => part.trim()));
  return new Map(pairs.flatMap(([name, value]) => (name && value ? [[name, value] as const] : [])));
}

/** Names between commas. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
