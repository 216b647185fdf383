// A connector as a stranger writes it, which holds one contact and answers what the test tells it to.
export function createCrm({ settings, secrets, accounts }) {
  if (!settings.url) throw new Error('settings.url is missing.');
  return {
    missing: { figures: 'this CRM has no records for them.', 'recording-link': 'it keeps no links.' },
    async ping() {
      if (settings.url === 'away') throw new Error(`${settings.url} does not answer`);
      if (settings.signIn && !(await accounts.get('organisation')))
        throw Object.assign(new Error('nobody has signed in'), { code: 'crm-sign-in' });
    },
    usage: () => ({ used: 85, limit: 100 }),
    async read(_call, id) {
      return {
        id,
        object: 'Contact',
        name: secrets.name ?? 'Jo',
        fields: {},
        names: {},
        createdAt: 0,
        updatedAt: 0,
        rev: 1,
      };
    },
    signIn: settings.signIn && {
      ownAccounts: true,
      authorizeUrl: ({ redirectUri, state, codeChallenge }) =>
        `https://crm.example/authorize?${new URLSearchParams({ redirectUri, state, codeChallenge })}`,
      complete: async ({ code, codeVerifier }) => ({
        externalId: '005',
        name: `Jo (${code})`,
        secrets: { token: `${code}-token`, codeVerifier },
      }),
    },
  };
}
