/**
 * Watches the floor for what is too much. What has a limit in time is due by the clock; everything else with the frame that
 * changes it.
 *
 *     fine ── crossed, or its time has come ──► goes on ── fine again, its alarm or subject gone ──► fine
 *                                   told: pages at once, webhook through the outbox, once each way
 *
 * What goes on is written down together with its webhook's entry: the next process takes it up where this one was.
 */
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import { ActiveAlarm, type Alarm, type AlarmNotice } from '../../protocol/alarms.ts';
import type { FloorAgent, FloorQueue } from '../../protocol/floor.ts';
import type { Alarms } from '../callcenter/alarms.ts';
import type { Database, Sql } from '../store/database.ts';
import { enterOutbox } from '../store/outbox.ts';
import { aboutAgent, aboutQueue, type Verdict } from './alarm-rules.ts';
import { ALARM_WEBHOOK_KIND } from './alarm-webhook.ts';
import type { Floor } from './floor.ts';
import type { FloorSources } from './ports.ts';

export interface AlarmWatchOptions extends Pick<FloorSources, 'clock' | 'onError'> {
  db: Database;
  floor: Floor;
  alarms: Alarms;
  /** A webhook is in the outbox. */
  onEntered: () => void;
}

type Subject = { queue: FloorQueue } | { agent: FloorAgent };

export class AlarmWatch {
  readonly events: Emitter<{ changed: [] }>;
  readonly #o: AlarmWatchOptions;
  readonly #life: Lifecycle;
  readonly #writes = new Serial();
  /** By alarm and subject. */
  readonly #active = new Map<string, ActiveAlarm>();
  readonly #timers = new Map<string, { at: number; cancel: () => void }>();

  private constructor(options: AlarmWatchOptions, active: readonly ActiveAlarm[]) {
    this.#o = options;
    this.events = new Emitter((error, event) => options.onError(`listener of ${event}`, error));
    this.#life = new Lifecycle(options.clock);
    for (const one of active) this.#active.set(keyOf(one.alarmId, one.queueId ?? one.userId ?? ''), one);
    this.#life.add(
      options.floor.events.on('frame', ({ agents, queues, anew }) =>
        anew ? this.#watchAll() : this.#watch(agents, queues),
      ),
    );
    this.#life.add(options.alarms.events.on('changed', () => this.#watchAll()));
    this.#watchAll();
  }

  /** Takes up what goes on. The table must be there (`floorStateMigrations`). */
  static async start(options: AlarmWatchOptions): Promise<AlarmWatch> {
    const rows = await options.db.query<{ body: unknown }>('SELECT body FROM active_alarm');
    const active = rows.map(({ body }) => ActiveAlarm.parse(body));
    return new AlarmWatch(options, active);
  }

  /** What goes on now, the longest first. */
  active(): ActiveAlarm[] {
    return [...this.#active.values()].sort((a, b) => a.since - b.since);
  }

  async close(): Promise<void> {
    await this.#life.close();
    await this.#writes.idle();
  }

  #watchAll(): void {
    const { floor, alarms } = this.#o;
    const known = new Set(alarms.all().map(({ id }) => id));
    for (const [key, one] of this.#active) {
      const there = one.queueId !== undefined ? floor.queue(one.queueId) : floor.agent(one.userId ?? '');
      if (!known.has(one.alarmId) || !there) this.#end(key);
    }
    for (const [key, timer] of this.#timers) {
      timer.cancel();
      this.#timers.delete(key);
    }
    this.#watch([...floor.agents()], [...floor.queues()]);
  }

  #watch(agents: readonly FloorAgent[], queues: readonly FloorQueue[]): void {
    const all = this.#o.alarms.all();
    if (all.length === 0) return;
    const [states, others] = [
      all.filter(({ kind }) => kind === 'state'),
      all.filter(({ kind }) => kind !== 'state'),
    ];
    for (const alarm of states) for (const agent of agents) this.#judge(alarm, { agent });
    for (const alarm of others) for (const queue of queues) this.#judge(alarm, { queue });
  }

  #judge(alarm: Alarm, subject: Subject): void {
    const now = this.#o.clock.now();
    const key = keyOf(alarm.id, idOf(subject));
    const verdict = alarm.active ? verdictOn(alarm, subject, now) : undefined;
    if (!verdict || verdict.from > now) this.#end(key);
    if (!verdict) return this.#cancel(key);
    if (verdict.from > now) return this.#later(key, alarm.id, subject, verdict.from);
    this.#cancel(key);
    if (!this.#active.has(key)) this.#begin(key, alarm, subject, verdict);
  }

  #later(key: string, alarmId: string, subject: Subject, at: number): void {
    if (this.#timers.get(key)?.at === at) return;
    this.#cancel(key);
    const cancel = this.#life.after(at - this.#o.clock.now(), () => {
      this.#timers.delete(key);
      const { floor, alarms } = this.#o;
      const alarm = alarms.get(alarmId);
      const queue = 'queue' in subject ? floor.queue(subject.queue.id) : undefined;
      const agent = 'agent' in subject ? floor.agent(subject.agent.id) : undefined;
      const there = queue ? { queue } : agent && { agent };
      if (alarm && there) this.#judge(alarm, there);
    });
    this.#timers.set(key, { at, cancel });
  }

  #cancel(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  #begin(key: string, alarm: Alarm, subject: Subject, { from, text }: Verdict): void {
    const active: ActiveAlarm = {
      id: `${key}:${from}`,
      alarmId: alarm.id,
      label: alarm.label,
      kind: alarm.kind,
      ...('queue' in subject ? { queueId: subject.queue.id } : { userId: subject.agent.id }),
      text,
      since: from,
    };
    this.#active.set(key, active);
    this.events.emit('changed');
    this.#write(async (tx) => {
      await tx.query(
        `INSERT INTO active_alarm (id, alarm_id, subject, body) VALUES ($1, $2, $3, $4)
          ON CONFLICT (alarm_id, subject) DO UPDATE SET id = $1, body = $4`,
        [active.id, alarm.id, idOf(subject), JSON.stringify(active)],
      );
      if (alarm.webhook !== null) await this.#enter(tx, this.#notice('alarm.began', alarm, active));
    });
  }

  #end(key: string): void {
    const active = this.#active.get(key);
    if (!active) return;
    this.#active.delete(key);
    this.events.emit('changed');
    // An alarm that was deleted has nobody to tell.
    const alarm = this.#o.alarms.get(active.alarmId);
    this.#write(async (tx) => {
      await tx.query('DELETE FROM active_alarm WHERE id = $1', [active.id]);
      if (alarm && alarm.webhook !== null) await this.#enter(tx, this.#notice('alarm.ended', alarm, active));
    });
  }

  #notice(event: AlarmNotice['event'], alarm: Alarm, active: ActiveAlarm): AlarmNotice {
    const { floor, clock } = this.#o;
    const { queueId, userId } = active;
    return {
      event,
      id: active.id,
      alarm: { id: alarm.id, label: alarm.label, kind: alarm.kind, limit: alarm.limit },
      ...(queueId === undefined
        ? {}
        : { queue: { id: queueId, label: floor.queue(queueId)?.label ?? queueId } }),
      ...(userId === undefined ? {} : { agent: { id: userId, name: floor.agent(userId)?.name ?? userId } }),
      text: active.text,
      at: event === 'alarm.began' ? active.since : clock.now(),
    };
  }

  async #enter(sql: Sql, notice: AlarmNotice): Promise<void> {
    const idemKey = `${notice.event}:${notice.id}`;
    await enterOutbox(sql, { kind: ALARM_WEBHOOK_KIND, idemKey, body: notice }, this.#o.clock.now());
    this.#o.onEntered();
  }

  /** One after the other, in the order of what happened. */
  #write(work: (tx: Sql) => Promise<void>): void {
    this.#writes
      .run('', () => this.#o.db.tx(work))
      .catch((error: unknown) => this.#o.onError('write an alarm down', error));
  }
}

function verdictOn(alarm: Alarm, subject: Subject, now: number): Verdict | undefined {
  return 'queue' in subject ? aboutQueue(alarm, subject.queue, now) : aboutAgent(alarm, subject.agent);
}

function idOf(subject: Subject): string {
  return 'queue' in subject ? subject.queue.id : subject.agent.id;
}

function keyOf(alarmId: string, subject: string): string {
  return `${alarmId}:${subject}`;
}
