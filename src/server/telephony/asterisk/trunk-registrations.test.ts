import { expect, it } from 'vitest';
import { AmiParser } from '../ami/ami-message.ts';
import { readRegistrations } from './trunk-registrations.ts';

/** As Asterisk 22 lists them, shortened. */
const LIST = [
  [
    'Event: OutboundRegistrationDetail',
    'ObjectType: registration',
    'ObjectName: trunk_a1',
    'Status: Registered',
  ],
  ['Event: AuthDetail', 'ObjectType: auth', 'ObjectName: trunk_a1', 'Username: acme'],
  [
    'Event: OutboundRegistrationDetail',
    'ObjectType: registration',
    'ObjectName: trunk_b2',
    'Status: Rejected',
  ],
  [
    'Event: OutboundRegistrationDetail',
    'ObjectType: registration',
    'ObjectName: trunk-c3',
    'Status: Unregistered',
  ],
];

function listed(blocks: string[][]) {
  const text = blocks.map((lines) => `${lines.join('\r\n')}\r\n\r\n`).join('');
  return new AmiParser().feed(`Asterisk Call Manager/11.0.0\r\n${text}`);
}

it('reads the state of each registration', () => {
  expect([...readRegistrations(listed(LIST))]).toEqual([
    ['trunk_a1', 'registered'],
    ['trunk_b2', 'refused'],
    ['trunk-c3', 'trying'],
  ]);
});

it('reads none where there is none', () => {
  expect(readRegistrations([]).size).toBe(0);
});
