import { expect, test } from 'vitest';
import { SavedLogs } from './saved-logs.ts';
import { aLine, aLog, aState } from './state.fixture.ts';

const TASK = { id: '00T1', object: 'Task', name: 'Call' };
const ADA = { id: '0031', object: 'Contact', name: 'Ada' };
const CALL = { conversationId: 'conv_1', peer: aLine().peer, direction: 'inbound', at: 1 } as const;

test('a saved log names its task and the records it is about, once', () => {
  const logs = new SavedLogs();
  expect(logs.follow(aState({ lines: [aLine({ log: aLog({ who: ADA }) })] }))).toEqual([]);
  expect(logs.follow(aState({ previous: [{ ...CALL, save: 'queued' }] }))).toEqual([]);
  const saved = aState({ previous: [{ ...CALL, save: 'saved', crmRef: TASK }] });
  expect(logs.follow(saved)).toEqual(['00T1', '0031']);
  expect(logs.follow(saved)).toEqual([]);
});

test('logs that were saved before the page was opened change nothing', () => {
  expect(new SavedLogs().follow(aState({ previous: [{ ...CALL, save: 'saved', crmRef: TASK }] }))).toEqual(
    [],
  );
});
