/** What a call center's definition says, and the rules that it must keep: those of Salesforce, and our reasons. */
import type { CompatibilityMode, Definition, DefinitionItem, Diagnostic } from '../../protocol/opencti.ts';

const GENERAL = 'reqGeneralInfo';

/** What every definition must have, with its place in a file that Crosspoint writes. */
const REQUIRED = [
  'reqInternalName',
  'reqDisplayName',
  'reqAdapterUrl',
  'reqUseApi',
  'reqSoftphoneHeight',
  'reqSoftphoneWidth',
] as const;

/**
 * What Salesforce Voice's own form of the file has in the place of the rest: its adapter's address and size come from the vendor's
 * package there, so that they may be absent.
 */
const VENDOR = 'reqVendorInfoApiName';
const OF_VENDOR = ['reqAdapterUrl', 'reqUseApi', 'reqSoftphoneHeight', 'reqSoftphoneWidth'];
/** A panel for calls, where the file gives no size. */
export const VOICE_PANEL = { height: 600, width: 340 };

/** The call center is one of Salesforce Voice: its adapter is a service-cloud-voice connector. */
export function isVoice(definition: Definition): boolean {
  return generalInfo(definition, VENDOR) !== '';
}

/** The sizes that Lightning allows, in pixels. */
export const PANEL_SIZES = { height: { min: 240, max: 2_560 }, width: { min: 200, max: 1_920 } } as const;

const MODES: CompatibilityMode[] = ['Classic', 'Lightning', 'Classic_and_Lightning'];
const RESERVED = ['label', 'sortOrder', 'internalNameLabel', 'displayNameLabel'];

/** The value of an item of `reqGeneralInfo`; empty when it has none. */
export function generalInfo(definition: Definition, name: string): string {
  return itemOf(definition, name)?.value.trim() ?? '';
}

function itemOf({ sections }: Definition, name: string): DefinitionItem | undefined {
  return sections.find((section) => section.name === GENERAL)?.items.find((item) => item.name === name);
}

/** The definition with a place for the address that its file does not have, so that an administrator can fill it in. */
export function withConnectorAddress(definition: Definition): Definition {
  if (!isVoice(definition) || itemOf(definition, 'reqAdapterUrl')) return definition;
  const item = { name: 'reqAdapterUrl', label: 'Address of the connector', value: '' };
  const sections = definition.sections.map((section) =>
    section.name === GENERAL ? { ...section, items: [...section.items, item] } : section,
  );
  return { sections };
}

/** The certificate of Salesforce Voice is between its servers and the vendor's: no page and no audit trail needs it. */
export function isSecretItem(name: string): boolean {
  return /certificate$/i.test(name);
}

/** The definition with these values in `reqGeneralInfo`, of items that it has. */
export function withGeneralInfo(definition: Definition, values: Record<string, string>): Definition {
  const sections = definition.sections.map((section) =>
    section.name === GENERAL
      ? {
          ...section,
          items: section.items.map((item) => ({ ...item, value: values[item.name] ?? item.value })),
        }
      : section,
  );
  return { sections };
}

/** Without a mode a definition is for Classic: that is the file format's default. */
export function modeOf(definition: Definition): CompatibilityMode {
  const given = generalInfo(definition, 'reqSalesforceCompatibilityMode');
  return MODES.find((mode) => mode.toLowerCase() === given.toLowerCase()) ?? 'Classic';
}

/** Another's page in the place of our softphone: an absolute address. */
export function isExternal(adapterUrl: string): boolean {
  return /^https?:\/\//i.test(adapterUrl) && URL.canParse(adapterUrl);
}

/**
 * The flat map of getCallCenterSettings: path to text. The two names have no label of their own: theirs are
 * `/internalNameLabel` and `/displayNameLabel`.
 */
export function settingsMap(definition: Definition): Record<string, string> {
  const map: Record<string, string> = {
    '/label': generalInfo(definition, 'reqDisplayName'),
    '/internalNameLabel': itemOf(definition, 'reqInternalName')?.label ?? '',
    '/displayNameLabel': itemOf(definition, 'reqDisplayName')?.label ?? '',
  };
  definition.sections.forEach((section, place) => {
    map[`/${section.name}/label`] = section.label;
    map[`/${section.name}/sortOrder`] = `${place}.0`;
    section.items.forEach((item, order) => {
      const path = `/${section.name}/${item.name}`;
      map[path] = item.value;
      if (item.name !== 'reqInternalName' && item.name !== 'reqDisplayName')
        map[`${path}/label`] = item.label;
      map[`${path}/sortOrder`] = `${order}.0`;
    });
  });
  return map;
}

/** Where a section or item stands in its file, for the line of a diagnostic. Default: nowhere. */
export type LineOf = (section: string, item?: string) => number;

type Report = (severity: Diagnostic['severity'], rule: string, message: string, line: number) => void;

/** Everything that is wrong with a definition, in the order of the file. */
export function checkDefinition(definition: Definition, lineOf: LineOf = () => 0): Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: Report = (severity, rule, message, line) => found.push({ severity, line, rule, message });
  checkNames(definition, lineOf, report);
  checkGeneral(definition, lineOf, report);
  return found;
}

function checkNames({ sections }: Definition, lineOf: LineOf, report: Report): void {
  const seen = new Set<string>();
  for (const section of sections) {
    checkName('section', section.name, seen, lineOf(section.name), report);
    const names = new Set<string>();
    for (const item of section.items) {
      const line = lineOf(section.name, item.name);
      checkName('item', item.name, names, line, report);
      if (item.value.length > 255)
        report(
          'error',
          'value-length',
          `${item.name} has ${item.value.length} characters: at most 255.`,
          line,
        );
      if (item.label.length > 1_000)
        report('error', 'label-length', `The label of ${item.name} is longer than 1000 characters.`, line);
    }
    if (section.items.length === 0)
      report('warning', 'empty-section', `The section ${section.name} has no items.`, lineOf(section.name));
  }
}

function checkName(what: string, name: string, seen: Set<string>, line: number, report: Report): void {
  if (name === '') return report('error', 'name-missing', `This ${what} has no name.`, line);
  if (!/^[A-Za-z0-9]{1,40}$/.test(name)) {
    report('error', 'name-form', `"${name}" cannot be a name: letters and digits only, at most 40.`, line);
  }
  if (RESERVED.includes(name))
    report('error', 'name-reserved', `"${name}" cannot be the name of a ${what}.`, line);
  if (seen.has(name)) report('error', 'name-twice', `There are two ${what}s with the name ${name}.`, line);
  seen.add(name);
}

function checkGeneral(definition: Definition, lineOf: LineOf, report: Report): void {
  if (!definition.sections.some((section) => section.name === GENERAL))
    return report('error', 'general-section', `The section ${GENERAL} is missing.`, 1);
  const line = (name: string) => lineOf(GENERAL, name) || lineOf(GENERAL);
  const value = (name: string) => generalInfo(definition, name);
  const voice = isVoice(definition);
  if (voice && value('reqAdapterUrl') === '')
    report(
      'warning',
      'connector-address',
      'reqAdapterUrl is missing: in Salesforce it comes with the vendor’s package. Put the address of his connector here; until then users keep Crosspoint’s softphone.',
      line('reqAdapterUrl'),
    );
  for (const name of REQUIRED) {
    if (voice && OF_VENDOR.includes(name)) continue;
    if (!itemOf(definition, name) || value(name) === '')
      report('error', 'item-missing', `${name} is missing in ${GENERAL}.`, line(name));
  }
  const name = value('reqInternalName');
  if (name !== '' && !/^[A-Za-z][A-Za-z0-9]{0,39}$/.test(name))
    report(
      'error',
      'internal-name',
      `The internal name "${name}" must begin with a letter and have at most 40 letters and digits.`,
      line('reqInternalName'),
    );
  checkAddress('reqAdapterUrl', value('reqAdapterUrl'), line('reqAdapterUrl'), report);
  if (value('reqUseApi') !== '' && value('reqUseApi').toLowerCase() !== 'true')
    report(
      'warning',
      'use-api',
      'reqUseApi is not true: the adapter says that it does not use Open CTI.',
      line('reqUseApi'),
    );
  checkSize('height', value('reqSoftphoneHeight'), line('reqSoftphoneHeight'), report);
  checkSize('width', value('reqSoftphoneWidth'), line('reqSoftphoneWidth'), report);
  if (!voice)
    checkMode(value('reqSalesforceCompatibilityMode'), line('reqSalesforceCompatibilityMode'), report);
  checkStandby(
    value('reqStandbyUrl'),
    value('reqTimeout'),
    line('reqStandbyUrl'),
    line('reqTimeout'),
    report,
  );
}

function checkAddress(name: string, address: string, line: number, report: Report): void {
  if (address === '') return;
  if (/[<>]|your[-_ ]?(domain|server|host)|example\.invalid/i.test(address))
    return report(
      'error',
      'placeholder',
      `${name} still has a placeholder: put your own address there.`,
      line,
    );
  if (address.startsWith('/') && !address.startsWith('//'))
    return report(
      'warning',
      'relative-url',
      `${name} is a page of Salesforce's own (${address}), which is not here: users keep Crosspoint's softphone.`,
      line,
    );
  if (!isExternal(address)) return report('error', 'url', `${name} must be an address with https://.`, line);
  const { protocol, hostname } = new URL(address);
  if (protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
    report(
      'warning',
      'https',
      `${name} is no https: a browser shows it only where Crosspoint has none either.`,
      line,
    );
}

function checkSize(what: 'height' | 'width', text: string, line: number, report: Report): void {
  if (text === '') return;
  const { min, max } = PANEL_SIZES[what];
  const size = Number(text);
  if (!Number.isInteger(size) || size <= 0)
    return report(
      'error',
      'size',
      `The softphone's ${what} must be a number of pixels, not "${text}".`,
      line,
    );
  if (size < min || size > max)
    report(
      'warning',
      'size-range',
      `The softphone's ${what} is ${size}: it is shown with ${min} to ${max} pixels.`,
      line,
    );
}

function checkMode(text: string, line: number, report: Report): void {
  if (text === '')
    return report(
      'warning',
      'mode',
      'reqSalesforceCompatibilityMode is missing, which means Classic: an adapter that uses sforce.opencti needs Lightning.',
      line,
    );
  if (!MODES.some((mode) => mode.toLowerCase() === text.toLowerCase()))
    report(
      'error',
      'mode',
      `reqSalesforceCompatibilityMode must be ${MODES.join(', ')}, not "${text}".`,
      line,
    );
}

function checkStandby(
  url: string,
  timeout: string,
  urlLine: number,
  timeoutLine: number,
  report: Report,
): void {
  if (url === '' && timeout === '') return;
  if (url === '' || timeout === '')
    report(
      'warning',
      'standby',
      'reqStandbyUrl and reqTimeout go together: with one alone nothing happens.',
      urlLine,
    );
  checkAddress('reqStandbyUrl', url, urlLine, report);
  if (timeout !== '' && !(Number(timeout) > 0))
    report('error', 'timeout', `reqTimeout must be a number of milliseconds, not "${timeout}".`, timeoutLine);
}
