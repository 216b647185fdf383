import type { IncomingMessage } from 'node:http';
import helmet from '@fastify/helmet';
import type { CrmHosts } from '../callcenter/crm-hosts.ts';
import type { Api } from './api-types.ts';

/**
 * What pages may do: load our own files, talk to us, use the microphone. Only our own pages may frame them, but for the softphone,
 * which the pages of registered CRMs may, and whose scripts it then loads. Adapters' pages may be shown.
 */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    // The component library sets style attributes and tags.
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    mediaSrc: ["'self'", 'blob:'],
    connectSrc: ["'self'"],
    workerSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
  },
};

/** What an adapter may use too, where its frame is allowed to. */
const OF_ADAPTERS = [
  'microphone',
  'autoplay',
  'speaker-selection',
  'camera',
  'hid',
  'clipboard-write',
  'display-capture',
];
const OURS = ['microphone', 'autoplay', 'speaker-selection', 'clipboard-write'];

/** CRMs that give the softphone a script of theirs to talk through. */
const WITH_SCRIPTS = ['salesforce', 'dynamics'] as const;

export interface Origins {
  /** Of the pages of call centers' adapters, asked with every answer. */
  adapterOrigins: () => readonly string[];
  crmHosts: Pick<CrmHosts, 'origins'>;
}

/**
 * @param strictTransport tells browsers to come by HTTPS only: right with a certificate of the user's, wrong with a generated one,
 * which browsers would then no longer let anybody accept.
 */
export async function securityHeaders(
  api: Api,
  strictTransport: boolean,
  { adapterOrigins, crmHosts }: Origins,
): Promise<void> {
  // An adapter signs in at other hosts, within its frame: with one, frames may show any page by https.
  const frames = () => {
    const origins = adapterOrigins();
    return origins.length === 0 ? "'self'" : ["'self'", 'https:', ...origins].join(' ');
  };
  await api.register(helmet, {
    contentSecurityPolicy: {
      ...CONTENT_SECURITY_POLICY,
      directives: {
        ...CONTENT_SECURITY_POLICY.directives,
        frameSrc: [frames],
        frameAncestors: ["'self'", (request) => of(request, crmHosts.origins())],
        scriptSrc: ["'self'", (request) => of(request, crmHosts.origins(WITH_SCRIPTS))],
      },
    },
    frameguard: { action: 'sameorigin' },
    // The window that the softphone opens must keep its opener, in our desktop and in a frame of another site.
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
    strictTransportSecurity: strictTransport,
    referrerPolicy: { policy: 'same-origin' },
  });
  api.addHook('onSend', async (request, reply) => {
    if (isSoftphone(request.url)) {
      reply.header('cross-origin-opener-policy', 'unsafe-none');
      // It knows no origins; `frame-ancestors` says what holds, and wins where a browser knows both.
      if (crmHosts.origins().length > 0) reply.removeHeader('x-frame-options');
    }
    reply.header('permissions-policy', permissions(adapterOrigins()));
  });
}

/** For the softphone's own page alone. */
function of({ url = '' }: IncomingMessage, origins: readonly string[]): string {
  return /^\/softphone(\?|$)/.test(url) ? origins.join(' ') : '';
}

function isSoftphone(url: string): boolean {
  return /^\/softphone(\/|\?|$)/.test(url);
}

function permissions(origins: readonly string[]): string {
  const others = origins.map((origin) => ` "${origin}"`).join('');
  const granted = OF_ADAPTERS.map((feature) =>
    OURS.includes(feature)
      ? `${feature}=(self${others})`
      : `${feature}=(${origins.length > 0 ? `self${others}` : ''})`,
  );
  return [...granted, 'geolocation=()', 'payment=()', 'usb=()'].join(', ');
}
