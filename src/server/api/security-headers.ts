import helmet from '@fastify/helmet';
import type { Api } from './api-types.ts';

/** What pages may do: load our own files, talk to us, use the microphone; only our own pages may frame them. Adapters' pages may be shown. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
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
    frameAncestors: ["'self'"],
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

/**
 * @param adapterOrigins of the pages of call centers' adapters, asked with every answer.
 * @param strictTransport tells browsers to come by HTTPS only: right with a certificate of the user's, wrong with a generated one,
 * which browsers would then no longer let anybody accept.
 */
export async function securityHeaders(
  api: Api,
  strictTransport: boolean,
  adapterOrigins: () => readonly string[],
): Promise<void> {
  // An adapter signs in at other hosts, within its frame: with one, frames may show any page by https.
  const frames = () => {
    const origins = adapterOrigins();
    return origins.length === 0 ? "'self'" : ["'self'", 'https:', ...origins].join(' ');
  };
  await api.register(helmet, {
    contentSecurityPolicy: {
      ...CONTENT_SECURITY_POLICY,
      directives: { ...CONTENT_SECURITY_POLICY.directives, frameSrc: [frames] },
    },
    frameguard: { action: 'sameorigin' },
    strictTransportSecurity: strictTransport,
    referrerPolicy: { policy: 'same-origin' },
  });
  api.addHook('onSend', async (_request, reply) => {
    reply.header('permissions-policy', permissions(adapterOrigins()));
  });
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
