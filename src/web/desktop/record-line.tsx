import type { RecordRef } from '../../protocol/facts.ts';
import { ObjectIcon } from './object-icon.tsx';
import { useObject } from './objects-context.tsx';
import classes from './record-line.module.css';

/** A record on one line: sign, name, and what tells namesakes apart. */
export function RecordLine({ record }: { record: RecordRef }) {
  const meta = useObject(record.object);
  return (
    <span className={classes.line}>
      <ObjectIcon object={record.object} size={14} />
      <span className={classes.text}>
        <span className={classes.name}>{record.name}</span>
        {record.detail && <span className={classes.detail}>{record.detail}</span>}
      </span>
      <span className={classes.object}>{meta?.label ?? record.object}</span>
    </span>
  );
}
