import { defineConfig } from 'vitest/config';

const globalSetup = ['test/harness/global-setup.ts'];
const ignored = ['**/node_modules/**', 'build/**', 'dist/**', 'data/**', 'test/e2e/**'];

/**
 * Sound in real time and browsers on a machine that is busy with something else: a test that fails there gets one more try, and
 * is told as retried. Unit tests get none.
 */
const RETRY = 1;

/**
 * `unit`: everything that needs nothing but the run's own PostgreSQL. `real`: `*.real.test.ts`, with a real Asterisk,
 * browser or SIP caller, one file at a time. `e2e`: the whole
 * product as its users have it, in a real browser. `npm test` runs the last two in a network namespace.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    experimental: { fsModuleCache: true },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'src/**/*.test.tsx'],
          exclude: [...ignored, '**/*.real.test.ts'],
          globalSetup,
          // No file changes what another one imports: each worker loads the product once, a third of the time.
          isolate: false,
          // Nothing waits so long: only a machine that is busy with something else needs it.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          fileParallelism: false,
          retry: RETRY,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['src/**/*.real.test.ts', 'test/**/*.real.test.ts'],
          exclude: ignored,
          globalSetup,
          fileParallelism: false,
          retry: RETRY,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
