import { describe, expect, it } from 'vitest';
import { must } from '../../lib/must.ts';
import { isVoice, modeOf, settingsMap, withConnectorAddress } from './definition.ts';
import { readDefinition, writeDefinition, writeMetadata } from './definition-xml.ts';

const GENERAL = {
  reqInternalName: 'Demo',
  reqDisplayName: 'Demo adapter',
  reqAdapterUrl: 'https://adapter.example/phone?a=1&amp;b=2',
  reqUseApi: 'true',
  reqSoftphoneHeight: '400',
  reqSoftphoneWidth: '320',
  reqSalesforceCompatibilityMode: 'Lightning',
};

function file(general: Record<string, string> = GENERAL, more = ''): string {
  const items = Object.entries(general).map(
    ([name, value], order) =>
      `    <item sortOrder="${order}" name="${name}" label="${name}!">${value}</item>`,
  );
  return [
    '<callCenter>',
    '  <section sortOrder="0" name="reqGeneralInfo" label="General">',
    ...items,
    '  </section>',
    more,
    '</callCenter>',
  ].join('\n');
}

const without = (name: keyof typeof GENERAL): Record<string, string> =>
  Object.fromEntries(Object.entries(GENERAL).filter(([key]) => key !== name));

const found = (text: string, fileName?: string) =>
  readDefinition(text, fileName).diagnostics.map(({ severity, line, rule }) => [severity, line, rule]);

describe('a definition file', () => {
  it('is read as it is, without anything to say', () => {
    const { definition, diagnostics } = readDefinition(file());
    expect(diagnostics).toEqual([]);
    expect(settingsMap(must(definition, 'definition'))).toMatchObject({
      '/label': 'Demo adapter',
      '/reqGeneralInfo/label': 'General',
      '/reqGeneralInfo/sortOrder': '0.0',
      '/reqGeneralInfo/reqAdapterUrl': 'https://adapter.example/phone?a=1&b=2',
      '/reqGeneralInfo/reqAdapterUrl/label': 'reqAdapterUrl!',
      '/reqGeneralInfo/reqAdapterUrl/sortOrder': '2.0',
    });
  });

  it('comes out of an export as it went in, in both forms', () => {
    const { definition } = readDefinition(file());
    const read = must(definition, 'definition');
    expect(readDefinition(writeDefinition(read))).toEqual({ definition: read, diagnostics: [] });
    const metadata = readDefinition(writeMetadata(read), 'somewhere/Demo.callCenter');
    expect(metadata.definition && settingsMap(metadata.definition)).toMatchObject({
      '/reqGeneralInfo/reqInternalName': 'Demo',
      '/reqGeneralInfo/reqDisplayName': 'Demo adapter',
      '/reqGeneralInfo/reqAdapterUrl': 'https://adapter.example/phone?a=1&b=2',
      '/reqGeneralInfo/reqSoftphoneWidth': '320',
    });
  });

  it('is in the order of its sortOrders', () => {
    const more = `<section sortOrder="1" name="b" label=""><item sortOrder="1" name="y" label="">2</item><item sortOrder="0" name="x" label="">1</item></section>`;
    const { definition } = readDefinition(file(GENERAL, more));
    expect(definition?.sections[1]?.items.map(({ name }) => name)).toEqual(['x', 'y']);
  });

  it('without a mode is for Classic', () => {
    const { definition } = readDefinition(file(without('reqSalesforceCompatibilityMode')));
    expect(modeOf(must(definition, 'definition'))).toBe('Classic');
  });
});

describe('what real files have is read as it is meant, and told with its line', () => {
  it.each([
    ['a byte order mark and no declaration', `\ufeff\n${file()}`, []],
    [
      'an unescaped ampersand',
      file({ ...GENERAL, reqAdapterUrl: 'https://a.example/?a=1&b=2' }),
      [['warning', 5, 'ampersand']],
    ],
    [
      'a name with spaces around it',
      file().replace('"reqUseApi"', '" reqUseApi"'),
      [['warning', 6, 'spaces']],
    ],
    [
      'the misspelt compatibility mode',
      file().replace('"reqSalesforceCompatibilityMode"', '"reqSalesforceCompatabilityMode"'),
      [['warning', 9, 'misspelt']],
    ],
    ['sort orders twice', file().replace('sortOrder="1"', 'sortOrder="0"'), [['warning', 4, 'sort-order']]],
    [
      'sort orders with a gap',
      file().replace('sortOrder="6"', 'sortOrder="9"'),
      [['warning', 3, 'sort-order']],
    ],
    ['a stranger among the items', file(GENERAL, '<other/>'), [['warning', 11, 'element']]],
    ['http', file({ ...GENERAL, reqAdapterUrl: 'http://a.example/' }), [['warning', 5, 'https']]],
    [
      'a page of Salesforce',
      file({ ...GENERAL, reqAdapterUrl: '/apex/phone' }),
      [['warning', 5, 'relative-url']],
    ],
  ])('%s', (_what, text, expected) => {
    expect(found(text)).toEqual(expected);
    expect(readDefinition(text).definition).not.toBeNull();
  });
});

describe('a file that cannot be used says why and where:', () => {
  it.each([
    ['it is not XML', '<callCenter>\n<section', [['error', 1, 'xml']]],
    ['it is something else', '<html></html>', [['error', 1, 'root']]],
    [
      'a placeholder',
      file({ ...GENERAL, reqAdapterUrl: 'https://<your domain>/x' }),
      [['error', 5, 'placeholder']],
    ],
    ['no adapter address', file(without('reqAdapterUrl')), [['error', 2, 'item-missing']]],
    [
      'no general section',
      '<callCenter><section sortOrder="0" name="a" label=""><item sortOrder="0" name="b" label="">c</item></section></callCenter>',
      [['error', 1, 'general-section']],
    ],
    [
      'a wrong internal name',
      file({ ...GENERAL, reqInternalName: '1 demo' }),
      [['error', 3, 'internal-name']],
    ],
    [
      'an address that is none',
      file({ ...GENERAL, reqAdapterUrl: 'javascript:alert(1)' }),
      [['error', 5, 'url']],
    ],
    ['a size that is none', file({ ...GENERAL, reqSoftphoneWidth: 'wide' }), [['error', 8, 'size']]],
    [
      'a mode that is none',
      file({ ...GENERAL, reqSalesforceCompatibilityMode: 'Both' }),
      [['error', 9, 'mode']],
    ],
    [
      'a value that is too long',
      file(
        GENERAL,
        `<section sortOrder="1" name="a" label=""><item sortOrder="0" name="b" label="">${'x'.repeat(256)}</item></section>`,
      ),
      [['error', 11, 'value-length']],
    ],
    [
      'a name twice',
      file(
        GENERAL,
        `<section sortOrder="1" name="a" label=""><item sortOrder="0" name="b" label="">1</item><item sortOrder="1" name="b" label="">2</item></section>`,
      ),
      [['error', 11, 'name-twice']],
    ],
  ])('%s', (_what, text, expected) => {
    const errors = found(text).filter(([severity]) => severity === 'error');
    expect(errors.map(([severity, , rule]) => [severity, rule])).toEqual(
      expected.map(([severity, , rule]) => [severity, rule]),
    );
    expect(readDefinition(text).definition).toBeNull();
  });
});

describe('the file of Salesforce Voice', () => {
  const general = {
    reqInternalName: 'Voice',
    reqDisplayName: 'Voice connector',
    reqVendorInfoApiName: 'vendor__Info',
  };
  const secret = `  <section sortOrder="1" name="reqHvcc" label="SCV"><item sortOrder="0" name="reqTelephonyIntegrationCertificate" label="C">CERT</item></section>`;

  it('is taken without an address, and gets a place for it', () => {
    const { definition, diagnostics } = readDefinition(file(general, secret));
    expect(diagnostics.map(({ severity, rule }) => [severity, rule])).toEqual([
      ['warning', 'connector-address'],
    ]);
    const completed = withConnectorAddress(must(definition, 'definition'));
    expect(isVoice(completed)).toBe(true);
    expect(completed.sections[0]?.items.at(-1)).toMatchObject({ name: 'reqAdapterUrl', value: '' });
    expect(withConnectorAddress(completed)).toBe(completed);
  });

  it('with an address has nothing to say', () => {
    expect(found(file({ ...general, reqAdapterUrl: 'https://vendor.example/connector' }, secret))).toEqual(
      [],
    );
  });
});
