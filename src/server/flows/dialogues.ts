/**
 * The dialogues that go on now, one per call: begun for an arrived call or by a queue's overflow, gone on with after a restart,
 * ended with the caller, or when he talks to somebody.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { FlowDocument } from '../../protocol/flows.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Call, type Conversation, customerLeg } from '../telephony/model.ts';
import type { Recogniser } from '../speech/ports.ts';
import type { AudioTap, Media } from '../telephony/ports.ts';
import { wasRungInVain } from './callers.ts';
import { type DialogueStart, runDialogue } from './dialogue.ts';
import { listenTo } from './listen.ts';
import type { FlowServices } from './node.ts';
import { LiveTalk } from './talk.ts';

/** Published flows: `Flows` fits as it is. */
export interface FlowLibrary {
  /** What new calls get; undefined: there is no such flow, or it was never published. */
  published(flowId: string): { version: number; document: FlowDocument } | undefined;
  /** A version that a call began with; undefined when it is gone. */
  version(flowId: string, version: number): Promise<FlowDocument | undefined>;
  recordingFile(id: string): Promise<string | undefined>;
}

/** What dialogues ask of call control. */
export interface DialogueCalls {
  answerCaller(conversationId: string, callId: string): Promise<void>;
  sayToCaller(conversationId: string, callId: string, media: Media[]): Promise<'done' | 'stopped' | 'failed'>;
  hushCaller(conversationId: string, callId: string): Promise<void>;
  tapCaller(conversationId: string, callId: string): Promise<AudioTap>;
  readonly keys: Emitter<{ key: [conversation: Conversation, call: Call, leg: { id: string }, key: string] }>;
}

export interface DialoguesOptions {
  conversations: Conversations;
  clock: Clock;
  calls: DialogueCalls;
  flows: FlowLibrary;
  services: FlowServices;
  /** What hears this language now. @throws CodedError when nothing does. */
  recogniser(language: string): Recogniser;
  /** The caller is told that he cannot be served, and hung up. */
  apologise(conversation: Conversation, call: Call): Promise<void>;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

export class Dialogues {
  readonly #o: DialoguesOptions;
  readonly #life: Lifecycle;
  /** By call. */
  readonly #talks = new Map<string, LiveTalk>();

  constructor(options: DialoguesOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(() => {
      for (const talk of this.#talks.values()) talk.end();
    });
    this.#life.add(options.conversations.events.on('event', (_, event) => this.#onEvent(event)));
    this.#life.add(
      options.calls.keys.on('key', (conversation, call, leg, key) => {
        if (customerLeg(conversation, call.id)?.id === leg.id) this.#talks.get(call.id)?.press(key);
      }),
    );
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  isGoingOn(callId: string): boolean {
    return this.#talks.has(callId);
  }

  /** The call's caller begins the flow as it is published now. False: there is no such flow. */
  begin(conversation: Conversation, call: Call, flowId: string): boolean {
    const found = this.#o.flows.published(flowId);
    if (!found || this.#life.closed) return false;
    this.#run(conversation, call, flowId, found, { nodeId: found.document.start });
    return true;
  }

  /** The caller goes on where he was, with the version that he began with. Nothing happens while his dialogue goes on. */
  resume(conversation: Conversation, call: Call): void {
    const { dialogue } = call;
    if (!dialogue || this.#talks.has(call.id) || this.#life.closed) return;
    const { flowId, version, nodeId, at: since } = dialogue;
    const ids = { conversationId: conversation.id, callId: call.id };
    this.#o.flows
      .version(flowId, version)
      .then((document) => {
        if (this.#talks.has(call.id) || this.#life.closed) return undefined;
        if (!document) throw new CodedError('not-found', { what: 'version of the flow' });
        return this.#run(conversation, call, flowId, { version, document }, { nodeId, since });
      })
      .catch((error: unknown) => {
        this.#o.onError('go on with a flow', error, ids);
        return this.#o.apologise(conversation, call);
      })
      .catch((error: unknown) => this.#o.onError('apologise', error, ids));
  }

  #run(
    conversation: Conversation,
    call: Call,
    flowId: string,
    { version, document }: { version: number; document: FlowDocument },
    start: DialogueStart,
  ): void {
    const { conversations, calls } = this.#o;
    const ids = { conversationId: conversation.id, callId: call.id };
    this.#talks.get(call.id)?.end();
    const talk = this.#talkWith(conversation, call, document);
    this.#talks.set(call.id, talk);
    const dialogue = {
      document,
      talk,
      enter: (nodeId: string) =>
        conversations.commit(conversation.id, [
          { type: 'flow.entered', callId: call.id, flowId, version, nodeId },
        ]),
      apologise: () => this.#o.apologise(conversation, call),
      onError: (what: string, error: unknown) => this.#o.onError(what, error, { ...ids, flowId }),
    };
    const answered =
      customerLeg(conversation, call.id)?.connectedAt === undefined
        ? calls.answerCaller(conversation.id, call.id)
        : Promise.resolve();
    answered
      .then(
        () => runDialogue(dialogue, start),
        (error: unknown) => (talk.ended ? undefined : this.#o.onError('answer a caller', error, ids)),
      )
      .finally(() => {
        talk.end();
        if (this.#talks.get(call.id) === talk) this.#talks.delete(call.id);
      });
  }

  #talkWith(conversation: Conversation, call: Call, document: FlowDocument): LiveTalk {
    const { conversations, calls, clock, services, flows } = this.#o;
    return new LiveTalk({
      clock,
      services,
      languages: document.languages,
      recordingFile: (id) => flows.recordingFile(id),
      line: {
        conversationId: conversation.id,
        callId: call.id,
        ani: call.ani,
        dnis: call.dnis,
        startedAt: call.startedAt,
        play: async (media) => {
          await calls.sayToCaller(conversation.id, call.id, media);
        },
        hush: () => calls.hushCaller(conversation.id, call.id),
        listen: (question) =>
          listenTo(question, {
            tap: () => calls.tapCaller(conversation.id, call.id),
            recogniser: this.#o.recogniser,
            clock,
            onError: (error) =>
              this.#o.onError('hear a caller', error, { conversationId: conversation.id, callId: call.id }),
          }),
        get: (key) => conversation.data.get(key)?.value,
        set: (values) => {
          const changed = Object.entries(values).filter(
            ([key, value]) => conversation.data.get(key)?.value !== value,
          );
          if (changed.length > 0)
            conversations.record(
              conversation.id,
              changed.map(([key, value]) => ({ type: 'data.set', key, value, from: 'ivr' })),
            );
        },
        rungInVain: (since) => wasRungInVain(conversation, call, since),
      },
    });
  }

  /** Whoever is gone, talks to somebody or has been given to somebody else hears no menu. */
  #onEvent(event: Recorded<ConversationEvent>): void {
    if (event.type === 'call.ended' || event.type === 'legs.joined' || event.type === 'call.transferred')
      this.#talks.get(event.callId)?.end();
  }
}
