/**
 * A signed context: the CRM around the softphone says who its user is, as a JWT (RFC 7519) signed with a key that an
 * administrator registered. It is bound to one registration (`aud`), lives for minutes and is good once.
 *
 *     text ─► whose? (aud) ─► its page? (origin) ─► signature, times ─► not used before ─► the user of ours
 */
import { decodeJwt, errors, importSPKI, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import type { CrmHost } from '../../protocol/crm-hosts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { CrmHosts } from '../callcenter/crm-hosts.ts';
import type { User } from '../callcenter/model.ts';
import type { Database } from '../store/database.ts';

/** The longest that a context may live, in seconds: it is asked for and used at once. */
const MAX_LIFE_S = 300;
/** What the clocks of the CRM and of ours may differ by, in seconds. */
const TOLERANCE_S = 30;
const ALGORITHMS = { secret: ['HS256'], 'public-key': ['RS256', 'ES256'] } as const;

export interface SignedContextDeps {
  db: Database;
  clock: Clock;
  hosts: Pick<CrmHosts, 'get' | 'key'>;
  callCenter: Pick<CallCenter, 'user' | 'userByName'>;
}

/**
 * The user whom a signed context names.
 * @param origin of the page that gave it to us.
 * @throws `context-refused` with the reason; it names nothing that a stranger does not know already.
 */
export async function userOfContext(deps: SignedContextDeps, context: string, origin: string): Promise<User> {
  const host = hostOf(deps, context);
  if (!host.origins.includes(origin)) refuse(`pages of ${origin} are not among those of ${host.label}`);
  const claims = await verify(deps, host, context);
  await takeOnce(deps, host, claims);
  const user = findUser(deps, host, claims);
  if (!user || user.disabled) throw new CodedError('context-user-unknown', { host: host.label });
  return user;
}

function hostOf({ hosts }: SignedContextDeps, context: string): CrmHost {
  const audience = unverified(context).aud;
  const host = typeof audience === 'string' ? hosts.get(audience) : undefined;
  if (!host || host.signInKey === 'none') refuse('its audience (aud) is no CRM of ours that signs users in');
  return host;
}

/** What it says of itself: for choosing the key only. */
function unverified(context: string): JWTPayload {
  try {
    return decodeJwt(context);
  } catch {
    return refuse('it is no JSON Web Token');
  }
}

async function verify({ hosts, clock }: SignedContextDeps, host: CrmHost, context: string) {
  const { signInKey } = host;
  const text = await hosts.key(host.id);
  if (signInKey === 'none' || text === undefined) return refuse('no key is registered');
  try {
    const { payload } = await jwtVerify(context, (header) => keyOf(signInKey, text, header.alg), {
      algorithms: [...ALGORITHMS[signInKey]],
      audience: host.id,
      currentDate: new Date(clock.now()),
      clockTolerance: TOLERANCE_S,
      maxTokenAge: MAX_LIFE_S,
      requiredClaims: ['exp', 'iat', 'jti', 'sub'],
    });
    const { exp = 0, iat = 0 } = payload;
    if (exp - iat > MAX_LIFE_S) refuse(`it lives for more than ${MAX_LIFE_S} seconds`);
    return payload;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    return refuse(sentenceOf(error));
  }
}

function keyOf(kind: 'secret' | 'public-key', text: string, algorithm: string | undefined) {
  if (kind === 'secret') return new TextEncoder().encode(text);
  return importSPKI(text, algorithm ?? '');
}

/** Why a token does not hold, in words for whoever writes the CRM's side. */
function sentenceOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} does not hold`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'it is signed by another algorithm than agreed';
  return 'it cannot be checked with the registered key';
}

/** Whoever comes first has it: the row says so, also to other processes and after a restart. */
async function takeOnce({ db, clock }: SignedContextDeps, host: CrmHost, { jti, exp = 0 }: JWTPayload) {
  const now = clock.now();
  await db.query('DELETE FROM used_context WHERE expires_at < $1', [now]);
  const rows = await db.query(
    'INSERT INTO used_context (host_id, context_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
    [host.id, String(jti).slice(0, 200), (exp + TOLERANCE_S) * 1_000],
  );
  if (rows.length === 0) refuse('it was used before');
}

/** By the list of the registration, else by a user name that is the same there: as the subject or as the e-mail address. */
function findUser({ callCenter }: SignedContextDeps, host: CrmHost, claims: JWTPayload): User | undefined {
  const names = [claims.sub, claims['email'], claims['preferred_username']].filter(isText);
  const listed = host.users.find(({ externalId }) =>
    names.some((name) => name.toLowerCase() === externalId.toLowerCase()),
  );
  if (listed) return callCenter.user(listed.userId);
  return names.map((name) => callCenter.userByName(name)).find((user) => user !== undefined);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function refuse(detail: string): never {
  throw new CodedError('context-refused', { detail });
}
