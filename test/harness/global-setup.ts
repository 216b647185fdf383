/** Vitest's global set-up: the run's one PostgreSQL, whose place the tests get by `inject('postgres')`. */
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: { socketFolder: string; user: string };
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  project.provide('postgres', { socketFolder: server.socketFolder, user: server.user });
  return () => server.close();
}
