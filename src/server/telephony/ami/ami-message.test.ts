import { describe, expect, it } from 'vitest';
import { AmiMessage, AmiParser, formatAction } from './ami-message.ts';

const BANNER = 'Asterisk Call Manager/11.0.0\r\n';

describe('AMI messages', () => {
  it('are found however the socket cuts them', () => {
    const text = `${BANNER}Response: Success\r\nActionID: cp1\r\n\r\nEvent: Hangup\r\nCause: 16\r\nChannel: PJSIP/201-1\r\n\r\n`;
    for (let size = 1; size < 40; size++) {
      const parser = new AmiParser();
      const messages: AmiMessage[] = [];
      for (let at = 0; at < text.length; at += size) messages.push(...parser.feed(text.slice(at, at + size)));
      expect(parser.banner).toBe('Asterisk Call Manager/11.0.0');
      expect(messages.map((one) => [one.get('response'), one.event, one.number('cause')])).toEqual([
        ['Success', '', undefined],
        ['', 'Hangup', 16],
      ]);
    }
  });

  it('keep every line of a key, and know no value that Asterisk does not know', () => {
    const message = new AmiMessage(['Output: a', 'Output: b: c', 'CallerIDNum: <unknown>', 'nonsense']);
    expect(message.all('output')).toEqual(['a', 'b: c']);
    expect(message.get('CallerIDNum')).toBe('');
    expect(message.has('nonsense')).toBe(false);
  });

  it('come from AMI only, and end', () => {
    expect(() => new AmiParser().feed('HTTP/1.1 400 Bad Request\r\n')).toThrow('no AMI');
    const parser = new AmiParser();
    parser.feed(BANNER);
    expect(() => parser.feed('x'.repeat(1_000_001))).toThrow('too long');
  });

  it('hold nothing that a user typed as a line of its own', () => {
    expect(
      formatAction('Originate', 'cp1', {
        Exten: '201',
        Async: true,
        Variable: ['a=1', 'b=2'],
        Account: undefined,
      }),
    ).toBe(
      'Action: Originate\r\nActionID: cp1\r\nExten: 201\r\nAsync: true\r\nVariable: a=1\r\nVariable: b=2\r\n\r\n',
    );
    for (const bad of ['201\r\nAction: Command', '201\nCommand: core stop now', 'a\u0000b'])
      expect(() => formatAction('Originate', 'cp1', { Exten: bad })).toThrow('end a line');
    expect(() => formatAction('Originate', 'cp1', { 'Exten: 1\r\nAction': 'x' })).toThrow('field name');
  });
});
