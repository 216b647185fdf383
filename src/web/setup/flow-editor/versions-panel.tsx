import { Badge, Button, Modal, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FlowVersion } from '../../../protocol/flows.ts';
import { Refusal } from '../../ui/states.tsx';
import { DateTime } from '../../ui/time.tsx';
import { Loaded } from '../page.tsx';
import { useChange } from '../resource.ts';
import { compare, type Difference } from './compare.ts';
import { readVersions, revert } from './flow-api.ts';
import classes from './versions.module.css';
import { useEditor } from './use-flow-editor.ts';

/** What was published, what the draft has otherwise, and the way back to it. */
export function VersionsPanel() {
  const { flow } = useEditor();
  const [compared, setCompared] = useState<FlowVersion>();
  const versions = useQuery({
    queryKey: ['setup', 'flow-versions', flow.id, flow.published],
    queryFn: ({ signal }) => readVersions(flow.id, signal),
  });
  return (
    <div className={classes.body}>
      <Loaded query={versions}>
        {(all) =>
          all.length === 0 ? (
            <p className={classes.note}>
              It was never published. A published version never changes: calls keep the one that they began
              with.
            </p>
          ) : (
            <ol className={classes.versions}>
              {all.map((version) => (
                <li key={version.version} className={classes.version} data-testid="version">
                  <div className={classes.head}>
                    <strong>Version {version.version}</strong>
                    {version.version === flow.published && (
                      <Badge variant="light" color="ok">
                        In use
                      </Badge>
                    )}
                  </div>
                  <div className={classes.note}>
                    <DateTime at={version.publishedAt} />
                    {version.userName && ` by ${version.userName}`}
                  </div>
                  {version.note && <div>{version.note}</div>}
                  <div className={classes.tools}>
                    <Button
                      variant="default"
                      size="compact-xs"
                      onClick={() => setCompared(version)}
                      data-testid="compare"
                    >
                      Compare
                    </Button>
                    <Revert version={version} />
                  </div>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
      <Modal
        opened={compared !== undefined}
        onClose={() => setCompared(undefined)}
        title={`From version ${compared?.version} to the draft`}
        size="lg"
      >
        {compared && <Comparison version={compared} onGo={() => setCompared(undefined)} />}
      </Modal>
    </div>
  );
}

function Revert({ version }: { version: FlowVersion }) {
  const { flow, saver, mayChange, takeUp } = useEditor();
  const run = useChange(async () => {
    await saver.flush();
    return revert(flow.id, saver.rev, version.version);
  });
  if (!mayChange) return null;
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        loading={run.isPending}
        onClick={() => run.mutate(undefined, { onSuccess: takeUp })}
        data-testid="revert"
      >
        Make it the draft
      </Button>
      <Refusal error={run.error} />
    </>
  );
}

const HOW: Record<Difference['how'], { label: string; color: string }> = {
  added: { label: 'New', color: 'ok' },
  removed: { label: 'Gone', color: 'stop' },
  changed: { label: 'Changed', color: 'warn' },
};

function Comparison({ version, onGo }: { version: FlowVersion; onGo: () => void }) {
  const { document, kinds, show } = useEditor();
  const found = compare(version.document, document, kinds);
  if (found.length === 0)
    return <Text size="sm">The draft says the same, but for places on the canvas.</Text>;
  return (
    <ul className={classes.differences} data-testid="differences">
      {found.map(({ nodeId, title, how, changes }) => (
        <li key={nodeId} className={classes.difference}>
          <div className={classes.head}>
            <strong>{title}</strong>
            <Badge variant="light" color={HOW[how].color}>
              {HOW[how].label}
            </Badge>
            {nodeId !== null && how !== 'removed' && (
              <Button
                variant="subtle"
                size="compact-xs"
                onClick={() => {
                  onGo();
                  show(nodeId);
                }}
              >
                Show it
              </Button>
            )}
          </div>
          {changes.length > 0 && (
            <dl className={classes.changes}>
              {changes.map(({ what, before, after }) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>
                    <del>{before || 'nothing'}</del> → <ins>{after || 'nothing'}</ins>
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </li>
      ))}
    </ul>
  );
}
