/** Demo data for an empty database: enough for a first call. */
import { randomToken } from '../../lib/ids.ts';
import type { Role } from '../../protocol/api.ts';
import type { ReasonInput } from './agent-codes.ts';
import type { CallCenter } from './call-center.ts';
import { hashPassword } from './password.ts';

/** Every demo user's password while only this machine can reach the page. */
export const DEMO_PASSWORD = 'crosspoint';

export interface SeedOptions {
  /** Others can reach the page: everybody gets a random password, returned once. */
  office: boolean;
  /** ISO 3166 code and IANA zone of the demo users. */
  country: string;
  locale: string;
  zone: string;
  /** Defaults of the demo queues, in milliseconds. */
  ringMs: number;
  wrapMs: number;
}

export interface DemoUser {
  username: string;
  name: string;
  password: string;
}

const PEOPLE: { id: string; username: string; name: string; roles: Role[]; extension: string }[] = [
  { id: 'user_agent', username: 'agent', name: 'Alice Moreau', roles: ['agent'], extension: '1001' },
  { id: 'user_agent2', username: 'agent2', name: 'Ben Okafor', roles: ['agent'], extension: '1002' },
  {
    id: 'user_supervisor',
    username: 'supervisor',
    name: 'Sofia Lindqvist',
    roles: ['agent', 'supervisor'],
    extension: '1003',
  },
  { id: 'user_admin', username: 'admin', name: 'Adrian Keller', roles: ['administrator'], extension: '1004' },
];

/** Seeded last, and nobody can remove it: its presence says that seeding was finished. */
const LAST_REASON = 'declined';

const QUEUES = [
  {
    id: 'queue_sales',
    label: 'Sales',
    greeting: 'Welcome. You are through to sales. Please hold the line.',
    dispositions: ['Order taken', 'Offer sent', 'Call back later', 'Not interested', 'Wrong number'],
    numbers: [
      { dnis: '100', label: 'Sales', offeredToVisitors: true },
      { dnis: '+442079460000', label: 'Main number', offeredToVisitors: false },
    ],
  },
  {
    id: 'queue_support',
    label: 'Support',
    greeting: 'Welcome. You are through to support. Please hold the line.',
    dispositions: ['Solved', 'Case opened', 'Passed on', 'Call back later', 'Wrong number'],
    numbers: [{ dnis: '200', label: 'Support', offeredToVisitors: true }],
  },
];

const REASONS: (ReasonInput & { id: string })[] = [
  { id: 'break', label: 'Break' },
  { id: 'lunch', label: 'Lunch' },
  { id: 'training', label: 'Training' },
  { id: 'meeting', label: 'Meeting' },
  { id: 'end-of-shift', label: 'End of shift', kind: 'logged-out' },
  { id: 'no-answer', label: 'No answer', system: true },
  { id: 'unreachable', label: 'Phone unreachable', system: true },
  { id: LAST_REASON, label: 'Declined', system: true },
];

const AGENTS = ['user_agent', 'user_agent2'];

/**
 * Fills a new call center; goes on where a start that was cut off left it, and does nothing once it was finished.
 * Returns whom it made, with passwords to show.
 */
export async function seedCallCenter(callCenter: CallCenter, options: SeedOptions): Promise<DemoUser[]> {
  if (callCenter.reason(LAST_REASON)) return [];
  const made = await seedUsers(callCenter, options);
  await seedQueues(callCenter, options);
  await seedReasons(callCenter);
  return made;
}

/** The users who still have the password that everybody knows, to print at every start. */
export function demoUsers(callCenter: CallCenter): DemoUser[] {
  return callCenter
    .users()
    .filter((user) => user.demoPassword && !user.disabled)
    .map(({ username, name }) => ({ username, name, password: DEMO_PASSWORD }));
}

/** Gives random passwords to those who still have the known one: before the page opens to others. Returns them to print once. */
export async function replaceDemoPasswords(callCenter: CallCenter): Promise<DemoUser[]> {
  const replaced: DemoUser[] = [];
  for (const user of callCenter.users().filter((u) => u.demoPassword)) {
    const password = randomToken(14);
    await callCenter.setPassword(user.id, await hashPassword(password));
    replaced.push({ username: user.username, name: user.name, password });
  }
  return replaced;
}

async function seedUsers(
  callCenter: CallCenter,
  { office, country, locale, zone }: SeedOptions,
): Promise<DemoUser[]> {
  const made = await Promise.all(
    PEOPLE.filter((person) => !callCenter.user(person.id)).map(async (person) => {
      const password = office ? randomToken(14) : DEMO_PASSWORD;
      return { person, password, hash: await hashPassword(password) };
    }),
  );
  for (const { person, hash } of made) {
    const { id, ...rest } = person;
    await callCenter.addUser({ ...rest, country, locale, zone }, hash, { id, demoPassword: !office });
  }
  return made.map(({ person, password }) => ({ username: person.username, name: person.name, password }));
}

async function seedQueues(callCenter: CallCenter, { ringMs, wrapMs }: SeedOptions): Promise<void> {
  const common = { ringMs, wrapMs, dispositionRequired: false, memberIds: AGENTS };
  for (const { id, numbers, ...queue } of QUEUES) {
    if (!callCenter.queue(id)) await callCenter.addQueue({ ...common, ...queue }, id);
    for (const number of numbers) {
      if (!callCenter.entryFor(number.dnis)) await callCenter.addEntry({ ...number, queueId: id });
    }
  }
}

async function seedReasons(callCenter: CallCenter): Promise<void> {
  for (const reason of REASONS) {
    if (!callCenter.reason(reason.id)) await callCenter.addReason(reason, reason.id);
  }
}
