/**
 * A conformance suite is data: checks in groups. So it runs under any test runner (`declareSuite`) and without one (run.ts).
 * The files of checks are written as for a test runner; `describe` and `it` collect.
 */

type Work = () => unknown;

export interface SuiteCheck {
  title: string;
  /** Why it is not run: something that it needs is declared as lacking. */
  skipped?: string;
  run: Work;
}

export interface Suite {
  title: string;
  parts: (SuiteCheck | Suite)[];
  before: Work[];
  beforeEach: Work[];
  after: Work[];
}

/** What a test runner has under these names: vitest, Jest. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown;
  it: ((title: string, body: () => Promise<void>) => unknown) & {
    skip(title: string, body: () => Promise<void>): unknown;
  };
  beforeAll(work: () => Promise<void>): unknown;
  beforeEach(work: () => Promise<void>): unknown;
  afterAll(work: () => Promise<void>): unknown;
}

let current: Suite | undefined;

function collecting(): Suite {
  if (!current) throw new Error('a check stands outside of a suite');
  return current;
}

/** Collects what `body` declares. */
export function suite(title: string, body: () => void): Suite {
  const outer = current;
  const made: Suite = { title, parts: [], before: [], beforeEach: [], after: [] };
  current = made;
  try {
    body();
  } finally {
    current = outer;
  }
  return made;
}

export function describe(title: string, body: () => void): void {
  collecting().parts.push(suite(title, body));
}

export function it(title: string, run: Work): void {
  collecting().parts.push({ title, run });
}

/** A check that is listed with the reason why it is not run. */
export function notRun(title: string, skipped: string): void {
  collecting().parts.push({ title, skipped, run: () => undefined });
}

export function beforeAll(work: Work): void {
  collecting().before.push(work);
}

export function beforeEach(work: Work): void {
  collecting().beforeEach.push(work);
}

export function afterAll(work: Work): void {
  collecting().after.push(work);
}

export function isSuite(part: SuiteCheck | Suite): part is Suite {
  return 'parts' in part;
}

/** Hands the suites to a test runner: `declareSuite({ describe, it, beforeAll, beforeEach, afterAll }, suite)`. */
export function declareSuite(runner: TestRunner, ...suites: Suite[]): void {
  for (const one of suites) runner.describe(one.title, () => declareParts(runner, one));
}

function declareParts(runner: TestRunner, one: Suite): void {
  for (const work of one.before) runner.beforeAll(async () => void (await work()));
  for (const work of one.beforeEach) runner.beforeEach(async () => void (await work()));
  for (const work of one.after) runner.afterAll(async () => void (await work()));
  for (const part of one.parts) {
    if (isSuite(part)) declareSuite(runner, part);
    else if (part.skipped !== undefined)
      runner.it.skip(`${part.title} (not run, ${part.skipped})`, async () => undefined);
    else runner.it(part.title, async () => void (await part.run()));
  }
}
