/** Joins the parts of flows: what an administrator draws, what nodes ask of the rest of the program, and their routes. */
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { type Address, parseAddress } from '../protocol/address.ts';
import { hoursAt } from '../protocol/hours.ts';
import type { Api } from './api/api-types.ts';
import { flowRecordingRoutes, flowSecretRoutes } from './api/flow-recordings.ts';
import { flowTrialRoutes } from './api/flow-trials.ts';
import { flowRoutes } from './api/flows.ts';
import type { BusinessHoursBook } from './callcenter/business-hours.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { findRecord } from './crm/find-record.ts';
import { type Crm, SYSTEM_ACTOR } from './crm/ports.ts';
import type { Vault } from './crm/vault.ts';
import type { FlowLibrary } from './flows/dialogues.ts';
import { FlowRecordings } from './flows/flow-recordings.ts';
import { FlowSecrets } from './flows/flow-secrets.ts';
import { FlowTrials } from './flows/flow-trials.ts';
import { Flows } from './flows/flows.ts';
import { knownThings, leadingTo } from './flows/known-things.ts';
import type { InboundOptions } from './flows/inbound.ts';
import { webRequester } from './flows/web-request.ts';
import type { Acd } from './routing/ports.ts';
import type { Scripts } from './scripts/scripts.ts';
import type { Recogniser } from './speech/ports.ts';
import type { Database } from './store/database.ts';
import type { Conversations } from './telephony/conversations.ts';

export interface FlowServerOptions {
  db: Database;
  clock: Clock;
  dataDir: string;
  vault: Vault;
  callCenter: CallCenter;
  hours: Pick<BusinessHoursBook, 'get'>;
  scripts: Pick<Scripts, 'get'>;
  crm: Crm;
  /** ISO 3166 code: how a number outside is read. */
  country: string;
  /** What hears callers in this language now. @throws CodedError when nothing does. */
  recogniser(language: string): Recogniser;
  /** See CROSSPOINT_FLOW_HOSTS. */
  allowedHosts: readonly string[];
}

type Dialogues = NonNullable<InboundOptions['dialogues']>;
/** What of nodes' services calls themselves give. */
type LiveService = 'waitingIn' | 'record' | 'callback' | 'voicemail';
/** What of nodes' services is known before calls are. */
type Standing = Omit<Dialogues['services'], 'match' | LiveService>;

export interface FlowServer {
  flows: Flows;
  flowRecordings: FlowRecordings;
  flowSecrets: FlowSecrets;
  /** For the flow of arrived calls, with what calls themselves give. */
  dialogues(
    calls: { conversations: Pick<Conversations, 'record'> } & Pick<Dialogues['services'], LiveService>,
  ): Dialogues;
  routes: ((api: Api) => void)[];
  /** Ends what is tried out. */
  close(): Promise<void>;
}

/** A caller waits on the line: milliseconds that the CRM may take. */
const CRM_DEADLINE_MS = 5_000;

export async function createFlowServer(options: FlowServerOptions): Promise<FlowServer> {
  const { db, clock, dataDir, vault, callCenter } = options;
  const secrets = await FlowSecrets.load({ db, vault, usedBy: (name) => flows.naming('secret', name) });
  const recordings = await FlowRecordings.load({
    db,
    clock,
    folder: join(dataDir, 'flow-recordings'),
    usedBy: (id) => flows.naming('recording', id),
  });
  const flows: Flows = await Flows.load({
    db,
    clock,
    exists: knownThings({ ...options, recordings, secrets }),
    usedBy: (id) => leadingTo(callCenter, id),
    userName: (id) => callCenter.user(id)?.name ?? '',
  });
  callCenter.knowsFlow = (id) => flows.published(id) !== undefined;
  callCenter.guardRemoval((kind, id) => {
    const flow = kind === 'queue' || kind === 'skill' ? flows.naming(kind, id) : undefined;
    return flow && `the flow ${flow} names it`;
  });
  const library: FlowLibrary = {
    published: (id) => flows.published(id),
    version: (id, version) => flows.version(id, version),
    recordingFile: (id) => recordings.file(id),
  };
  const standing = standingServices(options, secrets);
  const trials = new FlowTrials({
    clock,
    flow: (id) => flows.must(id),
    services: standing,
    nameOf: (kind, id) =>
      kind === 'queue'
        ? callCenter.queue(id)?.label
        : kind === 'user'
          ? callCenter.user(id)?.name
          : kind === 'skill'
            ? callCenter.skill(id)?.label
            : recordings.find(id)?.label,
  });
  return {
    flows,
    flowRecordings: recordings,
    flowSecrets: secrets,
    dialogues: ({ conversations, ...live }) => ({
      flows: library,
      recogniser: options.recogniser,
      services: {
        ...standing,
        ...live,
        match: ({ conversationId, callId }, { ref }, by) =>
          conversations.record(conversationId, [
            {
              type: 'match.found',
              callId,
              status: 'done',
              records: [ref],
              more: false,
              decision: 'record',
              by,
            },
          ]),
      },
    }),
    routes: [
      (api) => flowRoutes(api, { flows }),
      (api) => flowTrialRoutes(api, { trials }),
      (api) => flowRecordingRoutes(api, { recordings }),
      (api) => flowSecretRoutes(api, { secrets }),
    ],
    close: () => trials.close(),
  };
}

function standingServices(
  { clock, callCenter, hours, crm, country, allowedHosts }: FlowServerOptions,
  secrets: FlowSecrets,
): Standing {
  const readNumber = (text: string): Address => parseAddress(text, country);
  return {
    hoursAt: (id, at) => {
      const found = hours.get(id);
      return found && hoursAt(found, at);
    },
    findRecord: (object, field, value) =>
      withDeadline(
        clock,
        CRM_DEADLINE_MS,
        'The CRM',
        findRecord(crm, SYSTEM_ACTOR, { object, field }, value),
      ),
    request: webRequester({ allowedHosts }),
    secret: (name) => Promise.resolve(secrets.get(name)),
    knowsQueue: (id) => callCenter.queue(id) !== undefined,
    readNumber,
  };
}

/** How long the last one in the queue has still to wait, in milliseconds: one more waits no less. Undefined when nobody can say honestly. */
export function longestWait(
  conversations: Pick<Conversations, 'all'>,
  acd: Pick<Acd, 'estimate'>,
  queueId: string,
): number | undefined {
  const waits = conversations
    .all()
    .flatMap(({ queueStays }) => [...queueStays.values()])
    .filter((stay) => stay.queueId === queueId && stay.leftAt === undefined)
    .map(({ itemId }) => acd.estimate(itemId));
  const honest = waits.flatMap((wait) => (wait?.honest ? [wait.ms] : []));
  return honest.length === 0 || honest.length < waits.length ? undefined : Math.max(...honest);
}
