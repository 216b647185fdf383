import { Menu } from '@mantine/core';
import { IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { MyCrm } from '../../protocol/crm-connections.ts';
import { api } from './api.ts';
import { showError } from './show-error.ts';

const KEY = ['my-crm'];

/** Signing in to the CRM that serves one, where one has an account of one's own there. */
export function CrmAccountItem() {
  const client = useQueryClient();
  const { data: crm } = useQuery({
    queryKey: KEY,
    queryFn: () => api<MyCrm>('/api/me/crm'),
    staleTime: 60_000,
  });
  if (crm?.account !== 'own') return null;
  const { label, signedInAs } = crm;
  const signIn = () => {
    api<{ url: string }>('/api/me/crm/sign-in', { method: 'POST' })
      .then(({ url }) => location.assign(url))
      .catch(showError);
  };
  const signOut = () => {
    api<void>('/api/me/crm/sign-in', { method: 'DELETE' })
      .then(() => client.invalidateQueries({ queryKey: KEY }))
      .catch(showError);
  };
  return signedInAs === null ? (
    <Menu.Item leftSection={<IconPlugConnected size={15} />} onClick={signIn} data-testid="my-crm-sign-in">
      Sign in to {label}
    </Menu.Item>
  ) : (
    <>
      <Menu.Label>
        {label}: {signedInAs}
      </Menu.Label>
      <Menu.Item
        leftSection={<IconPlugConnectedX size={15} />}
        onClick={signOut}
        data-testid="my-crm-sign-out"
      >
        Sign out of {label}
      </Menu.Item>
    </>
  );
}
