import { Anchor, Center, Loader, Title } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import { ErrorState } from '../ui/states.tsx';
import classes from './page.module.css';
import type { Reading } from './resource.ts';

interface PageProps {
  title: string;
  /** What the thing is for, in a sentence. */
  intro?: ReactNode;
  /** The list that this page belongs to. */
  parent?: { label: string; path: string };
  /** State beside the title. */
  badge?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of a page of Setup: where one is, what it is for, what can be done. */
export function Page({ title, intro, parent, badge, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Crosspoint Setup`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.heading}>
          {parent && (
            <nav aria-label="Breadcrumb" className={classes.crumbs}>
              <Anchor component={Link} href={parent.path} inherit>
                {parent.label}
              </Anchor>
              <IconChevronRight size={13} aria-hidden />
            </nav>
          )}
          <div className={classes.titleLine}>
            <Title order={1} className={classes.title} data-testid="page-title">
              {title}
            </Title>
            {badge}
          </div>
          {intro && <p className={classes.intro}>{intro}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title: ReactNode;
  /** What belongs here and what it does. */
  intro?: ReactNode;
  actions?: ReactNode;
  /** The body brings its own padding: tables. */
  flush?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, intro, actions, flush = false, children }: SectionProps) {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <div>
          <h2 className={classes.sectionTitle}>{title}</h2>
          {intro && <p className={classes.sectionIntro}>{intro}</p>}
        </div>
        {actions}
      </div>
      <div className={flush ? classes.flush : classes.sectionBody}>{children}</div>
    </section>
  );
}

/** Loading, failed, or there. */
export function Loaded<T>({
  query,
  children,
}: {
  query: Omit<Reading<T>, 'isFetching'>;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}

/** Something is on its way. */
export function Loading() {
  return (
    <Center mih={200}>
      <Loader aria-label="Loading" />
    </Center>
  );
}
