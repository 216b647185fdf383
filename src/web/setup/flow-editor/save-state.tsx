import { Button, Popover, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCloudCheck, IconCloudUp } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Flow } from '../../../protocol/flows.ts';
import { api } from '../../ui/api.ts';
import { errorText } from '../../ui/states.tsx';
import classes from './editor.module.css';
import { flowPath } from './flow-api.ts';
import { useEditor } from './use-flow-editor.ts';

/** Whether the server has what is drawn; what to do when it does not take it. */
export function SaveStateView() {
  const { saving, saver, mayChange } = useEditor();
  if (!mayChange)
    return (
      <span className={classes.saved}>
        You can look at this. Changing it needs the role of an administrator.
      </span>
    );
  switch (saving.at) {
    case 'saved':
      return (
        <span className={classes.saved} data-testid="save-state" data-state="saved">
          <IconCloudCheck size={15} aria-hidden /> Draft saved
        </span>
      );
    case 'waiting':
    case 'saving':
      return (
        <span className={classes.saved} data-testid="save-state" data-state="saving">
          <IconCloudUp size={15} aria-hidden /> Saving…
        </span>
      );
    case 'failed':
      return (
        <span className={classes.unsaved} role="alert" data-testid="save-state" data-state="failed">
          <IconAlertTriangle size={15} aria-hidden /> Not saved: {errorText(saving.error)}
          <Button variant="default" size="compact-xs" onClick={() => void saver.flush()}>
            Try again
          </Button>
        </span>
      );
    case 'conflict':
      return <Conflict />;
  }
}

/** Somebody else saved the draft: theirs is taken up, and ours is one step back; or ours goes over it. */
function Conflict() {
  const { flow, drawn, saver, takeUp } = useEditor();
  const [opened, setOpened] = useState(true);
  const read = useMutation({ mutationFn: () => api<Flow>(flowPath(flow.id)) });
  const decide = (keep: 'mine' | 'theirs') =>
    read.mutate(undefined, {
      onSuccess: (theirs) => {
        if (keep === 'theirs') return takeUp(theirs);
        saver.takeUp(theirs.rev);
        saver.draw(drawn);
      },
    });
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" withArrow width={340}>
      <Popover.Target>
        <UnstyledButton
          className={classes.unsaved}
          onClick={() => setOpened(!opened)}
          data-testid="save-state"
          data-state="conflict"
        >
          <IconAlertTriangle size={15} aria-hidden /> Changed by somebody else
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown role="alert">
        <p className={classes.dialog}>
          Somebody else has changed this flow since you opened it. Your changes are not saved. When you look
          at theirs, Ctrl+Z brings yours back.
        </p>
        {read.isError && <p className={classes.dialog}>{errorText(read.error)}</p>}
        <div className={classes.choice}>
          <Button loading={read.isPending} onClick={() => decide('theirs')} data-testid="take-theirs">
            Take theirs
          </Button>
          <Button
            variant="default"
            loading={read.isPending}
            onClick={() => decide('mine')}
            data-testid="keep-mine"
          >
            Save mine over it
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
