import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { ObjectIcon } from './object-icon.tsx';
import classes from './page.module.css';

interface PageHeaderProps {
  object?: string;
  /** What kind of thing the page shows. */
  kind?: ReactNode;
  title: ReactNode;
  titleTestId?: string;
  actions?: ReactNode;
}

/** The head of a page: sign, kind, name, and what can be done. */
export function PageHeader({ object, kind, title, titleTestId, actions }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      {object && <ObjectIcon object={object} size={22} />}
      <div className={classes.heading}>
        {kind && <div className={classes.kind}>{kind}</div>}
        <Title order={1} className={classes.title} data-testid={titleTestId}>
          {title}
        </Title>
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}

interface CardProps {
  title: ReactNode;
  count?: ReactNode;
  actions?: ReactNode;
  /** The body brings its own padding: tables. */
  flush?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, count, actions, flush = false, children }: CardProps) {
  return (
    <section className={classes.card}>
      <div className={classes.cardHead}>
        <h2 className={classes.cardTitle} style={{ margin: 0 }}>
          {title}
          {count !== undefined && <span className={classes.count}>{count}</span>}
        </h2>
        {actions}
      </div>
      <div className={flush ? undefined : classes.cardBody}>{children}</div>
    </section>
  );
}
