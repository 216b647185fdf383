import type { CSSProperties, ReactNode } from 'react';
import classes from './data-list.module.css';

export interface Fact {
  label: string;
  value: ReactNode;
  /** Takes the whole row: long text. */
  wide?: boolean;
  testId?: string;
}

/** Labels and values in as many columns as fit. */
export function Facts({ items, minWidth = 220 }: { items: Fact[]; minWidth?: number }) {
  return (
    <dl className={classes.list} style={{ '--min': `${minWidth}px` } as CSSProperties}>
      {items.map((item) => (
        <div
          key={item.label}
          className={classes.item}
          data-wide={item.wide || undefined}
          data-testid={item.testId}
        >
          <dt className={classes.label}>{item.label}</dt>
          <dd className={classes.value}>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
