import type CallingExtensions from '@hubspot/calling-extensions-sdk';
import type { Options } from '@hubspot/calling-extensions-sdk';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Line } from '../../protocol/softphone.ts';
import type { Host, HostListener, HostStatus, PopRequest } from './host.ts';
import type { WrittenLogs } from './written-logs.ts';

/** HubSpot's own type ids (developers.hubspot.com, CRM objects). */
const TYPES: Record<string, string> = { '0-1': 'Contact', '0-2': 'Company' };
const SIZE = { width: 400, height: 640 };
/** HubSpot makes the engagement within this many milliseconds of the call's start, or says why not. */
const ENGAGEMENT_MS = 10_000;

/** What is used of HubSpot's SDK. */
export type HubSpotSdk = Pick<
  CallingExtensions,
  | 'initialized'
  | 'userLoggedIn'
  | 'userLoggedOut'
  | 'incomingCall'
  | 'outgoingCall'
  | 'callAnswered'
  | 'callEnded'
  | 'callCompleted'
  | 'navigateToRecord'
  | 'resizeWidget'
>;

export interface HubSpotPage {
  /** Starts the SDK, which waits for HubSpot's page. */
  connect(eventHandlers: Options['eventHandlers']): HubSpotSdk;
  open(url: string): unknown;
  attended(): boolean;
  onAttention(listener: () => void): () => void;
  after(ms: number, work: () => void): () => void;
  now(): number;
}

/** A call as HubSpot follows it; its engagement is the log, which HubSpot makes when the call starts. */
interface Call {
  engagement: Promise<number>;
  settle(id: number | Error): void;
  id?: number;
  answered: boolean;
  ended: boolean;
}

/**
 * HubSpot around the softphone, by its calling extensions SDK.
 *
 *     joining ── SYNC by HubSpot ──► joined
 *     call: started ── engagement created ──► answered ──► ended ── log closed ──► completed, with notes and disposition
 */
export class HubSpotHost implements Host {
  readonly embedded = true;
  readonly #page: HubSpotPage;
  readonly #logs: WrittenLogs;
  readonly #calls = new Map<string, Call>();
  #sdk: HubSpotSdk | undefined;
  #status: HostStatus = { state: 'joining', text: 'HubSpot' };
  #listener: HostListener | undefined;
  #signedIn = false;
  #portal = 0;
  #record: RecordRef | null = null;
  #stop = () => {};

  constructor(page: HubSpotPage, logs: WrittenLogs) {
    this.#page = page;
    this.#logs = logs;
  }

  get status(): HostStatus {
    return this.#status;
  }

  start(listener: HostListener): void {
    this.#listener = listener;
    this.#stop = this.#page.onAttention(() => this.#tellFocus());
    this.#sdk = this.#page.connect(this.#handlers());
  }

  signedIn(): void {
    if (this.#signedIn) return;
    this.#signedIn = true;
    if (this.#joined) this.#sdk?.userLoggedIn();
  }

  signedOut(): void {
    if (this.#signedIn && this.#joined) this.#sdk?.userLoggedOut();
    this.#signedIn = false;
  }

  /** HubSpot shows its own screen of the call and the contact that it finds by the number; a page elsewhere it cannot show. */
  pop(request: PopRequest): void {
    if (request.decision === 'page' && request.url?.startsWith('https://')) this.#page.open(request.url);
    else if (request.decision === 'record' && request.record) this.open(request.record);
    this.#listener?.popped(request.popId);
  }

  /** Only records that HubSpot named itself: numbers are HubSpot's ids, and nobody else's. */
  open({ id, object }: RecordRef): void {
    const objectTypeId = Object.entries(TYPES).find(([, name]) => name === object)?.[0];
    if (!this.#joined || !/^\d+$/.test(id) || (objectTypeId !== '0-1' && objectTypeId !== '0-2')) return;
    this.#sdk?.navigateToRecord({
      objectCoordinates: { portalId: this.#portal, objectId: Number(id), objectTypeId },
    });
  }

  changed(): void {}
  dialState(): void {}
  ringing(): void {}

  calls(lines: readonly Line[]): void {
    if (!this.#joined) return;
    const live = lines.filter((line) => line.purpose === 'call' && line.state !== 'initiated');
    for (const line of live) this.#follow(line);
    for (const [id, call] of this.#calls) {
      const line = lines.find((one) => one.conversationId === id);
      if (line !== undefined && !isOver(line)) continue;
      this.#end(id, call);
      // Without an answer there is no log to wait for.
      if (call.ended && !call.answered) this.#calls.delete(id);
    }
  }

  saveLog(key: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#logs.once(key, async () => {
      const externalCallId = entry.conversationId;
      const call = this.#calls.get(externalCallId) ?? this.#begin(entry);
      const engagementId = await this.#deadline(call.engagement).catch((error: unknown) => {
        // The next try tells HubSpot of the call anew.
        this.#calls.delete(externalCallId);
        throw error;
      });
      this.#end(externalCallId, call);
      this.#sdk?.callCompleted({
        externalCallId,
        engagementId,
        hideWidget: false,
        engagementProperties: propertiesOf(entry),
      });
      this.#calls.delete(externalCallId);
      return { id: String(engagementId), object: 'Call', name: entry.subject };
    });
  }

  close(): void {
    this.#stop();
    this.#listener = undefined;
  }

  get #joined(): boolean {
    return this.#status.state === 'joined';
  }

  #handlers(): Options['eventHandlers'] {
    const ignore = () => undefined;
    return {
      onReady: (data: { portalId?: number }) => this.#ready(data),
      onDialNumber: (data: Dialled) => this.#dial(data),
      onCreateEngagementSucceeded: (data: Created) => this.#created(data),
      onEngagementCreated: (data: Created) => this.#created(data),
      onCreateEngagementFailed: (data: Created & { error?: { message?: string } }) =>
        this.#callOf(data)?.settle(
          new Error(data.error?.message ?? 'HubSpot could not make the call record'),
        ),
      onVisibilityChanged: () => this.#tellFocus(),
      onCallerIdMatchSucceeded: ignore,
      onCallerIdMatchFailed: ignore,
      onEndCall: ignore,
      onInitiateCallIdFailed: ignore,
      onInitiateCallIdSucceeded: ignore,
      onNavigateToRecordFailed: ignore,
      onPublishToChannelFailed: ignore,
      onPublishToChannelSucceeded: ignore,
      onFinalizeEngagementFailed: ignore,
      onFinalizeEngagementSucceeded: ignore,
      onSetCallState: ignore,
      onSetWidgetUrlFailed: ignore,
      onUpdateEngagementFailed: ignore,
      onUpdateEngagementSucceeded: ignore,
      onFailed: ignore,
      defaultEventHandler: ignore,
    };
  }

  #ready({ portalId = 0 }: { portalId?: number }): void {
    this.#portal = portalId;
    this.#status = { state: 'joined', text: 'HubSpot' };
    this.#sdk?.initialized({ isLoggedIn: this.#signedIn });
    if (this.#signedIn) this.#sdk?.userLoggedIn();
    this.#sdk?.resizeWidget(SIZE);
    this.#listener?.changed();
  }

  #dial({ phoneNumber, objectId, objectType, objectTypeId }: Dialled): void {
    const object = objectTypeId === undefined ? objectType : TYPES[objectTypeId];
    const name = object ? object.charAt(0) + object.slice(1).toLowerCase() : '';
    this.#record = objectId === undefined ? null : { id: String(objectId), object: name, name: phoneNumber };
    this.#tellFocus();
    this.#listener?.dial(phoneNumber, this.#record ?? undefined);
  }

  #tellFocus(): void {
    this.#listener?.focus(this.#page.attended(), this.#record);
  }

  #follow(line: Line): void {
    const known = this.#calls.get(line.conversationId);
    if (!known && isOver(line)) return;
    const call = known ?? this.#begin(startOf(line, this.#page.now()));
    if (call.answered || line.t.answered === undefined) return;
    call.answered = true;
    this.#sdk?.callAnswered({ externalCallId: line.conversationId });
  }

  /** Tells HubSpot of a call, which makes its engagement; also of one that began before this page was there. */
  #begin({ conversationId, direction, from, to, startedAt }: Start): Call {
    let settle: Call['settle'] = () => undefined;
    const engagement = new Promise<number>((resolve, reject) => {
      settle = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
    });
    engagement.catch(() => undefined);
    const call: Call = { engagement, settle, answered: false, ended: false };
    this.#calls.set(conversationId, call);
    const info = {
      externalCallId: conversationId,
      fromNumber: from,
      toNumber: to,
      callStartTime: startedAt,
      createEngagement: true,
    };
    if (direction === 'outbound') this.#sdk?.outgoingCall(info);
    else this.#sdk?.incomingCall(info);
    return call;
  }

  #created(data: Created): void {
    const call = this.#callOf(data);
    if (!call || data.engagementId === undefined) return;
    call.id = data.engagementId;
    call.settle(data.engagementId);
  }

  /** HubSpot names our id where it knows it; an older one names only the engagement of the call that just began. */
  #callOf({ externalCallId }: Created): Call | undefined {
    if (externalCallId !== undefined) return this.#calls.get(externalCallId);
    return [...this.#calls.values()].find(({ id }) => id === undefined);
  }

  #end(externalCallId: string, call: Call): void {
    if (call.ended || call.id === undefined) return;
    call.ended = true;
    this.#sdk?.callEnded({
      externalCallId,
      engagementId: call.id,
      callEndStatus: call.answered ? 'COMPLETED' : 'NO_ANSWER',
    });
  }

  #deadline(engagement: Promise<number>): Promise<number> {
    return new Promise((resolve, reject) => {
      const cancel = this.#page.after(ENGAGEMENT_MS, () =>
        reject(new Error('HubSpot did not say which call record it made')),
      );
      engagement.then(resolve, reject).finally(cancel);
    });
  }
}

interface Dialled {
  phoneNumber: string;
  objectId?: number | string;
  objectType?: string;
  objectTypeId?: string;
}

interface Created {
  externalCallId?: string;
  engagementId?: number;
}

type Start = Pick<CallLogEntry, 'conversationId' | 'direction' | 'from' | 'to' | 'startedAt'>;

function startOf(line: Line, now: number): Start {
  const peer = line.peer.value || line.peer.raw;
  const ours = line.direction === 'outbound' ? (line.ani?.value ?? '') : line.dnis.value || line.dnis.raw;
  const { conversationId, direction } = line;
  const [from, to] = direction === 'outbound' ? [ours, peer] : [peer, ours];
  return { conversationId, direction, from, to, startedAt: line.t.started || now };
}

function isOver({ state }: Line): boolean {
  return state === 'wrap-up' || state === 'ended';
}

/** The properties of HubSpot's call object; lengths of time are milliseconds there. */
function propertiesOf(entry: CallLogEntry) {
  const { subject, comments, disposition, direction, from, to, startedAt, durationSeconds } = entry;
  const notes = [disposition, comments].filter((text) => text).join('\n');
  return {
    hs_timestamp: startedAt,
    hs_call_title: subject,
    hs_call_body: notes,
    hs_call_direction: direction === 'outbound' ? 'OUTBOUND' : 'INBOUND',
    hs_call_duration: String(Math.round(durationSeconds * 1_000)),
    hs_call_from_number: from,
    hs_call_to_number: to,
    hs_call_status: durationSeconds > 0 ? 'COMPLETED' : 'NO_ANSWER',
  };
}
