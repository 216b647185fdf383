import { expect, it } from 'vitest';
import { popPath } from './pop-path.ts';

const ada = { id: '003000000000001', object: 'Contact', name: 'Ada Lovelace' };

it('leads to the record, the list of several, or a new record with what is known', () => {
  expect(popPath({ decision: 'record', record: ada, number: '' })).toBe('/Contact/003000000000001');
  expect(popPath({ decision: 'list', number: '+44 20' })).toBe('/search?q=%2B44%2020');
  expect(popPath({ decision: 'new', number: '+4420' })).toBe('/Contact/new?Phone=%2B4420');
  const prefill = { Phone__c: '+4420', Origin: 'Phone' };
  expect(popPath({ decision: 'new', number: '+4420', object: 'Ship__c', prefill })).toBe(
    '/Ship__c/new?Phone__c=%2B4420&Origin=Phone',
  );
});

it('leads to a page of ours or to one by https, and to no other', () => {
  expect(popPath({ decision: 'page', number: '', url: '/Case?x=1' })).toBe('/Case?x=1');
  expect(popPath({ decision: 'page', number: '', url: 'https://erp.example/1' })).toBe(
    'https://erp.example/1',
  );
  for (const url of ['javascript:alert(1)', '//evil.example', '/\\evil.example', 'http://x'])
    expect(popPath({ decision: 'page', number: '1', url })).toBe('/search?q=1');
});

it('leads to the search when the record is missing', () => {
  expect(popPath({ decision: 'record', number: '+4420' })).toBe('/search?q=%2B4420');
});
