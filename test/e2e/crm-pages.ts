/** A server with the pages of other CRMs around our softphone, at an origin of its own: doubles of HubSpot's and Dynamics 365's. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** HubSpot's end of its calling extensions (SDK 0.9.7: SYNC until SYNC_ACK, then messages with a messageId), which makes engagements. */
const HUBSPOT = `
  const frame = document.getElementById('frame');
  const phone = new URL(frame.src).origin;
  window.heard = [];
  let count = 0;
  const say = (type, data = {}) =>
    frame.contentWindow.postMessage({ type, messageId: 'hubspot_' + ++count, data, ...(type === 'SYNC' ? data : {}) }, phone);
  const sync = setInterval(() => say('SYNC', { hostUrl: location.origin, portalId: 7, userId: 1, ownerId: 2 }), 100);
  window.dial = (phoneNumber) => say('DIAL_NUMBER', { phoneNumber, objectId: 51, objectType: 'CONTACT' });
  addEventListener('message', ({ data, origin, source }) => {
    if (origin !== phone || source !== frame.contentWindow || !data || !data.type) return;
    if (data.type === 'SYNC_ACK') clearInterval(sync);
    heard.push({ type: data.type, data: data.data });
    const starts = data.type === 'INCOMING_CALL' || data.type === 'OUTGOING_CALL_STARTED';
    if (starts && data.data.createEngagement)
      say('CREATE_ENGAGEMENT_SUCCEEDED', { externalCallId: data.data.externalCallId, engagementId: 4711 });
  });`;

/** Microsoft's script as a page in the frame loads it; what it is asked goes to the page around, which answers. */
const CIF_LIBRARY = `(() => {
  const crm = document.currentScript.dataset.crmurl;
  const waiting = new Map();
  const handlers = {};
  let count = 0;
  const ask = (method) => (...args) => new Promise((resolve, reject) => {
    const id = ++count;
    waiting.set(id, { resolve, reject });
    parent.postMessage({ cif: 'call', id, method, args }, crm);
  });
  addEventListener('message', ({ data, origin }) => {
    if (origin !== crm || !data || !data.cif) return;
    if (data.cif === 'event') return void (handlers[data.name] && handlers[data.name](data.data));
    const one = waiting.get(data.id);
    waiting.delete(data.id);
    if (one) data.error ? one.reject({ message: data.error }) : one.resolve(data.value);
  });
  const names = ['setMode', 'setClickToAct', 'searchAndOpenRecords', 'openForm', 'createRecord', 'updateRecord', 'canCreateSession', 'createSession'];
  window.Microsoft = { CIFramework: Object.fromEntries(names.map((name) => [name, ask(name)])) };
  Microsoft.CIFramework.addHandler = (name, handler) => { handlers[name] = handler; };
  setTimeout(() => dispatchEvent(new Event('CIFInitDone')), 50);
})();`;

/** Dynamics 365 around it, with one contact. */
const DYNAMICS = `
  const frame = document.getElementById('frame');
  const phone = new URL(frame.src).origin;
  window.heard = [];
  const ADA = { contactid: 'ada-1', fullname: 'Ada Lovelace' };
  window.click = (value) =>
    frame.contentWindow.postMessage({ cif: 'event', name: 'onclicktoact', data: JSON.stringify({ value, name: 'mobilephone', format: 'phone', entityLogicalName: 'contact' }) }, phone);
  addEventListener('message', ({ data, origin, source }) => {
    if (origin !== phone || source !== frame.contentWindow || !data || data.cif !== 'call') return;
    const { id, method, args } = data;
    heard.push({ method, args: args.map((arg) => { try { return JSON.parse(arg); } catch { return arg; } }) });
    const value = method === 'searchAndOpenRecords' ? JSON.stringify(args[0] === 'contact' ? [ADA] : [])
      : method === 'createRecord' ? JSON.stringify({ id: JSON.parse(args[1]).activityid }) : null;
    frame.contentWindow.postMessage({ cif: 'answer', id, value }, phone);
  });`;

export class CrmPages {
  readonly #server: Server;

  private constructor(
    server: Server,
    readonly origin: string,
  ) {
    this.#server = server;
  }

  /** @param phone origin of our product. */
  static async open(phone: string): Promise<CrmPages> {
    const page = (host: string, script: string, allow = 'microphone; autoplay') =>
      `<!doctype html><title>CRM</title><iframe id="frame" data-testid="softphone-frame" allow="${allow}" width="400" height="640" src="${phone}/softphone?host=${host}"></iframe><script>${script}</script>`;
    const pages: Record<string, [type: string, text: string]> = {
      '/hubspot': ['text/html', page('hubspot', HUBSPOT)],
      '/dynamics': ['text/html', page('dynamics', DYNAMICS)],
      '/stingy': ['text/html', page('other', '', 'autoplay')],
      '/webresources/Widget/msdyn_ciLibrary.js': ['text/javascript', CIF_LIBRARY],
    };
    const server = createServer((request, response) => {
      const [type, text] = pages[new URL(request.url ?? '/', 'http://x').pathname] ?? ['text/plain', ''];
      response.writeHead(text ? 200 : 404, { 'content-type': type }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // Another site than 127.0.0.1, where the product is: no cookie of ours comes through.
    return new CrmPages(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
