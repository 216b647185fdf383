import { describe, expect, it } from 'vitest';
import { maskSecrets, secretsIn } from './mask-secrets.ts';

describe('the audit trail', () => {
  it.each(['password', 'ariPassword', 'secret', 'clientSecret', 'apiKey', 'api_key', 'token', 'private_key'])(
    'never holds a %s, at any depth',
    (name) => {
      expect(JSON.stringify(maskSecrets({ a: [{ [name]: 'open sesame' }] }))).not.toContain('sesame');
      expect(secretsIn({ [name]: 'open sesame' })).toEqual([name]);
    },
  );

  it('keeps what is no secret, and that a secret is empty', () => {
    const plain = { label: 'Trunk', demoPassword: false, password: '', ports: [5060], at: null };
    expect(maskSecrets(plain)).toEqual(plain);
    expect(secretsIn(plain)).toEqual([]);
    expect(secretsIn(undefined)).toEqual([]);
  });
});
