import helmet from '@fastify/helmet';
import type { Api } from './api-types.ts';

/** What pages may do: load our own files, talk to us, use the microphone; only our own pages may frame them. */
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

const PERMISSIONS =
  'microphone=(self), autoplay=(self), speaker-selection=(self), camera=(), geolocation=(), payment=(), usb=()';

/**
 * @param strictTransport tells browsers to come by HTTPS only: right with a certificate of the user's, wrong with a generated one,
 * which browsers would then no longer let anybody accept.
 */
export async function securityHeaders(api: Api, strictTransport: boolean): Promise<void> {
  await api.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    frameguard: { action: 'sameorigin' },
    strictTransportSecurity: strictTransport,
    referrerPolicy: { policy: 'same-origin' },
  });
  api.addHook('onSend', async (_request, reply) => {
    reply.header('permissions-policy', PERMISSIONS);
  });
}
