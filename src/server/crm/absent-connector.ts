import { CodedError } from '../../protocol/errors.ts';
import type { CrmConnector } from './connector.ts';

/** A CRM that is not there now: switched off, removed, or its settings are not enough. What waits for it goes on waiting. */
export function absentConnector(detail: string): CrmConnector {
  const refuse = () => Promise.reject(new CodedError('crm-unavailable', { crm: '', detail }));
  return {
    missing: {},
    ping: refuse,
    objects: refuse,
    read: refuse,
    match: refuse,
    search: refuse,
    create: refuse,
    update: refuse,
    writeCallLog: refuse,
    attachRecording: refuse,
    writeFigures: refuse,
  };
}
