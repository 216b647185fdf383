import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { PersonalSettings } from '../../protocol/softphone.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Api } from './api-types.ts';

export interface CallSettingsDeps {
  callCenter: Pick<CallCenter, 'user'>;
  settings: {
    of: (userId: string) => PersonalSettings;
    /** @throws `number-invalid`, `own-extension`. */
    change: (userId: string, change: Partial<PersonalSettings>) => Promise<void>;
  };
}

/** How a user wants to be called, set by an administrator: the same that he sets in his softphone. */
export function callSettingsRoutes(api: Api, { callCenter, settings }: CallSettingsDeps): void {
  const params = z.object({ id: z.string().max(80) });
  const tags = ['users'];
  const known = (id: string) => {
    if (!callCenter.user(id)) throw new CodedError('not-found', { what: 'user' });
    return id;
  };
  api.get(
    '/api/users/:id/call-settings',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, params, response: { 200: PersonalSettings } },
    },
    async (request) => settings.of(known(request.params.id)),
  );
  const read = (id: string) => ({ name: callCenter.user(id)?.name, ...settings.of(id) });
  api.put(
    '/api/users/:id/call-settings',
    {
      config: { access: ['administrator'], audit: { object: 'user call settings', read } },
      schema: { tags, params, body: PersonalSettings.partial(), response: { 200: PersonalSettings } },
    },
    async (request) => {
      const id = known(request.params.id);
      await settings.change(id, request.body);
      return settings.of(id);
    },
  );
}
