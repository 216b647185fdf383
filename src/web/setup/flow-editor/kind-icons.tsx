import {
  IconArrowForwardUp,
  IconBox,
  IconCalendarTime,
  IconDatabaseSearch,
  IconDialpad,
  IconGitBranch,
  type Icon,
  IconListNumbers,
  IconMessage,
  IconMicrophone,
  IconPhoneCalling,
  IconPhoneOff,
  IconRecordMail,
  IconScript,
  IconSpeakerphone,
  IconUsersGroup,
  IconVariable,
  IconWorldShare,
} from '@tabler/icons-react';
import type { FlowNodeKind } from '../../../protocol/flow-nodes.ts';
import classes from './kind-icons.module.css';

const ICONS: Record<string, Icon> = {
  say: IconSpeakerphone,
  menu: IconListNumbers,
  collect: IconDialpad,
  speech: IconMicrophone,
  lookup: IconDatabaseSearch,
  http: IconWorldShare,
  set: IconVariable,
  test: IconGitBranch,
  hours: IconCalendarTime,
  queue: IconUsersGroup,
  transfer: IconArrowForwardUp,
  voicemail: IconRecordMail,
  callback: IconPhoneCalling,
  record: IconMicrophone,
  position: IconMessage,
  script: IconScript,
  hangup: IconPhoneOff,
};

/** The sign of a kind of node, in the colour of its group. */
export function KindIcon({
  kind,
  group,
  size = 26,
}: {
  kind: string;
  group: FlowNodeKind['group'] | undefined;
  size?: number;
}) {
  const Sign = ICONS[kind] ?? IconBox;
  return (
    <span className={classes.icon} data-group={group} style={{ width: size, height: size }} aria-hidden>
      <Sign size={Math.round(size * 0.62)} stroke={1.8} />
    </span>
  );
}

/** What the groups of kinds are called in the palette. */
export const GROUP_LABELS: Record<FlowNodeKind['group'], string> = {
  talk: 'Talk with the caller',
  decide: 'Decide',
  data: 'Data',
  people: 'To people',
  end: 'End',
};
