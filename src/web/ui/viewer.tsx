import { createContext, type ReactNode, useContext } from 'react';

/** How the person at the screen reads times and numbers. */
export interface Viewer {
  /** BCP 47, such as `en-GB`. */
  locale: string;
  /** IANA time zone. */
  zone: string;
  /** ISO 3166 code: numbers of this country are shown in national form. */
  country: string;
}

const browser = Intl.DateTimeFormat().resolvedOptions();

const ViewerContext = createContext<Viewer>({
  locale: browser.locale,
  zone: browser.timeZone,
  country: new Intl.Locale(browser.locale).maximize().region ?? 'US',
});

/** Gives the signed-in user's locale, zone and country to everything below. */
export function ViewerProvider({ value, children }: { value: Viewer; children: ReactNode }) {
  return <ViewerContext value={value}>{children}</ViewerContext>;
}

/** The viewer of this page: the browser's settings until a ViewerProvider says better. */
export function useViewer(): Viewer {
  return useContext(ViewerContext);
}
