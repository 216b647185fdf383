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

/**
 * How a SIP phone can be answered by us. `talk-event`: told so while it rings (SIP NOTIFY `Event: talk`). `auto-answer`: told so
 * in the INVITE (Call-Info `answer-after=0` and Alert-Info). `none`: by lifting its handset alone.
 */
export const PhoneControl = z.enum(['talk-event', 'auto-answer', 'none']);
export type PhoneControl = z.infer<typeof PhoneControl>;

/** How a user's device can be answered by us: a page's phone by the page, one of a PBX that routes by itself by nobody here. */
export const DeviceControl = z.enum(['browser', ...PhoneControl.options, 'platform']);
export type DeviceControl = z.infer<typeof DeviceControl>;

export const SipDevice = z.object({
  id: z.string(),
  label: z.string(),
  username: z.string(),
  control: PhoneControl,
  /** The telephone system that it registers at. */
  platformId: z.string(),
  domain: z.string(),
  port: z.number(),
});
export type SipDevice = z.infer<typeof SipDevice>;
