import { expect, test } from 'vitest';
import { StandAloneHost } from './stand-alone.ts';

function start(blocked = false) {
  const log: unknown[] = [];
  let focused = true;
  let change = () => {};
  const host = new StandAloneHost({
    open: (path, name) => {
      log.push(`${name} ${path}`);
      return blocked ? null : {};
    },
    hasFocus: () => focused,
    onFocusChange: (listener) => {
      change = listener;
      return () => log.push('stopped');
    },
  });
  host.start({
    dial: () => {},
    focus: (now) => log.push(`focus ${now}`),
    popped: (id) => log.push(`popped ${id}`),
    changed: () => {},
    context: () => {},
  });
  return {
    host,
    log,
    blur: () => {
      focused = false;
      change();
    },
  };
}

test('opens records in one tab of the desktop, others where they are to be, and says that it popped', () => {
  const { host, log } = start();
  const record = { id: '003A', object: 'Contact', name: 'Ada' };
  host.pop({ popId: 'p1', decision: 'record', record, number: '1', open: 'tab' });
  host.pop({ popId: 'p2', decision: 'list', number: '+44 20', open: 'subtab' });
  host.pop({ popId: 'p3', decision: 'new', number: '+44', open: 'tab' });
  host.pop({ popId: 'p4', decision: 'list', number: '1', open: 'window' });
  host.pop({ popId: 'p5', decision: 'page', url: 'https://erp.example/1', number: '1', open: 'tab' });
  expect(log.slice(1)).toEqual([
    'crosspoint-desktop /Contact/003A',
    'popped p1',
    'crosspoint-desktop /search?q=%2B44%2020',
    'popped p2',
    'crosspoint-desktop /Contact/new?Phone=%2B44',
    'popped p3',
    '_blank /search?q=1',
    'popped p4',
    '_blank https://erp.example/1',
    'popped p5',
  ]);
});

test('does not say that it popped when the browser blocked it', () => {
  const { host, log } = start(true);
  host.pop({ popId: 'p1', decision: 'list', number: '1', open: 'tab' });
  expect(log).not.toContain('popped p1');
});

test('tells when the agent looks at it and when not', () => {
  const { host, log, blur } = start();
  blur();
  host.close();
  expect(log).toEqual(['focus true', 'focus false', 'stopped']);
});
