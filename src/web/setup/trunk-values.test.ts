import { describe, expect, it } from 'vitest';
import { TrunkInput } from '../../protocol/trunks.ts';
import { issuesOf } from '../ui/form-errors.ts';
import { bodyOf, TrunkCheck, valuesOf } from './trunk-values.ts';

const filled = {
  ...valuesOf(undefined, 'GB'),
  label: 'Provider',
  registrar: 'sip.example.com',
  user: 'acme',
  password: 'open-sesame',
};

describe('the form of a trunk', () => {
  it('sends what the server takes, for each kind', () => {
    expect(TrunkInput.parse(bodyOf(filled, false))).toMatchObject({
      connection: { kind: 'registration', registrar: 'sip.example.com', user: 'acme' },
      numbers: { country: 'GB' },
      password: 'open-sesame',
    });
    const peer = { ...filled, kind: 'peer' as const, host: 'pbx.example.com', hosts: ['192.0.2.0/24'] };
    expect(TrunkInput.parse(bodyOf(peer, false)).connection).toEqual({
      kind: 'peer',
      host: 'pbx.example.com',
      port: 5060,
      hosts: ['192.0.2.0/24'],
    });
  });

  it('takes the usual port of its transport where none is typed', () => {
    const portOf = (values: object) =>
      TrunkInput.parse(bodyOf({ ...filled, ...values }, false)).connection.port;
    expect(portOf({})).toBe(5060);
    expect(portOf({ transport: 'tls' })).toBe(5061);
    expect(portOf({ transport: 'tls', port: 5071 })).toBe(5071);
  });

  it('shows the complaints of the server’s schema at its own fields', () => {
    expect(issuesOf(TrunkCheck, filled)).toEqual({});
    const wrong = { ...filled, label: ' ', registrar: 'not a host', port: 0, callerId: '123' };
    expect(Object.keys(issuesOf(TrunkCheck, wrong))).toEqual(['label', 'registrar', 'port', 'callerId']);
    const rules = { ...filled, outbound: [{ prefix: 'abc', strip: 0, prepend: '' }] };
    expect(Object.keys(issuesOf(TrunkCheck, rules))).toEqual(['outbound.0.prefix']);
  });

  it('takes an optional limit away and leaves a password that is not typed', () => {
    const body = bodyOf({ ...filled, password: '', maxCalls: null }, true);
    expect(body).toMatchObject({ maxCalls: null });
    expect(body).not.toHaveProperty('password');
    expect(bodyOf(filled, false)).not.toHaveProperty('maxCalls');
  });
});
