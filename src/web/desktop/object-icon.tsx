import {
  IconBuilding,
  IconChecklist,
  IconCube,
  IconLifebuoy,
  IconTargetArrow,
  IconUser,
} from '@tabler/icons-react';
import classes from './object-icon.module.css';

const ICONS: Record<string, typeof IconUser> = {
  Account: IconBuilding,
  Contact: IconUser,
  Lead: IconTargetArrow,
  Case: IconLifebuoy,
  Task: IconChecklist,
};

/** The sign of a kind of record. */
export function ObjectIcon({ object, size = 18 }: { object: string; size?: number }) {
  const Icon = ICONS[object] ?? IconCube;
  return (
    <span
      className={classes.tile}
      data-object={object}
      style={{ width: size * 1.6, height: size * 1.6 }}
      aria-hidden
    >
      <Icon size={size} stroke={1.7} />
    </span>
  );
}
