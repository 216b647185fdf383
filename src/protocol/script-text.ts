/** Placeholders of agent scripts: pure. */
import { URL_PLACEHOLDERS } from './layouts.ts';

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** What a placeholder speaks of. */
export type Mention =
  | { of: 'call'; name: string }
  | { of: 'data'; key: string }
  | { of: 'answer'; name: string }
  | { of: 'record'; name: string; field: string };

/** `ANI`, `data:key`, `answer:name`, `record:name.Field`; undefined for what is none. */
export function parseMention(inner: string): Mention | undefined {
  if ((URL_PLACEHOLDERS as readonly string[]).includes(inner)) return { of: 'call', name: inner };
  const data = /^data:(.{1,64})$/u.exec(inner)?.[1];
  if (data !== undefined) return { of: 'data', key: data };
  const answer = /^answer:(\w{1,40})$/.exec(inner)?.[1];
  if (answer !== undefined) return { of: 'answer', name: answer };
  const [, name, field] = /^record:(\w{1,40})\.(\w{1,80})$/.exec(inner) ?? [];
  return name !== undefined && field !== undefined ? { of: 'record', name, field } : undefined;
}

/** Every placeholder of a text, with what it speaks of. */
export function mentionsOf(template: string): { inner: string; mention: Mention | undefined }[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, inner = '']) => ({
    inner,
    mention: parseMention(inner),
  }));
}

/** The text with its placeholders filled in. Braces around anything else stay as they are. */
export function fillText(template: string, valueOf: (mention: Mention) => string): string {
  return template.replace(PLACEHOLDER, (all, inner: string) => {
    const mention = parseMention(inner);
    return mention ? valueOf(mention) : all;
  });
}
