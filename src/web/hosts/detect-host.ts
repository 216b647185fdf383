import { DesktopHost } from './desktop.ts';
import type { Host } from './host.ts';
import { StandAloneHost } from './stand-alone.ts';

/** Which host this page lives in: the desktop says so in the address of its iframe. */
export function detectHost(page: Window): Host {
  const named = new URLSearchParams(page.location.search).get('host');
  if (named === 'desktop' && page.parent !== page) {
    return new DesktopHost({ self: page, parent: page.parent }, page.location.origin);
  }
  return new StandAloneHost({
    open: (path, name) => page.open(path, name),
    hasFocus: () => page.document.hasFocus(),
    onFocusChange: (listener) => onFocusChange(page, listener),
  });
}

function onFocusChange(page: Window, listener: () => void): () => void {
  page.addEventListener('focus', listener);
  page.addEventListener('blur', listener);
  return () => {
    page.removeEventListener('focus', listener);
    page.removeEventListener('blur', listener);
  };
}
