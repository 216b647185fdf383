/** Names of fields whose value must not stand in the audit trail. */
const SECRET =
  /pass(word|phrase|wd)?$|secret|token|credential|authorization|api-?_?key|private-?_?key|^pin$/i;
const MASK = '••••••';

/** The value with every secret in it replaced, at any depth. An empty one stays: that there is none is worth knowing. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecret(name, inner) ? MASK : maskSecrets(inner)]),
  );
}

/** Names of the secrets that a request sets. */
export function secretsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body)
    .filter(([name, value]) => isSecret(name, value))
    .map(([name]) => name);
}

function isSecret(name: string, value: unknown): boolean {
  return SECRET.test(name) && (typeof value === 'string' || typeof value === 'object') && Boolean(value);
}
