/** Every kind of telephone system that an administrator can add. */
import type { AnyPlatformKind } from './kind.ts';
import { amiKind } from './kinds/ami.ts';
import { asteriskKind } from './kinds/asterisk.ts';
import { connectorKind } from './kinds/connector.ts';
import { pbxConnectorKind } from './kinds/pbx-connector.ts';
import { simulatedKind } from './kinds/simulated.ts';

export const PLATFORM_KINDS: readonly AnyPlatformKind[] = [
  asteriskKind,
  amiKind,
  connectorKind,
  pbxConnectorKind,
  simulatedKind,
];
