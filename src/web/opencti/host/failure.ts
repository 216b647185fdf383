import type { CtiError } from '../../../protocol/opencti.ts';

/** A call that cannot be done, as the adapter is told it. */
export class CtiFailure extends Error {
  readonly error: CtiError;

  constructor(error: CtiError) {
    super(error.description);
    this.name = 'CtiFailure';
    this.error = error;
  }
}

export function invalid(description: string): CtiFailure {
  return new CtiFailure({ code: 'INVALID_PARAM', description });
}

export function generic(description: string): CtiFailure {
  return new CtiFailure({ code: 'GENERIC_ERROR', description });
}
