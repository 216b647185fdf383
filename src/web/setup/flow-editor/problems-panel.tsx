import { UnstyledButton } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { FlowProblem } from '../../../protocol/flows.ts';
import classes from './panel.module.css';
import { nodeOf } from './model.ts';
import { titleOf, useEditor } from './use-flow-editor.ts';

/** What keeps the flow from being published; each leads to its node. */
export function ProblemsPanel({ onGo }: { onGo: (problem: FlowProblem) => void }) {
  const { problems, document, kinds } = useEditor();
  if (problems.length === 0)
    return (
      <div className={classes.body} data-testid="no-problems">
        <p className={classes.fine}>
          <IconCircleCheck size={18} aria-hidden /> Nothing is wrong: it can be published.
        </p>
      </div>
    );
  return (
    <div className={classes.body}>
      <p className={classes.note}>
        The flow cannot be published before these are mended. The draft is kept as it is.
      </p>
      <ul className={classes.problems} data-testid="problems">
        {problems.map((problem, index) => {
          const node = nodeOf(document, problem.nodeId);
          return (
            // The same may be wrong twice at one node.
            <li key={index}>
              <UnstyledButton className={classes.problem} onClick={() => onGo(problem)} data-testid="problem">
                <span className={classes.problemNode}>{node ? titleOf(kinds, node) : 'The flow'}</span>
                <span>{problem.detail}</span>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
