import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Role } from '../../protocol/api.ts';
import type { User } from '../callcenter/model.ts';

/** The HTTP server with routes that are typed and validated by zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who may call a route: everybody, users with one of the roles, or a signed-in user or the holder of a web call's ticket. */
export type Access = 'public' | 'ticket' | readonly Role[];

/** Whoever is signed in on this request. */
export interface SignedIn {
  user: User;
  sessionId: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route says it; the server does not start with one that does not. */
    access?: Access;
  }
  interface FastifyInstance {
    /** Every route (`GET /api/me`) and who may call it. */
    accessTable: readonly [route: string, access: Access][];
  }
  interface FastifyRequest {
    signedIn: SignedIn | null;
  }
}
