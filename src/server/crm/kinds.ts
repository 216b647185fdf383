/** Every kind of CRM that an administrator can add. */
import { hubspotKind } from './hubspot/hubspot-kind.ts';
import type { AnyCrmKind } from './kind.ts';
import { moduleKind } from './module/module-kind.ts';
import { restKind } from './rest/rest-kind.ts';
import { salesforceKind } from './salesforce/salesforce-kind.ts';

export const CRM_KINDS: readonly AnyCrmKind[] = [salesforceKind, hubspotKind, restKind, moduleKind];
