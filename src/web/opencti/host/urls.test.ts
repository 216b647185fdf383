import { describe, expect, it } from 'vitest';
import { adapterAddress, desktopPath, type KnownObject, lightningPath } from './urls.ts';

const OBJECTS: KnownObject[] = [
  { name: 'Account', label: 'Account', prefix: '001' },
  { name: 'Contact', label: 'Contact', prefix: '003' },
];
const ID = '003000000000001';

describe('a path of the desktop in the words of Lightning', () => {
  it.each([
    ['/', '/lightning/page/home'],
    ['/Contact', '/lightning/o/Contact/list'],
    [`/Contact/${ID}`, `/lightning/r/Contact/${ID}/view`],
    ['/search?q=ada', '/lightning/search?q=ada'],
  ])('%s is %s, and back', (path, url) => {
    expect(lightningPath(path)).toBe(url);
    expect(desktopPath(url, OBJECTS)).toBe(path);
  });

  it('names what a new record stands before', () => {
    expect(lightningPath('/Contact/new?Phone=1')).toBe(
      '/lightning/o/Contact/new?Phone=1&backgroundContext=%2Flightning%2Fo%2FContact%2Flist',
    );
    expect(desktopPath(lightningPath('/Contact/new?Phone=1'), OBJECTS)).toBe('/Contact/new?Phone=1');
  });
});

describe('an address that an adapter pops', () => {
  it.each([
    [`/${ID}`, `/Contact/${ID}`],
    [`/${ID}AAA`, `/Contact/${ID}`],
    ['/001/o', '/Account'],
    ['/003/e?LastName=Doe&retURL=%2F', '/Contact/new?LastName=Doe'],
    ['/lightning/o/Contact/new?defaultFieldValues=LastName=Doe,Phone=1', '/Contact/new?LastName=Doe&Phone=1'],
    [`/lightning/r/${ID}/view`, `/Contact/${ID}`],
    [`/one/one.app#/sObject/${ID}/view`, `/Contact/${ID}`],
    ['/_ui/search/ui/UnifiedSearchResults?str=Ada', '/search?q=Ada'],
    ['/Account', '/Account'],
  ])('%s is %s', (url, path) => expect(desktopPath(url, OBJECTS)).toBe(path));

  it.each([
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    'Contact',
    '/apex/Page',
    '/00X000000000001',
    '',
  ])('%j is no page of ours', (url) => expect(desktopPath(url, OBJECTS)).toBeUndefined());
});

it('an adapter’s address gets the parameters of Salesforce once, after its own, and keeps its fragment', () => {
  const address = adapterAddress('https://a.example/p?x=1&nonce=old#top', {
    mode: 'Lightning',
    origin: 'https://crm.example',
    nonce: 'n1',
  });
  expect(address).toBe(
    'https://a.example/p?x=1&mode=Lightning&ltn_app_id=06m000000000001AAA&isdtp=vw&sfdcIframeOrigin=https%3A%2F%2Fcrm.example' +
      '&sfdcIFrameOrigin=https%3A%2F%2Fcrm.example&clc=1&nonce=n1#top',
  );
});
