import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconCircleX } from '@tabler/icons-react';
import type { PlatformCheck, PlatformReport } from '../../protocol/platforms.ts';
import classes from './platforms.module.css';

const SIGNS = {
  ok: [IconCircleCheck, 'var(--mantine-color-ok-5)', 'Good:'],
  wrong: [IconCircleX, 'var(--mantine-color-error)', 'Wrong:'],
  warning: [IconAlertTriangle, 'var(--mantine-color-warn-5)', 'Warning:'],
  skipped: [IconCircleMinus, 'var(--cp-muted)', 'Not looked at:'],
} as const satisfies Record<PlatformCheck['status'], unknown>;

/** The checks of a test, each with what was found and what to do. */
export function ChecksTable({ report }: { report: PlatformReport }) {
  return (
    <div role="status" data-testid="report" data-ok={report.ok}>
      <Text size="sm" fw={600} mb={10}>
        {report.ok ? 'Everything that was looked at is good.' : 'Something has to be changed.'}
      </Text>
      <ul className={classes.checks}>
        {report.checks.map(({ code, title, status, found, fix }) => {
          const [Sign, color, word] = SIGNS[status];
          return (
            <li key={code} className={classes.check}>
              <Sign size={17} color={color} aria-label={word} />
              <div>
                <strong>{title}</strong> <span className={classes.found}>{found}</span>
                {fix !== undefined && <div className={classes.fix}>{fix}</div>}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
