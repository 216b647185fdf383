/** A vendor's server with adapter pages, at an origin of its own. */
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Frame, Page } from 'playwright-core';

/** Scripts in the head, then what a page does of its own. */
function html(scripts: string[], body = ''): string {
  const head = scripts.map((source) => `<script src="${source}"></script>`).join('');
  return `<!doctype html><html><head><title>Adapter</title>${head}</head><body><p>Adapter</p><script>${body}</script></body></html>`;
}

/** Everything that a test wants to know of what the page heard. */
const HEARD = 'window.heard = { clicks: [], views: [], answers: [] };';

/** Such as vendors write: listeners first, calls without arguments, click-to-dial switched on last. */
const EAGER = `${HEARD}
  sforce.opencti.onClickToDial({ listener: function (payload) { heard.clicks.push(payload); } });
  sforce.opencti.onNavigationChange({ listener: function (payload) { heard.views.push(payload); } });
  sforce.opencti.getCallCenterSettings({ callback: function (response) { heard.answers.push(response); } });
  sforce.opencti.enableClickToDial();
  sforce.opencti.refreshView();
  sforce.opencti.notifyInitializationComplete();`;

/** The other order, and both generations of the API in one page. */
const DUAL = `${HEARD}
  function start() {
    if (window.sforce && sforce.interaction) {
      sforce.interaction.cti.enableClickToDial(undefined);
      sforce.interaction.cti.onClickToDial(function (r) { heard.clicks.push(JSON.parse(r.result)); });
    }
    if (window.sforce && sforce.opencti) {
      sforce.opencti.enableClickToDial({ callback: function () {
        sforce.opencti.onClickToDial({ listener: function (payload) { heard.clicks.push(payload); } });
      } });
    }
  }
  window.addEventListener('load', start);`;

const CLASSIC = `${HEARD}
  sforce.interaction.cti.onClickToDial(function (r) { heard.clicks.push(r); });
  sforce.interaction.onFocus(function (r) { heard.views.push(r); });
  sforce.interaction.cti.notifyInitializationComplete();`;

/**
 * What adapters in public repositories do: the CRM's host from the referrer, the script loaded later, click-to-dial switched on
 * after a sign-in, ids told apart by their prefix, addresses taken apart, the log with whatever the telephone system gives, the
 * same call id for every call.
 */
const WILD = `window.report = { paths: [], saved: [], errors: [], dialled: [] };
  var host = document.referrer || (location.ancestorOrigins || [])[0];
  report.origin = decodeURIComponent(/sfdcIFrameOrigin=(.*?)&/.exec(location.search)[1]);
  var script = document.createElement('script');
  script.src = host + '/support/api/57.0/lightning/opencti_min.js';
  script.onload = function () {
    sforce.opencti.onClickToDial({ listener: dial });
    sforce.opencti.onNavigationChange({ listener: function (p) { report.paths.push(new URL(p.url).pathname); } });
    sforce.opencti.getCallCenterSettings({ callback: function (r) { report.prefix = r.returnValue['/reqDialingOptions/reqOutsidePrefix']; } });
    sforce.opencti.getSoftphoneLayout({ callback: function (r) { report.objects = Object.keys(r.returnValue.Inbound.objects); } });
    setTimeout(function () { sforce.opencti.enableClickToDial(); sforce.opencti.notifyInitializationComplete({}); }, 50);
  };
  document.head.appendChild(script);
  function dial(p) {
    report.dialled.push({ '003': 'contact', '001': 'account', '00Q': 'lead' }[p.recordId.substr(0, 3)] + ' ' + p.recordName);
    sforce.opencti.setSoftphonePanelVisibility({ visible: true });
    sforce.opencti.searchAndScreenPop({ searchParams: '4711 OR ' + p.number, queryParams: '', callType: sforce.opencti.CALL_TYPE.INBOUND,
      deferred: true, callback: function (r) {
        const { SCREEN_POP_DATA, ...records } = r.returnValue;
        report.found = Object.values(records).map(function (one) { return one.RecordType + ' ' + one.Name; });
        sforce.opencti.screenPop(SCREEN_POP_DATA);
        log(Object.keys(records)[0]);
      } });
  }
  function log(whoId) {
    sforce.opencti.saveLog({ value: { entityApiName: 'Task', WhoId: whoId, WhatId: undefined, Status: 'completed', Priority: 'Normal',
      Subject: 'Call ' + (report.saved.length + 1), ActivityDate: new Date().toISOString(), CallType: 'outbound',
      CallDurationInSeconds: 61.413, CallObject: 'DemoCall', Phone: '1' }, callback: saved });
  }
  function saved(r) {
    if (!r.success) { var e = r.errors[0]; return report.errors.push(typeof e === 'string' ? e : e.description); }
    report.saved.push(r.returnValue.recordId);
    sforce.opencti.refreshView();
  }`;

const CONNECTOR = fileURLToPath(
  new URL('../../src/web/opencti/voice/voice-connector.fixture.ts', import.meta.url),
);

/**
 * A service-cloud-voice connector on the real library. Its calls outlive a reload with its server, as a telephone system's do: a frame
 * of another site has no storage in many browsers.
 */
async function connectorScript(library: string): Promise<string> {
  const contents = `import * as library from '${library}';
    import { TestConnector } from ${JSON.stringify(CONNECTOR)};
    const init = location.search.includes('login') ? { showLogin: true, loginFrameHeight: 220 } : {};
    const connector = (window.connector = new TestConnector(library, { init }));
    const kept = new XMLHttpRequest();
    kept.open('GET', '/calls', false);
    kept.send();
    connector.restore(JSON.parse(kept.responseText));
    connector.start();
    window.keepCalls = () => {
      const calls = [...connector.calls.values()].map(({ callId, callType, state, phoneNumber }) => ({ callId, callType, state, phoneNumber }));
      return fetch('/calls', { method: 'PUT', body: JSON.stringify(calls) }).then(() => calls.length);
    };`;
  const options = { bundle: true, write: false, format: 'iife', logLevel: 'warning' } as const;
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir } });
  return outputFiles[0]?.text ?? '';
}

export class AdapterPages {
  readonly #server: Server;

  private constructor(
    server: Server,
    readonly origin: string,
  ) {
    this.#server = server;
  }

  /** @param host origin of the CRM, whose scripts the pages load. */
  static async open(host: string): Promise<AdapterPages> {
    const lightning = `${host}//support/api/57.0/lightning/opencti_min.js`;
    const classic = `${host}/support/api/42.0/interaction.js`;
    const vouching = [`${host}/support/voice/1/voice-host.js`];
    const [version3, version4] = await Promise.all(
      ['@salesforce/scv-connector-base', 'scv-connector-base'].map(connectorScript),
    );
    const pages: Record<string, string> = {
      '/blank': html([`${host}/support/api/66.0/lightning/opencti.js`], HEARD),
      '/eager': html([lightning], EAGER),
      '/dual': html([classic, lightning], DUAL),
      '/dual-swapped': html([lightning, classic], DUAL),
      '/classic': html([classic, `${host}/support/console/42.0/integration.js`], CLASSIC),
      '/wild': html([], WILD),
      '/voice': html([], version3),
      '/voice-vouched': html(vouching, version4),
      '/mute': '<!doctype html><p>I never start</p>',
      '/standby': html([lightning], `${HEARD} document.body.append('stand-by');`),
    };
    let calls = '[]';
    const server = createServer((request, response) => {
      if (request.url === '/calls' && request.method === 'PUT') {
        calls = '';
        request.on('data', (chunk: Buffer) => (calls += chunk.toString()));
        return request.on('end', () => response.writeHead(204).end());
      }
      if (request.url === '/calls') return response.end(calls);
      const page = pages[new URL(request.url ?? '/', 'http://x').pathname];
      return response.writeHead(page ? 200 : 404, { 'content-type': 'text/html' }).end(page);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return new AdapterPages(server, `http://127.0.0.1:${address.port}`);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}

/** A definition file for an adapter's page. */
export function definitionFile(name: string, url: string, more: Record<string, string> = {}): string {
  const general = {
    reqInternalName: name,
    reqDisplayName: `${name} softphone`,
    reqAdapterUrl: url,
    reqUseApi: 'true',
    reqSoftphoneHeight: '400',
    reqSoftphoneWidth: '320',
    ...more,
  };
  const items = Object.entries(general).map(
    ([item, value], order) =>
      `<item sortOrder="${order}" name="${item}" label="${item} label">${value.replaceAll('&', '&amp;')}</item>`,
  );
  return `<callCenter>
  <section sortOrder="0" name="reqGeneralInfo" label="General Information">
    ${items.join('\n    ')}
  </section>
  <section sortOrder="1" name="reqDialingOptions" label="Dialing Options">
    <item sortOrder="0" name="reqOutsidePrefix" label="Outside Prefix">9</item>
    <item sortOrder="1" name="reqLongDistPrefix" label="Long Distance Prefix">1</item>
    <item sortOrder="2" name="reqInternationalPrefix" label="International Prefix">01</item>
  </section>
</callCenter>`;
}

export interface Response {
  success: boolean;
  returnValue: unknown;
  errors: { code: string; description: string; details?: { message: string; field?: string }[] }[] | null;
  error: unknown;
}

/** The adapter's frame in a desktop, as its author would drive it. */
export class Adapter {
  constructor(
    readonly page: Page,
    readonly origin: string,
  ) {}

  async frame(): Promise<Frame> {
    const element = await this.page.getByTestId('adapter-frame').elementHandle();
    const frame = await element?.contentFrame();
    if (!frame) throw new Error('no adapter');
    await frame.waitForLoadState('load');
    return frame;
  }

  /** A call of sforce.opencti with a callback. */
  call(method: string, argument: object = {}): Promise<Response> {
    return this.evaluate(
      `new Promise((done) => sforce.opencti.${method}(Object.assign(${JSON.stringify(argument)}, { callback: done })))`,
    );
  }

  /** A call of sforce.interaction; the callback comes last. */
  classic(method: string, ...args: unknown[]): Promise<{ result: unknown; error?: string }> {
    const given = args.map((arg) => `${JSON.stringify(arg)}, `).join('');
    return this.evaluate(`new Promise((done) => sforce.interaction.${method}(${given}done))`);
  }

  async evaluate<T>(script: string): Promise<T> {
    return (await this.frame()).evaluate<T>(script);
  }

  /** Waits until the adapter has heard something. */
  async hears<T>(what: 'clicks' | 'views', count: number): Promise<T[]> {
    const frame = await this.frame();
    await frame.waitForFunction(`heard.${what}.length >= ${count}`);
    return frame.evaluate<T[]>(`heard.${what}`);
  }
}
