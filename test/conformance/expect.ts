/** What the suites expect, without a test runner: the few matchers that they use, with a message that says what was seen. */
import { inspect, isDeepStrictEqual } from 'node:util';

/** A check's expectation that was not met; test runners that know `actual` and `expected` show the difference. */
export class ExpectationError extends Error {
  constructor(
    message: string,
    readonly actual: unknown,
    readonly expected: unknown,
  ) {
    super(message);
    this.name = 'ExpectationError';
  }
}

export class Expectation {
  readonly #actual: unknown;
  readonly #what: string;
  readonly #negated: boolean;

  constructor(actual: unknown, what: string, negated = false) {
    this.#actual = actual;
    this.#what = what;
    this.#negated = negated;
  }

  get not(): Expectation {
    return new Expectation(this.#actual, this.#what, true);
  }

  toBe(expected: unknown): void {
    this.#check(Object.is(this.#actual, expected), 'to be', expected);
  }

  /** Deeply; a property that is undefined is one that is not there. */
  toEqual(expected: unknown): void {
    this.#check(
      isDeepStrictEqual(withoutUndefined(this.#actual), withoutUndefined(expected)),
      'to equal',
      expected,
    );
  }

  /** It has these properties, deeply. */
  toMatchObject(expected: object): void {
    this.#check(matches(this.#actual, expected), 'to match', expected);
  }

  toHaveLength(expected: number): void {
    this.#check((this.#actual as { length?: unknown })?.length === expected, 'to have the length', expected);
  }

  toContain(expected: unknown): void {
    const there =
      typeof this.#actual === 'string'
        ? this.#actual.includes(String(expected))
        : Array.isArray(this.#actual) && this.#actual.includes(expected);
    this.#check(there, 'to contain', expected);
  }

  toMatch(expected: RegExp): void {
    this.#check(expected.test(String(this.#actual)), 'to match', expected);
  }

  toBeUndefined(): void {
    this.#check(this.#actual === undefined, 'to be', undefined);
  }

  toBeInstanceOf(expected: new (...args: never[]) => unknown): void {
    this.#check(this.#actual instanceof expected, 'to be an instance of', expected.name);
  }

  toBeGreaterThan(expected: number): void {
    this.#check((this.#actual as number) > expected, 'to be greater than', expected);
  }

  toBeGreaterThanOrEqual(expected: number): void {
    this.#check((this.#actual as number) >= expected, 'to be at least', expected);
  }

  toBeLessThan(expected: number): void {
    this.#check((this.#actual as number) < expected, 'to be less than', expected);
  }

  toBeLessThanOrEqual(expected: number): void {
    this.#check((this.#actual as number) <= expected, 'to be at most', expected);
  }

  #check(holds: boolean, relation: string, expected: unknown): void {
    if (holds !== this.#negated) return;
    const not = this.#negated ? 'not ' : '';
    const what = this.#what ? `${this.#what}: ` : '';
    throw new ExpectationError(
      `${what}expected ${show(this.#actual)} ${not}${relation} ${show(expected)}`,
      this.#actual,
      expected,
    );
  }
}

/** @param what names the thing in the message. */
export function expect(actual: unknown, what = ''): Expectation {
  return new Expectation(actual, what);
}

function matches(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return isDeepStrictEqual(actual, expected);
  if (Array.isArray(expected))
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((one, index) => matches(actual[index], one))
    );
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(expected).every(([key, value]) =>
    matches((actual as Record<string, unknown>)[key], value),
  );
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutUndefined(one)]));
}

function show(value: unknown): string {
  const text = inspect(value, { depth: 4, breakLength: 100, maxArrayLength: 20 });
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
