/** What an administrator sees of a kind of telephone system. */
import { fieldsOf } from '../../protocol/kind-settings.ts';
import type { PlatformKindInfo } from '../../protocol/platforms.ts';
import type { AnyPlatformKind } from './kind.ts';

export function kindInfo(kind: AnyPlatformKind): PlatformKindInfo {
  const { kind: name, label, help } = kind;
  return {
    kind: name,
    label,
    help,
    fields: fieldsOf(kind),
    testable: kind.check !== undefined,
    routesItself: kind.routesItself === true,
  };
}
