import { createContext, useContext } from 'react';
import { must } from '../../lib/must.ts';
import type { Me } from '../../protocol/api.ts';

export const MeContext = createContext<Me | undefined>(undefined);

/** The signed-in user. */
export function useMe(): Me {
  return must(useContext(MeContext), 'signed-in user');
}
