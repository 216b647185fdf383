import { Switch } from '@mantine/core';
import { IconSpeakerphone } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { EmergencyMessage } from '../../protocol/emergency-messages.ts';
import { api } from '../ui/api.ts';
import { showError } from '../ui/show-error.ts';
import classes from './emergency.module.css';

const KEY = ['emergency-messages'];

/** What callers hear first while it is on: one click. Nothing where no message was written in Setup. */
export function EmergencySwitches() {
  const client = useQueryClient();
  const stored = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => api<{ messages: EmergencyMessage[] }>('/api/emergency-messages', { signal }),
    // This page is open all day, and others switch too.
    refetchInterval: 10_000,
  });
  const messages = stored.data?.messages ?? [];
  if (messages.length === 0) return null;
  const set = (id: string, on: boolean) => {
    api<EmergencyMessage>(`/api/emergency-messages/${encodeURIComponent(id)}/switch`, { body: { on } })
      .catch(showError)
      .finally(() => void client.invalidateQueries({ queryKey: KEY }));
  };
  return (
    <section className={classes.messages} aria-label="Emergency messages" data-testid="emergency">
      <IconSpeakerphone size={18} aria-hidden />
      {messages.map(({ id, label, text, on }) => (
        <Switch
          key={id}
          size="sm"
          color="stop"
          checked={on}
          label={label}
          title={text}
          onChange={(event) => set(id, event.currentTarget.checked)}
        />
      ))}
    </section>
  );
}
