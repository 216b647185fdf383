/**
 * Definition files: Salesforce's `<callCenter>` form and the metadata form (`*.callCenter`), read with what is wrong by line,
 * and written. Real files have a byte order mark, spaces within attributes, unescaped `&`, a misspelt name: these are read
 * as they are meant, with a warning.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Definition, DefinitionSection, Diagnostic } from '../../protocol/opencti.ts';
import { checkDefinition, generalInfo } from './definition.ts';

export interface ReadDefinition {
  definition: Definition | null;
  diagnostics: Diagnostic[];
}

/** An element with its place in the text. */
interface Element {
  tag: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
  line: number;
}

const MISSPELT: Record<string, string> = {
  reqSalesforceCompatabilityMode: 'reqSalesforceCompatibilityMode',
  reqSalesforceCompatiblityMode: 'reqSalesforceCompatibilityMode',
};

/** Reads either form. @param fileName names a call center of the metadata form, which does not say its internal name. */
export function readDefinition(text: string, fileName = ''): ReadDefinition {
  const diagnostics: Diagnostic[] = [];
  const clean = mend(text, diagnostics);
  const valid = XMLValidator.validate(clean);
  if (valid !== true) {
    const { line, msg } = valid.err;
    diagnostics.push({
      severity: 'error',
      line,
      rule: 'xml',
      message: `This is not well-formed XML: ${msg}`,
    });
    return { definition: null, diagnostics: inOrder(diagnostics) };
  }
  const root = parse(clean)[0];
  const lines = new Map<string, number>();
  const sections =
    root?.tag === 'callCenter'
      ? readSections(root, lines, diagnostics)
      : root?.tag === 'CallCenter'
        ? readMetadata(root, lines, fileName)
        : undefined;
  if (!sections) {
    const message = `The file begins with <${root?.tag ?? ''}>: a definition is a <callCenter>, or a <CallCenter> of the metadata form.`;
    diagnostics.push({ severity: 'error', line: root?.line ?? 1, rule: 'root', message });
    return { definition: null, diagnostics };
  }
  const lineOf = (section: string, item?: string) =>
    lines.get(item === undefined ? section : `${section}/${item}`) ?? 0;
  const definition = { sections };
  // A placeholder that was found in the text is not told a second time.
  const told = new Set(diagnostics.filter((one) => one.rule === 'placeholder').map((one) => one.line));
  const broken = checkDefinition(definition, lineOf).filter(
    (one) => one.rule !== 'placeholder' || !told.has(one.line),
  );
  diagnostics.push(...broken);
  const usable = !diagnostics.some((one) => one.severity === 'error');
  return { definition: usable ? definition : null, diagnostics: inOrder(diagnostics) };
}

function inOrder(diagnostics: Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.line - b.line);
}

/** The text with what can be mended: byte order mark, `&` in addresses, `<your domain>` where an address should be. */
function mend(text: string, diagnostics: Diagnostic[]): string {
  const warn = (severity: Diagnostic['severity'], rule: string, message: string) => (at: number) =>
    diagnostics.push({ severity, line: lineAt(text, at), rule, message });
  const ampersand = warn('warning', 'ampersand', 'An & must be written as &amp;. It is read as meant.');
  return text
    .replace(/^\s*\ufeff?\s*(?=<)/, (space) => space.replace(/[^\n]/g, ' '))
    .replace(/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/gi, (_, at: number) => {
      ampersand(at);
      return '&amp;';
    })
    .replace(/<([A-Za-z][\w-]*(?:[ _-][\w-]+)*)>/g, (whole, words: string, at: number) => {
      if (!/[ ]|^your|domain|server|host(name)?$/i.test(words)) return whole;
      warn(
        'error',
        'placeholder',
        `The placeholder <${words}> is still there: put your own address in its place.`,
      )(at);
      return `&lt;${words}&gt;`;
    })
    .trimStart();
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

type Node = Record<string, unknown>;

/** `startIndex` of a node is where its tag begins. */
const PLACE = XMLParser.getMetaDataSymbol() as unknown as string;

function parse(text: string): Element[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    captureMetaData: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    processEntities: true,
  });
  return toElements(parser.parse(text) as Node[], text);
}

function toElements(nodes: Node[], text: string): Element[] {
  return nodes.flatMap((node) => {
    const tag = Object.keys(node).find((key) => key !== ':@');
    if (tag === undefined || tag.startsWith('#')) return [];
    const children = node[tag] as Node[];
    const start = (node[PLACE] as { startIndex?: number } | undefined)?.startIndex ?? 0;
    const attributes = Object.entries((node[':@'] ?? {}) as Record<string, unknown>);
    return [
      {
        tag,
        attributes: Object.fromEntries(attributes.map(([name, value]) => [name, String(value)])),
        children: toElements(children, text),
        text: children.map((child) => ('#text' in child ? String(child['#text']) : '')).join(''),
        line: lineAt(text, start),
      },
    ];
  });
}

function readSections(
  root: Element,
  lines: Map<string, number>,
  diagnostics: Diagnostic[],
): DefinitionSection[] {
  const sections = sorted(childrenOf(root, 'section', diagnostics), diagnostics).map((element) => {
    const name = attribute(element, 'name', diagnostics);
    lines.set(name, element.line);
    const items = sorted(childrenOf(element, 'item', diagnostics), diagnostics).map((item) => {
      const written = attribute(item, 'name', diagnostics);
      const itemName = MISSPELT[written] ?? written;
      if (itemName !== written)
        diagnostics.push({
          severity: 'warning',
          line: item.line,
          rule: 'misspelt',
          message: `${written} is read as ${itemName}.`,
        });
      lines.set(`${name}/${itemName}`, item.line);
      return { name: itemName, label: attribute(item, 'label', diagnostics), value: item.text.trim() };
    });
    return { name, label: attribute(element, 'label', diagnostics), items };
  });
  return sections;
}

function childrenOf(parent: Element, tag: string, diagnostics: Diagnostic[]): Element[] {
  return parent.children.filter((child) => {
    if (child.tag === tag) return true;
    const message = `<${child.tag}> has no place in <${parent.tag}>: only <${tag}> has. It is left out.`;
    diagnostics.push({ severity: 'warning', line: child.line, rule: 'element', message });
    return false;
  });
}

function attribute(element: Element, name: string, diagnostics: Diagnostic[]): string {
  const value = element.attributes[name] ?? '';
  if (value !== value.trim() && name === 'name')
    diagnostics.push({
      severity: 'warning',
      line: element.line,
      rule: 'spaces',
      message: `The name "${value}" has spaces around it. It is read without them.`,
    });
  return value.trim();
}

/** By `sortOrder`, which must count from 0 without gaps; where it does not, by what there is of it. */
function sorted(elements: Element[], diagnostics: Diagnostic[]): Element[] {
  const orders = elements.map((element) => (element.attributes.sortOrder ?? '').trim());
  const seen = new Set<string>();
  elements.forEach((element, place) => {
    const order = orders[place] ?? '';
    const wrong =
      order === ''
        ? 'is missing'
        : !/^\d+$/.test(order)
          ? `"${order}" is no whole number`
          : seen.has(String(Number(order)))
            ? `${order} is there twice`
            : undefined;
    if (/^\d+$/.test(order)) seen.add(String(Number(order)));
    if (wrong)
      diagnostics.push({
        severity: 'warning',
        line: element.line,
        rule: 'sort-order',
        message: `The sortOrder of this ${element.tag} ${wrong}. Salesforce refuses that; here the order of the file decides.`,
      });
  });
  const numbers = orders.filter((order) => /^\d+$/.test(order)).map(Number);
  const last = Math.max(-1, ...numbers);
  if (seen.size === elements.length && last !== elements.length - 1)
    diagnostics.push({
      severity: 'warning',
      line: elements[0]?.line ?? 0,
      rule: 'sort-order',
      message: `The sortOrders leave gaps: ${elements.length} of ${elements[0]?.tag} count from 0 to ${elements.length - 1}.`,
    });
  const orderOf = (place: number) => (/^\d+$/.test(orders[place] ?? '') ? Number(orders[place]) : place);
  return elements
    .map((element, place) => ({ element, place }))
    .sort((a, b) => orderOf(a.place) - orderOf(b.place) || a.place - b.place)
    .map(({ element }) => element);
}

function readMetadata(root: Element, lines: Map<string, number>, fileName: string): DefinitionSection[] {
  const text = (element: Element, tag: string) =>
    element.children.find((child) => child.tag === tag)?.text.trim() ?? '';
  const sections = root.children
    .filter((child) => child.tag === 'sections')
    .map((section) => {
      const name = text(section, 'name');
      lines.set(name, section.line);
      const items = section.children
        .filter((child) => child.tag === 'items')
        .map((item) => {
          const itemName = MISSPELT[text(item, 'name')] ?? text(item, 'name');
          lines.set(`${name}/${itemName}`, item.line);
          return { name: itemName, label: text(item, 'label'), value: text(item, 'value') };
        });
      return { name, label: text(section, 'label'), items };
    });
  const general = sections.find((section) => section.name === 'reqGeneralInfo') ?? {
    name: 'reqGeneralInfo',
    label: 'General Information',
    items: [],
  };
  const internalName = fileName.replace(/^.*[\\/]/, '').replace(/\.callCenter(-meta\.xml)?$/i, '');
  const displayName = text(root, 'displayName');
  const head = [
    {
      name: 'reqInternalName',
      label: text(root, 'internalNameLabel') || 'Internal Name',
      value: internalName || displayName.replace(/[^A-Za-z0-9]/g, '').slice(0, 40),
    },
    { name: 'reqDisplayName', label: text(root, 'displayNameLabel') || 'Display Name', value: displayName },
    { name: 'reqAdapterUrl', label: 'CTI Adapter URL', value: text(root, 'adapterUrl') },
  ];
  const own = general.items.filter((item) => !head.some((one) => one.name === item.name && one.value !== ''));
  const items = [...head.filter((one) => !own.some((item) => item.name === one.name)), ...own];
  return [{ ...general, items }, ...sections.filter((section) => section !== general)];
}

/** The definition as a file that Salesforce and we import. */
export function writeDefinition({ sections }: Definition): string {
  const lines = sections.flatMap((section, place) => [
    `  <section sortOrder="${place}" name="${escape(section.name)}" label="${escape(section.label)}">`,
    ...section.items.map(
      (item, order) =>
        `    <item sortOrder="${order}" name="${escape(item.name)}" label="${escape(item.label)}">${escape(item.value)}</item>`,
    ),
    '  </section>',
  ]);
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<callCenter>', ...lines, '</callCenter>', ''].join('\n');
}

/** The definition in the metadata form; its file's name is the internal name. */
export function writeMetadata(definition: Definition): string {
  const item = (name: string) =>
    definition.sections[0]?.items.find((one) => one.name === name)?.label || 'Name';
  const element = (indent: string, tag: string, value: string) =>
    `${indent}<${tag}>${escape(value)}</${tag}>`;
  const named = ['reqInternalName', 'reqDisplayName', 'reqAdapterUrl'];
  const sections = definition.sections.flatMap((section) => [
    '  <sections>',
    ...section.items
      .filter((one) => !named.includes(one.name))
      .flatMap((one) => [
        '    <items>',
        element('      ', 'label', one.label),
        element('      ', 'name', one.name),
        element('      ', 'value', one.value),
        '    </items>',
      ]),
    element('    ', 'label', section.label),
    element('    ', 'name', section.name),
    '  </sections>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<CallCenter xmlns="http://soap.sforce.com/2006/04/metadata">',
    element('  ', 'adapterUrl', generalInfo(definition, 'reqAdapterUrl')),
    element('  ', 'displayName', generalInfo(definition, 'reqDisplayName')),
    element('  ', 'displayNameLabel', item('reqDisplayName')),
    element('  ', 'internalNameLabel', item('reqInternalName')),
    ...sections,
    '</CallCenter>',
    '',
  ].join('\n');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
