import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { KeyHint } from '../ui/key-hint.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import type { SetupPage } from './pages.tsx';
import { type Findable, quickFind } from './quick-find.ts';
import { useRecords } from './resource.ts';
import classes from './side-nav.module.css';

/** Ctrl+K leads to the quick find also out of a field, where `/` is a letter. */
function useFindKey(find: () => void): void {
  const fire = useEffectEvent(find);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      fire();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

/** The pages of Setup by section, and the box that finds a page or a record by its name: `/` or Ctrl+K by keyboard. */
export function SideNav({ pages }: { pages: SetupPage[] }) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLElement>(null);
  const [, navigate] = useLocation();
  const records = useFindableRecords(text.trim() !== '');
  useHotkey('/', () => input.current?.select());
  useFindKey(() => input.current?.select());
  const found = quickFind<Found>([...pages, ...records], text, 20);
  const go = (path: string) => {
    setText('');
    navigate(path);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setText('');
    if (event.key === 'ArrowDown') focusLink(event, list.current, 0);
    const first = found[0];
    if (event.key === 'Enter' && first) go(first.path);
  };
  return (
    <div className={classes.side}>
      <search className={classes.find}>
        <TextInput
          ref={input}
          size="xs"
          aria-label="Quick find"
          placeholder="Quick find"
          leftSection={<IconSearch size={14} />}
          rightSection={
            text ? (
              <CloseButton size="xs" aria-label="Clear the quick find" onClick={() => setText('')} />
            ) : (
              <KeyHint keys="/" />
            )
          }
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={key}
          data-testid="quick-find"
        />
      </search>
      <nav
        ref={list}
        aria-label="Setup"
        className={classes.nav}
        onKeyDown={(event) => walk(event, input.current)}
      >
        {text.trim() === '' ? (
          <Sections pages={pages} />
        ) : (
          <Results found={found} text={text.trim()} onChosen={() => setText('')} />
        )}
      </nav>
    </div>
  );
}

interface Found extends Findable {
  /** What kind of thing a record is. */
  kind?: string;
}

function Sections({ pages }: { pages: SetupPage[] }) {
  const [here] = useLocation();
  const sections = [...new Set(pages.map((page) => page.section))];
  return sections.map((section) => (
    <div key={section} className={classes.section}>
      {section !== '' && <h2 className={classes.heading}>{section}</h2>}
      {pages
        .filter((page) => page.section === section)
        .map(({ path, label, icon: Icon }) => (
          <Link
            key={path}
            href={path}
            className={classes.link}
            aria-current={isAt(here, path) ? 'page' : undefined}
            data-testid={`nav-${path.slice(1) || 'home'}`}
          >
            <Icon size={16} stroke={1.7} aria-hidden />
            {label}
          </Link>
        ))}
    </div>
  ));
}

function Results({ found, text, onChosen }: { found: Found[]; text: string; onChosen: () => void }) {
  return (
    <div className={classes.section} role="status">
      {found.map(({ label, path, kind }) => (
        <Link key={path} href={path} className={classes.link} onClick={onChosen} data-testid="found">
          <span className={classes.foundName}>{label}</span>
          {kind && <span className={classes.kind}>{kind}</span>}
        </Link>
      ))}
      {found.length === 0 && <p className={classes.nothing}>Nothing in Setup is called “{text}”.</p>}
    </div>
  );
}

interface Named {
  id: string;
  label?: string;
  name?: string;
  dnis?: string;
  username?: string;
  extension?: string | null;
}

/** What an administrator has made, to be found by its name. Read when the first letter is typed. */
function useFindableRecords(enabled: boolean): Found[] {
  const users = useRecords<Named>('users', { enabled }).data ?? [];
  const queues = useRecords<Named>('queues', { enabled }).data ?? [];
  const numbers = useRecords<Named>('numbers', { enabled }).data ?? [];
  const trunks = useRecords<Named>('trunks', { enabled }).data ?? [];
  const platforms = useRecords<Named>('platforms', { enabled }).data ?? [];
  return [
    ...trunks.map((one) => ({ label: one.label ?? '', path: `/trunks/${one.id}`, kind: 'Trunk' })),
    ...platforms.map((one) => ({ label: one.label ?? '', path: `/platforms/${one.id}`, kind: 'System' })),
    ...users.map((one) => ({
      label: one.name ?? '',
      words: `${one.username} ${one.extension ?? ''}`,
      path: `/users/${one.id}`,
      kind: 'User',
    })),
    ...queues.map((one) => ({ label: one.label ?? '', path: `/queues/${one.id}`, kind: 'Queue' })),
    ...numbers.map((one) => ({
      label: one.dnis ?? '',
      words: `${one.label} ${one.dnis?.replace(/\D/g, '')}`,
      path: `/numbers/${one.id}`,
      kind: 'Number',
    })),
  ];
}

function isAt(here: string, path: string): boolean {
  return path === '/' ? here === '/' : here === path || here.startsWith(`${path}/`);
}

/** Up and down go from link to link; up from the first one goes back to the box. */
function walk(event: KeyboardEvent<HTMLElement>, input: HTMLInputElement | null): void {
  const links = [...event.currentTarget.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (event.key === 'ArrowDown') focusLink(event, event.currentTarget, at + 1);
  if (event.key !== 'ArrowUp') return;
  if (at > 0) return focusLink(event, event.currentTarget, at - 1);
  event.preventDefault();
  input?.focus();
}

function focusLink(event: KeyboardEvent, list: HTMLElement | null, index: number): void {
  event.preventDefault();
  list?.querySelectorAll('a')[index]?.focus();
}
