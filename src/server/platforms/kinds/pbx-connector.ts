/** A PBX that routes by itself, by a connector from outside the tree: a module that exports `createPbx` (docs/connectors.md). */
import { withDeadline } from '../../../lib/deadline.ts';
import { loadPbx } from '../../telephony/connector.ts';
import { ForeignMirror } from '../../telephony/mirror/foreign-mirror.ts';
import type { ForeignPbx } from '../../telephony/mirror/foreign-pbx.ts';
import { pbxUsers } from '../../telephony/mirror/pbx-users.ts';
import type { LinkState } from '../../telephony/ports.ts';
import { type Platform, type PlatformContext, platformKind } from '../kind.ts';
import { ConnectorSettings, pathOf } from './connector.ts';

export const pbxConnectorKind = platformKind({
  kind: 'pbx-connector',
  label: 'Connector of a PBX that routes by itself',
  help: 'A PBX with queues and call control of its own, by a connector of yours: a module on this server that exports createPbx.',
  settings: ConnectorSettings,
  routesItself: true,
  async create({ module, settings, secrets }, context): Promise<Platform> {
    const createPbx = await loadPbx(pathOf(module));
    const { id, clock, log } = context;
    return new ConnectedPbx(await createPbx({ id, clock, log, settings, secrets }), context);
  },
});

class ConnectedPbx implements Platform {
  readonly #pbx: ForeignPbx;
  readonly #context: PlatformContext;
  #leave: () => void = () => undefined;

  constructor(pbx: ForeignPbx, context: PlatformContext) {
    this.#pbx = pbx;
    this.#context = context;
  }

  link(): LinkState {
    return this.#pbx.link;
  }

  onLink(listener: (link: LinkState) => void): () => void {
    return this.#pbx.events.on('link', listener);
  }

  problem(): string | undefined {
    return this.link() === 'up' ? undefined : this.#pbx.problem?.();
  }

  async start(deadlineMs: number): Promise<void> {
    const { clock, log, id } = this.#context;
    const pbx = this.#pbx;
    const host = this.#context.mirrorHost();
    const mirror = new ForeignMirror({
      platformId: id,
      pbx,
      conversations: host.conversations,
      users: pbxUsers(
        () => host.users(id),
        (extension) => pbx.deviceOf(extension),
      ),
      clock,
      country: host.country(id),
      onError: (what, err, ids) => log.error({ err, ...ids }, what),
    });
    const leave = host.enter(id, {
      acd: mirror.acd,
      control: mirror.control,
      refusal: (target) => mirror.control.refusal(target),
      link: () => pbx.link,
      onLink: (listener) => pbx.events.on('link', listener),
      deviceOf: (extension) => pbx.deviceOf(extension),
      loginQueues: pbx.loginQueues ?? [],
      usersChanged: () => mirror.refresh(),
    });
    this.#leave = () => {
      leave();
      mirror.close();
    };
    const up = new Promise<void>((resolve) => {
      const stop = pbx.events.on('link', (link) => {
        if (link !== 'up') return;
        stop();
        resolve();
      });
    });
    pbx.start();
    if (pbx.link !== 'up') await withDeadline(clock, deadlineMs, 'the PBX', up);
  }

  async close(): Promise<void> {
    this.#leave();
    await this.#pbx.close();
  }
}
