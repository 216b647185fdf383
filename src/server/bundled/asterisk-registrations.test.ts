import { expect, it } from 'vitest';
import { readRegistrations } from './asterisk-registrations.ts';

/** What Asterisk 22 writes. */
const TABLE = `
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 trunk_a1/sip:sip.example.com:5060                       trunk_a1                    Registered        (exp. 55s)
 trunk_b2/sip:192.0.2.7:5080;transport=tcp               trunk_b2                    Rejected          (exp. 25s)
 trunk-c3/sip:[2001:db8::1]:5060                         trunk-c3                    Unregistered      (exp. 2s)

Objects found: 3
`;

it('reads the state of each registration', () => {
  expect([...readRegistrations(TABLE)]).toEqual([
    ['trunk_a1', 'registered'],
    ['trunk_b2', 'refused'],
    ['trunk-c3', 'trying'],
  ]);
});

it('reads none where there is none', () => {
  expect(readRegistrations('No objects found.\n').size).toBe(0);
});
