import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { newId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Api } from './api-types.ts';

/** Every error of every route leaves here, as the catalogue's code, sentence and data. */
export function answerErrors(api: Api): void {
  api.setErrorHandler((error: FastifyError, request, reply) => sendError(toCoded(error, request), reply));
}

/** Sends an error as its body, with its status. */
export function sendError(error: CodedError, reply: FastifyReply): FastifyReply {
  if (error.code === 'too-many-attempts') reply.header('retry-after', String(error.data.seconds));
  return reply.code(error.status).type('application/json').send(JSON.stringify(error.toBody()));
}

/** The error as one of the catalogue; one of our own making is logged, and told by its id alone. */
export function toCoded(error: FastifyError, request: FastifyRequest): CodedError {
  if (error instanceof CodedError) return error;
  if (hasZodFastifySchemaValidationErrors(error))
    return ofValidation(error.validation, error.validationContext);
  if (error.statusCode === 413) return new CodedError('too-large', { limit: '1 MB' });
  // its sentence repeats the address, which may be personal
  if (error.code === 'FST_ERR_BAD_URL')
    return new CodedError('bad-input', { detail: 'the address is not valid' });
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500)
    return new CodedError('bad-input', { detail: error.message });
  const id = newId('err');
  request.log.error(
    { err: error, id, route: request.routeOptions.url, method: request.method },
    'a request failed',
  );
  return new CodedError('internal', { id });
}

interface Invalid {
  instancePath: string;
  message?: string;
}

/** Names the first field that is wrong, without its value, which may be personal. */
function ofValidation(invalid: readonly Invalid[], where = 'body'): CodedError {
  const first = invalid[0];
  const field = (first?.instancePath ?? '').split('/').filter(Boolean).join('.') || where;
  return new CodedError('bad-input', { detail: `${field}: ${first?.message ?? 'not valid'}`, field });
}
