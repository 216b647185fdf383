import { hash, verify } from '@node-rs/argon2';

/** OWASP's argon2id settings: 19 MiB, two passes, one lane. The package's default algorithm is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash to store, with its own salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

let nobodysHash: Promise<string> | undefined;

/**
 * Whether this is the password. Without a hash (no such user) the same work is done and the answer is no, so that the
 * time taken does not say which users exist.
 */
export async function verifyPassword(storedHash: string | undefined, password: string): Promise<boolean> {
  nobodysHash ??= hashPassword('nobody has this password');
  const right = await verify(storedHash ?? (await nobodysHash), password);
  return right && storedHash !== undefined;
}
