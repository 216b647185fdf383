/**
 * Asterisk's `queue_log`: one line per thing that happened in its queues, `epoch|callid|queue|agent|event|data…`, made into
 * segments: one per caller's stay in a queue. Pure.
 * https://docs.asterisk.org/Configuration/Applications/Call-Queues/Queue-Logs/
 */

/** A caller's stay in a queue. Times are UTC milliseconds, lengths milliseconds; the log counts in seconds. */
export interface QueueLogSegment {
  /** Uniqueid of the caller's channel. */
  callId: string;
  queue: string;
  /** The member's name, of who talked to him. */
  agent?: string;
  /** His number as the PBX knew it; empty when it knew none. */
  caller: string;
  enteredAt: number;
  answeredAt?: number;
  endedAt: number;
  waitedMs: number;
  talkedMs: number;
  /** Members who were rung and did not answer. */
  missed: number;
  how: 'agent' | 'caller' | 'transferred' | 'abandoned' | 'timeout' | 'key' | 'empty';
}

export interface QueueLogResult {
  segments: QueueLogSegment[];
  /** Lines that are none of a queue log, or miss what they need: their numbers, from 1. */
  bad: number[];
  /** Callers whose stay has not ended in this text. */
  open: number;
}

interface Stay {
  callId: string;
  queue: string;
  caller: string;
  enteredAt: number;
  agent?: string;
  answeredAt?: number;
  waitedMs?: number;
  missed: number;
}

const ENDS: Record<string, QueueLogSegment['how']> = {
  COMPLETEAGENT: 'agent',
  COMPLETECALLER: 'caller',
  BLINDTRANSFER: 'transferred',
  ATTENDEDTRANSFER: 'transferred',
  TRANSFER: 'transferred',
  ABANDON: 'abandoned',
  EXITWITHTIMEOUT: 'timeout',
  EXITWITHKEY: 'key',
  EXITEMPTY: 'empty',
};

export function parseQueueLog(text: string): QueueLogResult {
  const stays = new Map<string, Stay>();
  const result: QueueLogResult = { segments: [], bad: [], open: 0 };
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '') return;
    const [epoch = '', callId = '', queue = '', agent = '', event = '', ...data] = line.split('|');
    const at = Math.round(Number(epoch) * 1_000);
    if (!/^\d{6,}(\.\d+)?$/.test(epoch) || callId === '' || event === '')
      return void result.bad.push(index + 1);
    const key = `${callId} ${queue}`;
    if (event === 'ENTERQUEUE')
      return void stays.set(key, { callId, queue, caller: known(data[1]), enteredAt: at, missed: 0 });
    const stay = stays.get(key);
    if (!stay) return;
    if (event === 'RINGNOANSWER') stay.missed++;
    if (event === 'CONNECT') {
      stay.agent = agent;
      stay.answeredAt = at;
      stay.waitedMs = seconds(data[0]) ?? at - stay.enteredAt;
    }
    const how = ENDS[event];
    if (how === undefined) return;
    stays.delete(key);
    result.segments.push(segment(stay, how, at));
  });
  result.open = stays.size;
  return result;
}

function segment(stay: Stay, how: QueueLogSegment['how'], at: number): QueueLogSegment {
  const { callId, queue, caller, enteredAt, agent, answeredAt, waitedMs, missed } = stay;
  return {
    callId,
    queue,
    ...(agent === undefined ? {} : { agent }),
    caller,
    enteredAt,
    ...(answeredAt === undefined ? {} : { answeredAt }),
    endedAt: at,
    waitedMs: waitedMs ?? at - enteredAt,
    talkedMs: answeredAt === undefined ? 0 : at - answeredAt,
    missed,
    how,
  };
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * 1_000 : undefined;
}

function known(text: string | undefined): string {
  return text === undefined || text === 'NONE' ? '' : text;
}
