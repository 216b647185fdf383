const NAMES = new Intl.DisplayNames(['en'], { type: 'language' });

/** A language tag (BCP 47) as people call it; the tag itself when it is none. */
export function languageName(tag: string): string {
  try {
    return NAMES.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
