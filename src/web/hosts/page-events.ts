/** The part of `window` that tells whether somebody looks at this page. */
export interface WatchedPage {
  document: Pick<Document, 'hasFocus' | 'visibilityState' | 'addEventListener' | 'removeEventListener'>;
  addEventListener(event: 'focus' | 'blur', listener: () => void): void;
  removeEventListener(event: 'focus' | 'blur', listener: () => void): void;
}

/** Calls `listener` when the page gets or loses the focus, or is shown or hidden. Returns the function that stops it. */
export function onAttention(page: WatchedPage, listener: () => void): () => void {
  for (const event of ['focus', 'blur'] as const) page.addEventListener(event, listener);
  page.document.addEventListener('visibilitychange', listener);
  return () => {
    for (const event of ['focus', 'blur'] as const) page.removeEventListener(event, listener);
    page.document.removeEventListener('visibilitychange', listener);
  };
}

/** Puts a script of the CRM's into the page. Rejects when the browser does not load it. */
export function loadScript(
  document: Document,
  src: string,
  data: Record<string, string> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    for (const [name, value] of Object.entries(data)) script.dataset[name] = value;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`${src} cannot be loaded`)));
    document.head.append(script);
  });
}
