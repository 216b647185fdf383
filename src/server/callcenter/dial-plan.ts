/**
 * Where an outside number leads: by which trunks in which order, with which number shown, or why not. Pure.
 *
 *     emergency number ──► the site's trunk, then every other: past every class, list, limit and state
 *     any other ──► class of service ──► routes (or all trunks) ──► countries of the trunk ──► those that answer first
 */
import { type Address, classifyNumber, type NumberClass } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ClassOfServiceInput } from '../../protocol/trunks.ts';
import type { Site } from './dial-rights.ts';
import type { Entry } from './model.ts';
import { toTrunk } from './trunk-numbers.ts';
import type { Route, Trunk } from './trunks.ts';

export interface DialPlan {
  /** In the order in which they are tried. */
  trunks: readonly Trunk[];
  routes: readonly Route[];
  /** Our numbers. */
  entries: readonly Pick<Entry, 'dnis' | 'trunkId'>[];
  /** As far as is known it answers: others are tried last. */
  usable(trunkId: string): boolean;
  /** It has room for one more call. */
  hasRoom(trunkId: string): boolean;
}

/** Numbers that a call may show, the first that is ours wins. What is not set is left out. */
export interface CallerIds {
  campaign?: string | undefined;
  agent?: string | undefined;
  queue?: string | undefined;
  callCenter?: string | undefined;
}

export interface DialRequest {
  to: Address;
  /** The telephone system that the caller's device is on. */
  platformId: string;
  /** The country that is home for the caller. */
  country: string;
  callerIds: CallerIds;
  class?: ClassOfServiceInput | undefined;
  site?: Site | undefined;
}

/** One way out. */
export interface Way {
  trunkId: string;
  /** As the trunk wants it. */
  number: string;
  /** E.164. */
  callerId: string;
  geolocation?: string;
}

export interface Planned {
  emergency: boolean;
  /** At least one, in the order in which they are tried. */
  ways: Way[];
}

/** Of users for whom none was set: everything but what costs extra. */
export const USUAL_CLASS: ClassOfServiceInput = {
  label: 'Usual',
  national: true,
  international: true,
  premium: false,
  countries: [],
};

/**
 * @param to an E.164 or an emergency number.
 * @throws CodedError `class-not-allowed`, `country-not-allowed`, `no-trunk`, `trunks-full`, `no-caller-id`, `number-invalid`.
 */
export function planCall(plan: DialPlan, request: DialRequest): Planned {
  const { to, platformId } = request;
  const here = plan.trunks.filter((trunk) => trunk.platformId === platformId && takesCallsOut(trunk));
  if (to.kind === 'service') return { emergency: true, ways: emergencyWays(plan, request, here) };
  if (to.kind !== 'e164') throw new CodedError('number-invalid', { number: to.raw });
  const kind = classifyNumber(to.value, request.country);
  checkClass(request.class ?? USUAL_CLASS, kind);
  const routed = routedTrunks(plan.routes, here, to.value, kind.country);
  if (routed.length === 0) throw new CodedError('no-trunk');
  const allowed = routed.filter((trunk) => allowsCountry(trunk.allowedCountries, kind.country));
  if (allowed.length === 0) throw new CodedError('country-not-allowed', { country: kind.country ?? 'none' });
  const free = allowed.filter((trunk) => plan.hasRoom(trunk.id));
  if (free.length === 0) throw new CodedError('trunks-full');
  const ways = answeringFirst(plan, free).flatMap((trunk) => {
    const callerId = chooseCallerId(plan, request.callerIds, trunk);
    return callerId ? [wayBy(trunk, to, callerId)] : [];
  });
  if (ways.length === 0) throw new CodedError('no-caller-id');
  return { emergency: false, ways };
}

/**
 * The number that a call by this trunk shows: campaign, agent, queue, call center, trunk; then any number of ours. Only numbers
 * that are ours, and not another trunk's; the trunk's own number the administrator has said to be.
 */
export function chooseCallerId(
  plan: Pick<DialPlan, 'entries'>,
  wishes: CallerIds,
  trunk: Pick<Trunk, 'id' | 'callerId'>,
): string | undefined {
  const ours = plan.entries.filter(
    ({ dnis, trunkId }) => dnis.startsWith('+') && (trunkId === null || trunkId === trunk.id),
  );
  const order = [wishes.campaign, wishes.agent, wishes.queue, wishes.callCenter];
  const wished = order.find((number) => number !== undefined && ours.some(({ dnis }) => dnis === number));
  return wished ?? trunk.callerId ?? ours[0]?.dnis;
}

function emergencyWays(plan: DialPlan, { to, site, callerIds }: DialRequest, here: Trunk[]): Way[] {
  const first = here.filter((trunk) => trunk.id === site?.trunkId);
  const order = answeringFirst(plan, [...first, ...here.filter((trunk) => !first.includes(trunk))]);
  if (order.length === 0) throw new CodedError('no-trunk');
  return order.map((trunk) => ({
    // without a number at all help is better called by an unknown caller's country code than not
    ...wayBy(trunk, to, emergencyCallerId(site) ?? chooseCallerId(plan, callerIds, trunk) ?? to.value),
    ...(site?.geolocation ? { geolocation: site.geolocation } : {}),
  }));
}

function emergencyCallerId(site: Site | undefined): string | undefined {
  return site?.elin ?? site?.emergencyCallerId;
}

function wayBy(trunk: Trunk, to: Address, callerId: string): Way {
  return { trunkId: trunk.id, number: toTrunk(to, trunk.numbers), callerId };
}

function takesCallsOut({ enabled, connection }: Trunk): boolean {
  return enabled && (connection.kind === 'registration' || connection.host !== undefined);
}

/** The first route that fits decides; where no route is set, every trunk is tried. */
function routedTrunks(
  routes: readonly Route[],
  here: readonly Trunk[],
  number: string,
  country: string | undefined,
): Trunk[] {
  if (routes.length === 0) return [...here];
  const fits = ({ prefixes, countries }: Route) =>
    (prefixes.length === 0 && countries.length === 0) ||
    prefixes.some((prefix) => number.startsWith(prefix)) ||
    (country !== undefined && countries.includes(country));
  for (const route of routes.filter(fits)) {
    const trunks = route.trunkIds.flatMap((id) => here.find((trunk) => trunk.id === id) ?? []);
    // a route of another platform's trunks, or of ones that are switched off, is passed over
    if (trunks.length > 0) return trunks;
  }
  return [];
}

/** One that does not answer OPTIONS may take calls all the same: it is the last resort. */
function answeringFirst(plan: DialPlan, trunks: readonly Trunk[]): Trunk[] {
  return [
    ...trunks.filter((trunk) => plan.usable(trunk.id)),
    ...trunks.filter((trunk) => !plan.usable(trunk.id)),
  ];
}

function checkClass(allowed: ClassOfServiceInput, { reach, premium, country }: NumberClass): void {
  const refuse = (kind: string): never => {
    throw new CodedError('class-not-allowed', { name: allowed.label, kind });
  };
  if (!allowed[reach]) refuse(reach);
  if (premium && !allowed.premium) refuse('premium rate');
  if (!allowsCountry(allowed.countries, country))
    throw new CodedError('country-not-allowed', { country: country ?? 'none' });
}

function allowsCountry(countries: readonly string[], country: string | undefined): boolean {
  return countries.length === 0 || (country !== undefined && countries.includes(country));
}
