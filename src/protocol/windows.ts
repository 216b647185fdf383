import { z } from 'zod';

/**
 * What windows of ours say to each other by postMessage: the softphone in a frame, the sign-in window and the softphone's own
 * window, which it opens. All are of one origin, and no other is sent to or listened to.
 */
export const WindowMessage = z.discriminatedUnion('type', [
  /** The sign-in window, and the frame to the softphone's own window: this is your sign-in. */
  z.object({ crosspoint: z.literal(1), type: z.literal('token'), token: z.string().max(200) }),
  /** The softphone's own window, again and again while it is open: it has the phone. */
  z.object({ crosspoint: z.literal(1), type: z.literal('window'), tabId: z.string().max(64) }),
  /** The frame to the softphone's own window: close, the phone goes back into the frame. */
  z.object({ crosspoint: z.literal(1), type: z.literal('close') }),
]);
export type WindowMessage = z.infer<typeof WindowMessage>;
