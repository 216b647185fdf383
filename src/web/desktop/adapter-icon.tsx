import {
  type Icon,
  IconBell,
  IconHeadset,
  IconMessage,
  IconPhone,
  IconPhoneCall,
  IconPhoneIncoming,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPhonePause,
  IconUser,
  IconVolumeOff,
} from '@tabler/icons-react';

/** Of Salesforce's utility icons those that telephone adapters use. */
const ICONS: Record<string, Icon> = {
  call: IconPhone,
  dialing: IconPhoneOutgoing,
  outbound_call: IconPhoneOutgoing,
  incoming_call: IconPhoneIncoming,
  end_call: IconPhoneOff,
  missed_call: IconPhoneOff,
  log_a_call: IconPhoneCall,
  unmuted: IconPhoneCall,
  muted: IconVolumeOff,
  pause: IconPhonePause,
  voicemail_drop: IconMessage,
  chat: IconMessage,
  notification: IconBell,
  user: IconUser,
  headset: IconHeadset,
};

/** The icon of this name, or a telephone. */
export function AdapterIcon({ name, size }: { name: string; size: number }) {
  const Shown = ICONS[name] ?? IconPhone;
  return <Shown size={size} stroke={1.7} aria-hidden data-icon={name} />;
}
