import { Button, CloseButton, Tabs } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import type { ScriptRun } from '../../protocol/scripts.ts';
import { ScriptRunView, stepScript } from '../ui/script-run.tsx';
import classes from './script-panel.module.css';
import { usePutAway, usePutRun, useScriptRuns } from './scripts.ts';

/** The agent's scripts beside the record. Nothing while there is none. */
export function ScriptPanel() {
  const runs = useScriptRuns().data ?? [];
  const [chosen, setChosen] = useState<string>();
  const [newest] = runs;
  if (!newest) return null;
  const shown = runs.find(({ id }) => id === chosen) ?? newest;
  return (
    <aside className={classes.panel} aria-label="Script" data-testid="script-panel">
      {runs.length > 1 && (
        <Tabs value={shown.id} onChange={(id) => setChosen(id ?? undefined)}>
          <Tabs.List>
            {runs.map((run) => (
              <Tabs.Tab key={run.id} value={run.id}>
                {run.label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      )}
      <Shown key={shown.id} run={shown} />
    </aside>
  );
}

function Shown({ run }: { run: ScriptRun }) {
  const put = usePutRun();
  const putAway = usePutAway();
  const stop = async () => {
    put(await stepScript(run, { to: 'stop', answers: {} }));
    putAway(run);
  };
  return (
    <>
      <div className={classes.head}>
        <p className={classes.name} title={run.label}>
          {run.label}
        </p>
        {run.state === 'running' ? (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<IconPlayerStop size={13} />}
            onClick={() => void stop().catch(() => undefined)}
            data-testid="script-stop"
          >
            Stop
          </Button>
        ) : (
          <CloseButton size="sm" aria-label="Put the script away" onClick={() => putAway(run)} />
        )}
      </div>
      <div className={classes.body}>
        <ScriptRunView run={run} onRun={put} />
      </div>
    </>
  );
}
