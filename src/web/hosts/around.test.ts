import { describe, expect, test } from 'vitest';
import { foreignOrigin, hostName, originAround } from './around.ts';

const OURS = 'https://phone.example';

function framed(search: string, around: string, by: 'ancestors' | 'referrer' = 'ancestors') {
  return {
    parent: {},
    location: { origin: OURS, search, ...(by === 'ancestors' ? { ancestorOrigins: [around] } : {}) },
    document: { referrer: by === 'referrer' ? `${around}/some/page?x=1` : '' },
  };
}

describe('the host', () => {
  test.each<[search: string, around: string, name: string]>([
    ['?host=desktop', OURS, 'desktop'],
    ['?host=salesforce&mode=Lightning&isdtp=vw&sfdcIframeOrigin=x', 'https://sf.example', 'lightning'],
    ['?mode=Lightning&sfdcIframeOrigin=x', 'https://sf.example', 'lightning'],
    ['?mode=Classic&sfdcIFrameOrigin=x', 'https://sf.example', 'classic'],
    ['?host=hubspot', 'https://app.hubspot.com', 'hubspot'],
    ['?host=dynamics', 'https://acme.crm.dynamics.com', 'dynamics'],
    ['?host=desktop', 'https://evil.example', 'other'],
    ['', 'https://crm.acme.example', 'other'],
    ['', OURS, 'stand-alone'],
  ])('of %s in a page of %s is %s', (search, around, name) => {
    expect(hostName(framed(search, around))).toBe(name);
    expect(hostName(framed(search, around, 'referrer'))).toBe(name);
  });

  test('without a frame is nobody, whatever the address says', () => {
    const page = { ...framed('?host=salesforce&mode=Lightning', OURS), parent: undefined as unknown };
    page.parent = page;
    expect(hostName(page)).toBe('stand-alone');
    expect(originAround(page)).toBeUndefined();
  });

  test('of another site is the one around us, not the one that the address names', () => {
    const page = framed('?sfdcIframeOrigin=https%3A%2F%2Fevil.example', 'https://sf.example');
    expect(foreignOrigin(page)).toBe('https://sf.example');
    expect(foreignOrigin(framed('', OURS))).toBeUndefined();
    const silent = {
      ...page,
      location: { origin: OURS, search: '?sfdcIframeOrigin=https%3A%2F%2Fsf.example&x' },
    };
    expect(foreignOrigin(silent)).toBe('https://sf.example');
  });
});
