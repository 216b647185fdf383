import { XMLBuilder } from 'fast-xml-parser';
import type { SoftphoneState } from '../../protocol/softphone.ts';

/**
 * The softphone's state as XML, for the old toolkit's sake (`?format=xml`). Element names are the JSON keys and as stable as
 * they are; the root is `<softphone>`. An array is its element, once for each item (an empty one is absent); a key that is
 * no XML name is `<entry key="…">`; numbers and booleans are their text, null is an empty element; what is undefined is
 * absent. Characters that XML 1.0 cannot carry are left out.
 */
export function softphoneXml(state: SoftphoneState): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    suppressEmptyNode: true,
    processEntities: true,
  });
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build({ softphone: toXml(state) })}`;
}

type XmlValue = string | XmlValue[] | { [name: string]: XmlValue };

function toXml(value: unknown): XmlValue {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map(toXml);
  if (typeof value !== 'object') return String(value).replace(UNCARRIABLE, '');
  const node: { [name: string]: XmlValue } = {};
  const entries: XmlValue[] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    if (XML_NAME.test(key)) node[key] = toXml(inner);
    else entries.push({ '@key': key, '#text': toXml(inner) });
  }
  if (entries.length > 0) node['entry'] = entries;
  return node;
}

const XML_NAME = /^[A-Za-z_][\w.-]*$/;
const UNCARRIABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
