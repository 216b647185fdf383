/** What was answered in agent scripts during a call, on its task. */
import { Stack, Text } from '@mantine/core';
import type { CrmRecord } from '../../protocol/crm.ts';
import { ScriptAnswerList } from '../ui/script-run.tsx';
import { Card } from './page.tsx';
import { useScriptRunsOf } from './scripts.ts';
import { readTask } from './task-view.ts';

/** Nothing for a call without scripts. */
export function TaskScripts({ task }: { task: CrmRecord }) {
  const runs = useScriptRunsOf(readTask(task).conversationId).data ?? [];
  const answered = runs.filter(({ answers, outcome }) => answers.length > 0 || outcome !== null);
  if (answered.length === 0) return null;
  return (
    <Card title={answered.length === 1 ? 'Script' : 'Scripts'}>
      <Stack gap="md">
        {answered.map((run) => (
          <div key={run.id} data-testid="task-script">
            <Text fw={600} size="sm" mb={6}>
              {run.label}
              {run.state === 'running' && ' (not finished)'}
            </Text>
            <ScriptAnswerList run={run} />
            {run.outcome && (
              <Text size="xs" c="dimmed">
                {run.outcome}
              </Text>
            )}
          </div>
        ))}
      </Stack>
    </Card>
  );
}
