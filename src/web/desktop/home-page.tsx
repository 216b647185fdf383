import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { KeyHint } from '../ui/key-hint.tsx';
import classes from './home-page.module.css';
import { useMe } from '../ui/me-context.ts';
import { ErrorState } from '../ui/states.tsx';
import { KEYS } from './keys.ts';
import { useViewed } from './lists.ts';
import { ObjectIcon } from './object-icon.tsx';
import { useObjects } from './objects-context.tsx';
import { Card, PageHeader } from './page.tsx';
import page from './page.module.css';
import { RecordLine } from './record-line.tsx';
import { pathOf } from './softphone-host.ts';
import { useTabTitle } from './tab-context.tsx';

/** Where one starts: the records looked at last, every kind of record, and how to have a first call. */
export function HomePage() {
  const me = useMe();
  const viewed = useViewed();
  useTabTitle('Home');
  return (
    <div className={page.page} data-testid="home-page">
      <PageHeader title={`Hello, ${me.name.split(' ')[0]}`} />
      <nav className={classes.kinds} aria-label="Kinds of records">
        {useObjects().map((meta) => (
          <Link key={meta.name} href={`/${meta.name}`} className={classes.kind}>
            <ObjectIcon object={meta.name} size={18} />
            {meta.labelPlural}
          </Link>
        ))}
      </nav>
      <div className={classes.columns}>
        <Card title="Viewed last" flush>
          {viewed.isError ? (
            <ErrorState error={viewed.error} onRetry={() => void viewed.refetch()} />
          ) : viewed.data?.length === 0 ? (
            <Text size="sm" c="dimmed" px="md" py="sm">
              Records that you open, or that open because their person calls, stay at hand here.
            </Text>
          ) : (
            <ul className={classes.list}>
              {viewed.data?.map((record) => (
                <li key={record.id}>
                  <Link href={pathOf(record)} className={classes.row} data-testid="recent-record">
                    <RecordLine record={record} />
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <div className={classes.side}>
          <Card title="The first call">
            <ol className={classes.steps}>
              <li>Choose Ready in the softphone at the right.</li>
              <li>
                Open{' '}
                <Anchor inherit underline="always" href="/call" target="_blank">
                  the customer’s page
                </Anchor>{' '}
                in a second tab and call from there, or call in from a SIP phone.
              </li>
              <li>The caller’s record opens here while it rings. Answer, and talk.</li>
            </ol>
          </Card>
          <Card title="Keys">
            <dl className={classes.keys}>
              {KEYS.slice(0, 6).map(([keys, does]) => (
                <div key={keys}>
                  <dt>
                    <KeyHint keys={keys} />
                    <span className="cp-visually-hidden">{keys}</span>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </Card>
        </div>
      </div>
    </div>
  );
}
