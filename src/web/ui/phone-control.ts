import type { PhoneControl } from '../../protocol/api.ts';

/** How a SIP phone can be answered from the softphone, as it is offered where phones are listed. */
export const PHONE_CONTROLS: { value: PhoneControl; label: string }[] = [
  { value: 'none', label: 'Lift the handset' },
  { value: 'talk-event', label: 'From here: “talk” event' },
  { value: 'auto-answer', label: 'From here: auto-answer header' },
];
