import { Center, Loader } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';
import { useLocation, useSearch } from 'wouter';
import { recordPath } from '../hosts/pop-path.ts';
import { ErrorState } from '../ui/states.tsx';
import { scriptStartOf, useBeginScript } from './scripts.ts';
import { useTabTitle } from './tab-context.tsx';

/** Where a script's address leads: it begins at the side, and the tab goes on to the record that it is about. */
export function ScriptPage({ id }: { id: string }) {
  const [, navigate] = useLocation();
  const start = scriptStartOf(`/scripts/${encodeURIComponent(id)}?${useSearch()}`);
  const begin = useBeginScript();
  useTabTitle('Script');
  const run = () =>
    begin.mutate(start ?? {}, {
      onSuccess: ({ records: [first] }) =>
        navigate(first ? recordPath(first.record) : '/', { replace: true }),
    });
  const runOnce = useEffectEvent(run);
  useEffect(() => runOnce(), []);
  if (begin.isError) return <ErrorState error={begin.error} onRetry={run} />;
  return (
    <Center mih={200}>
      <Loader aria-label="The script begins" />
    </Center>
  );
}
