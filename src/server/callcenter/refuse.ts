import { CodedError } from '../../protocol/errors.ts';

/** @throws CodedError `bad-input` that names the field, as a path such as `whenClosed.queueId`. */
export function refuse(field: string, detail: string): never {
  throw new CodedError('bad-input', { field, detail: `${field}: ${detail}` });
}
