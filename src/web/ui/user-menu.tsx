import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import { api } from './api.ts';
import { CrmAccountItem } from './crm-account-item.tsx';
import { useMe } from './me-context.ts';
import { showError } from './show-error.ts';

/** Who one is, and signing out. */
export function UserMenu({ className }: { className?: string }) {
  const me = useMe();
  const signOut = () => {
    api<undefined>('/api/sign-out', { method: 'POST' })
      .then(() => location.assign('/'))
      .catch(showError);
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <UnstyledButton className={className}>
          <span className="cp-visually-hidden">{me.name}: your account</span>
          <Avatar name={me.name} size={28} color="petrol" variant="filled" aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--cp-ink)">
            {me.name}
          </Text>
          {me.roles.join(', ')} · {me.zone}
        </Menu.Label>
        <CrmAccountItem />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={signOut} data-testid="sign-out">
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
