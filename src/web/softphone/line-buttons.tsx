import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowsDownUp,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconParkingCircle,
  IconPhone,
  IconPhoneCheck,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerRecord,
  IconPlayerRecordFilled,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Line } from '../../protocol/softphone.ts';
import { ActionButton } from './action-button.tsx';
import classes from './line-buttons.module.css';
import { type ButtonVerb, swapLine, verbsOf } from './lines.ts';
import { usePending, useSession, useSoftphone } from './session-context.tsx';

interface Look {
  label: string;
  icon: ReactNode;
  key?: string;
  tone?: 'ok' | 'stop' | 'on';
}

const THIN = { size: 20, stroke: 1.7 };

const LOOKS: Record<ButtonVerb, Look> = {
  answer: { label: 'Answer', icon: <IconPhone size={20} />, key: 'a', tone: 'ok' },
  decline: { label: 'Decline', icon: <IconPhoneOff size={20} />, key: 'd', tone: 'stop' },
  hangup: { label: 'Hang up', icon: <IconPhoneOff size={20} />, key: 'e', tone: 'stop' },
  hold: { label: 'Hold', icon: <IconPlayerPause {...THIN} />, key: 'h' },
  retrieve: { label: 'Resume', icon: <IconPlayerPlay {...THIN} />, key: 'h', tone: 'on' },
  mute: { label: 'Mute', icon: <IconMicrophone {...THIN} />, key: 'm' },
  unmute: { label: 'Unmute', icon: <IconMicrophoneOff {...THIN} />, key: 'm', tone: 'on' },
  dtmf: { label: 'Keypad', icon: <IconDialpad {...THIN} />, key: 'k' },
  transfer: { label: 'Transfer', icon: <IconArrowForwardUp {...THIN} />, key: 't' },
  complete: { label: 'Complete', icon: <IconPhoneCheck {...THIN} />, key: 'o', tone: 'ok' },
  conference: { label: 'Conference', icon: <IconUsersGroup {...THIN} />, key: 'j' },
  cancel: { label: 'Cancel', icon: <IconArrowBackUp {...THIN} />, key: 'b' },
  park: { label: 'Park', icon: <IconParkingCircle {...THIN} />, key: 'p' },
  record: { label: 'Record', icon: <IconPlayerRecord {...THIN} />, key: 'r' },
  'record.pause': { label: 'Pause rec.', icon: <IconPlayerRecordFilled size={20} />, key: 'r', tone: 'on' },
  'record.resume': { label: 'Record on', icon: <IconPlayerRecord {...THIN} />, key: 'r', tone: 'on' },
};

/** What is unfolded below a line's buttons. */
export type Panel = 'keypad' | 'transfer' | undefined;

interface LineButtonsProps {
  line: Line;
  /** The line that keys act on; of others only what takes them up or ends them is shown. */
  focused: boolean;
  panel: Panel;
  onPanel(panel: Panel): void;
}

/** The buttons of a line: all of them on the one that the agent is busy with. */
export function LineButtons({ line, focused, panel, onPanel }: LineButtonsProps) {
  const all = verbsOf(line);
  const verbs = focused ? all : all.filter((verb) => UNFOCUSED.has(verb));
  if (verbs.length === 0) return null;
  return (
    <div
      className={classes.buttons}
      data-count={verbs.length}
      data-consult={line.parent !== undefined || undefined}
    >
      {verbs.map((verb) => (
        <VerbButton
          key={verb}
          line={line}
          verb={verb}
          panel={panel}
          onPanel={onPanel}
          wide={verbs.length < 3}
          focused={focused}
        />
      ))}
    </div>
  );
}

const UNFOCUSED = new Set<ButtonVerb>(['answer', 'decline', 'hold', 'retrieve', 'hangup']);

interface VerbButtonProps extends LineButtonsProps {
  verb: ButtonVerb;
  wide: boolean;
}

function VerbButton({ line, verb, panel, onPanel, wide, focused }: VerbButtonProps) {
  const session = useSession();
  const { lines } = useSoftphone();
  const pending = usePending(verb, line);
  const { label, icon, key, tone } = LOOKS[verb];
  const swaps = verb === 'retrieve' && swapLine(lines)?.id === line.id;
  const opens = verb === 'dtmf' ? 'keypad' : verb === 'transfer' ? 'transfer' : undefined;
  const press = () => {
    if (opens) onPanel(panel === opens ? undefined : opens);
    else if (verb !== 'dtmf' && verb !== 'transfer') session.run({ verb, lineId: line.id });
  };
  return (
    <ActionButton
      label={swaps ? 'Swap' : label}
      icon={swaps ? <IconArrowsDownUp {...THIN} /> : icon}
      tone={tone}
      wide={wide}
      shortcut={swaps ? 'x' : focused ? key : undefined}
      action={verb === 'transfer' ? openAction(line) : line.actions[verb]}
      pending={!opens && pending}
      expanded={opens ? panel === opens : undefined}
      testId={opens === 'keypad' ? 'keypad' : verb}
      onClick={press}
    />
  );
}

/** The search serves for asking as well as for giving away. */
function openAction(line: Line): Line['actions']['transfer'] {
  return line.actions.transfer.enabled ? line.actions.transfer : line.actions.consult;
}
