import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PERSONAL_SETTINGS, type SoftphoneState } from '../../protocol/softphone.ts';
import { softphoneXml } from './xml.ts';

const state: SoftphoneState = {
  v: 1,
  rev: 7,
  epoch: 'e1',
  serverNow: 1_000,
  user: {
    id: 'u1',
    name: 'Ann <"&\'>',
    locale: 'en-GB',
    zone: 'Europe/London',
    country: 'GB',
    roles: ['agent', 'supervisor'],
  },
  platforms: [{ id: 'p', label: 'Asterisk', link: 'up', audio: true }],
  agent: { shown: 'ready', since: 5, requested: { state: 'ready' }, choices: [] },
  phone: { kind: 'browser', label: 'Browser phone', devices: [], registered: true },
  lines: [],
  dial: { enabled: false, reason: 'no-phone', text: 'bell\u0007 and \u{1f600}' },
  parked: [],
  settings: { values: DEFAULT_PERSONAL_SETTINGS, unavailable: {} },
  previous: [],
  notices: [],
};

const parse = (xml: string) =>
  new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(xml).softphone;

describe('the state as XML', () => {
  it('is well formed and says the same as the JSON', () => {
    const xml = softphoneXml(state);
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(parse(xml)).toMatchObject({
      rev: '7',
      user: { name: 'Ann <"&\'>', roles: ['agent', 'supervisor'] },
      platforms: { link: 'up', audio: 'true' },
      agent: { shown: 'ready', requested: { state: 'ready' } },
    });
  });

  it('repeats an element for each item of an array and leaves out an empty one', () => {
    const xml = softphoneXml(state);
    expect(xml).toContain('<roles>agent</roles><roles>supervisor</roles>');
    expect(xml).not.toContain('lines');
  });

  it('leaves out what XML cannot carry and what is undefined', () => {
    expect(parse(softphoneXml(state)).dial.text).toBe('bell and \u{1f600}');
    expect(softphoneXml({ ...state, phone: { ...state.phone, problem: undefined } })).not.toContain(
      'problem',
    );
  });
});
