import { ConfigurationFile, ConfigurationPlan, ConfigurationRequest } from '../../protocol/configuration.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Api } from './api-types.ts';

const tags = ['configuration'];
const access = ['administrator'] as const;
/** A large organisation's file. */
const BODY_LIMIT = 20_000_000;

/** The configuration as one file. */
export function configurationRoutes(
  api: Api,
  { configuration }: { configuration: Pick<Configuration, 'export' | 'plan' | 'apply'> },
): void {
  api.get(
    '/api/configuration',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Everything that is set, without secrets; stable and sorted',
        response: { 200: ConfigurationFile },
      },
    },
    async () => configuration.export(),
  );
  api.post(
    '/api/configuration/plan',
    {
      config: { access, audit: false },
      bodyLimit: BODY_LIMIT,
      schema: {
        tags,
        summary: 'What applying a file would change, and what is wrong with it; nothing is changed',
        body: ConfigurationRequest,
        response: { 200: ConfigurationPlan },
      },
    },
    async (request) => configuration.plan(request.body.configuration, request.body.deleteData),
  );
  api.post(
    '/api/configuration/apply',
    {
      config: { access, audit: { action: 'change', id: () => 'file' } },
      bodyLimit: BODY_LIMIT,
      schema: {
        tags,
        summary: 'Apply all of a file, or nothing of it where anything is wrong',
        body: ConfigurationRequest,
        response: { 200: ConfigurationPlan },
      },
    },
    async (request) => {
      const plan = await configuration.apply(request.body.configuration, request.body.deleteData);
      if (plan.problems.length === 0) return plan;
      const lines = plan.problems.map(({ path, message }) => `${path}: ${message}`);
      throw new CodedError('configuration-invalid', {
        count: lines.length,
        first: lines[0] ?? '',
        problems: lines.join('\n'),
      });
    },
  );
}
