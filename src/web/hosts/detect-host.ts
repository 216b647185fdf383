import CallingExtensions from '@hubspot/calling-extensions-sdk';
import { hostName, originAround } from './around.ts';
import { DesktopHost } from './desktop.ts';
import { type CiFramework, DynamicsHost } from './dynamics.ts';
import type { Host } from './host.ts';
import { HubSpotHost } from './hubspot.ts';
import { loadScript, onAttention } from './page-events.ts';
import { classicApi } from './salesforce-classic.ts';
import { lightningApi } from './salesforce-lightning.ts';
import { SalesforceHost } from './salesforce.ts';
import { StandAloneHost } from './stand-alone.ts';
import { type LogMemory, WrittenLogs } from './written-logs.ts';

/** Milliseconds until Microsoft's script must have said that it is ready. */
const CIF_MS = 15_000;

/** The host of this page. @param memory where written logs are remembered. */
export function detectHost(page: Window, memory: LogMemory): Host {
  const name = hostName(page);
  const origin = originAround(page) ?? page.location.origin;
  const logs = new WrittenLogs(memory);
  const around = {
    open: (url: string) => page.open(url, '_blank', 'noopener'),
    attended: () => page.document.visibilityState === 'visible',
    onAttention: (listener: () => void) => onAttention(page, listener),
  };
  const load = (src: string, data?: Record<string, string>) => loadScript(page.document, src, data);
  const global = page as unknown as Parameters<typeof lightningApi>[0] & Parameters<typeof classicApi>[0];
  switch (name) {
    case 'desktop':
      return new DesktopHost({ self: page, parent: page.parent }, page.location.origin);
    case 'other':
      return new DesktopHost({ self: page, parent: page.parent }, origin, new URL(origin).host);
    case 'lightning':
      return new SalesforceHost(lightningApi(global), { ...around, origin, loadScript: load }, logs);
    case 'classic':
      return new SalesforceHost(classicApi(global), { ...around, origin, loadScript: load }, logs);
    case 'hubspot':
      return new HubSpotHost(
        {
          ...around,
          connect: (eventHandlers) => {
            ignoreStrangers(page, origin);
            return new CallingExtensions({ debugMode: false, eventHandlers });
          },
          now: () => Date.now(),
          after: (ms, work) => {
            const timer = setTimeout(work, ms);
            return () => clearTimeout(timer);
          },
        },
        logs,
      );
    case 'dynamics':
      return new DynamicsHost(
        {
          ...around,
          load: () => loadCif(page, origin, load),
          sessionTemplate: new URLSearchParams(page.location.search).get('session') ?? undefined,
          guidOf,
        },
        logs,
      );
    case 'stand-alone':
      return new StandAloneHost({
        open: (path, target) => page.open(path, target),
        hasFocus: () => page.document.hasFocus(),
        onFocusChange: (listener) => onAttention(page, listener),
      });
  }
}

/** The SDK takes the first SYNC of any window for HubSpot's: others' messages must not reach it. */
function ignoreStrangers(page: Window, origin: string): void {
  const ours = [origin, page.location.origin];
  page.addEventListener('message', (event) => {
    if (!ours.includes(event.origin)) event.stopImmediatePropagation();
  });
}

/** Learn: "Pass a Dynamics 365 URL to a widget library" says where the script lies and what it wants. */
async function loadCif(
  page: Window,
  origin: string,
  load: (src: string, data: Record<string, string>) => Promise<void>,
): Promise<CiFramework> {
  const ready = new Promise<void>((resolve, reject) => {
    page.addEventListener('CIFInitDone', () => resolve(), { once: true });
    setTimeout(() => reject(new Error('its script did not start')), CIF_MS);
  });
  ready.catch(() => undefined);
  await load(`${origin}/webresources/Widget/msdyn_ciLibrary.js`, { crmurl: origin, cifid: 'CIFMainLibrary' });
  await ready;
  const framework = (page as { Microsoft?: { CIFramework?: CiFramework } }).Microsoft?.CIFramework;
  if (!framework) throw new Error('its script has no CIFramework');
  return framework;
}

/** The first 16 bytes of its SHA-256, marked as version 8 (RFC 9562: whatever the maker likes). */
async function guidOf(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  const hex = Array.from(hash.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-8$3-a$4-$5');
}
