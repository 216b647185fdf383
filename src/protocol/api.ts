import { z } from 'zod';

/** Bodies of the REST routes that are not records. */
export const Role = z.enum(['agent', 'supervisor', 'administrator']);
export type Role = z.infer<typeof Role>;

export const SignIn = z.object({ username: z.string().min(1).max(80), password: z.string().min(1).max(200) });

export const Me = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  roles: z.array(Role),
  locale: z.string(),
  /** IANA time zone. */
  zone: z.string(),
  /** ISO 3166 code: how numbers without a prefix are read and shown. */
  country: z.string(),
});
export type Me = z.infer<typeof Me>;

/** A visitor asks for a call from the browser. `number` is what he says his number is: shown as unverified. */
export const WebCallRequest = z.object({
  entry: z.string().min(1).max(40),
  name: z.string().max(80).optional(),
  number: z.string().max(40).optional(),
});
export const WebCallTicket = z.object({
  id: z.string(),
  /** The number to dial, as a SIP user part. */
  dial: z.string(),
  /** `none`: the simulated switch; the call is started on the server and has no audio. */
  media: z.enum(['webrtc', 'none']),
  sip: z
    .object({
      path: z.string(),
      username: z.string(),
      password: z.string(),
      domain: z.string(),
      iceServers: z.array(
        z.object({
          urls: z.array(z.string()),
          username: z.string().optional(),
          credential: z.string().optional(),
        }),
      ),
    })
    .optional(),
});
export type WebCallTicket = z.infer<typeof WebCallTicket>;

/** What a visitor's page may know: the numbers he can call. */
export const WebCallEntries = z.object({
  entries: z.array(z.object({ entry: z.string(), label: z.string() })),
  media: z.enum(['webrtc', 'none']),
});
export type WebCallEntries = z.infer<typeof WebCallEntries>;

export const SipDevice = z.object({
  id: z.string(),
  label: z.string(),
  username: z.string(),
  /** The telephone system that it registers at. */
  platformId: z.string(),
  domain: z.string(),
  port: z.number(),
});
export type SipDevice = z.infer<typeof SipDevice>;
