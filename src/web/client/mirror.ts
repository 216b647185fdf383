import { applyPatch, type Operation } from 'rfc6902';
import type { Downstream } from '../../protocol/socket.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';

type PatchMessage = Extract<Downstream, { type: 'patch' }>;

/**
 * The next state after a patch (RFC 6902), or undefined when the patch does not follow on this state: a revision is
 * missing or an operation does not fit. The caller then takes a new snapshot. `state` itself is not changed.
 */
export function patchState(state: SoftphoneState, patch: PatchMessage): SoftphoneState | undefined {
  if (patch.rev !== state.rev + 1) return undefined;
  const next = structuredClone(state);
  const problems = applyPatch(next, patch.ops as Operation[]);
  if (problems.some((problem) => problem !== null)) return undefined;
  next.rev = patch.rev;
  next.serverNow = patch.serverNow;
  return next;
}
