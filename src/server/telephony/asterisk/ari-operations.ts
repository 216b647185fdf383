/**
 * The ARI operations that we use: method and path as in Asterisk's `rest-api/*.json`, and the names of the parameters
 * that we send. `ari-types.real.test.ts` compares the list with those files.
 */
export const OPERATIONS = {
  ping: ['GET', '/asterisk/ping', []],
  userEvent: ['POST', '/events/user/{eventName}', ['application']],
  getDynamic: ['GET', '/asterisk/config/dynamic/{configClass}/{objectType}/{id}', []],
  putDynamic: ['PUT', '/asterisk/config/dynamic/{configClass}/{objectType}/{id}', ['fields']],
  deleteDynamic: ['DELETE', '/asterisk/config/dynamic/{configClass}/{objectType}/{id}', []],
  subscribe: ['POST', '/applications/{applicationName}/subscription', ['eventSource']],
  filterEvents: ['PUT', '/applications/{applicationName}/eventFilter', ['filter']],
  listChannels: ['GET', '/channels', []],
  listBridges: ['GET', '/bridges', []],
  listEndpoints: ['GET', '/endpoints/{tech}', []],
  createChannel: ['POST', '/channels/create', ['endpoint', 'app', 'appArgs', 'channelId', 'variables']],
  dial: ['POST', '/channels/{channelId}/dial', ['timeout']],
  answer: ['POST', '/channels/{channelId}/answer', []],
  ring: ['POST', '/channels/{channelId}/ring', []],
  hangup: ['DELETE', '/channels/{channelId}', ['reason_code']],
  mute: ['POST', '/channels/{channelId}/mute', ['direction']],
  unmute: ['DELETE', '/channels/{channelId}/mute', ['direction']],
  startMusic: ['POST', '/channels/{channelId}/moh', []],
  stopMusic: ['DELETE', '/channels/{channelId}/moh', []],
  play: ['POST', '/channels/{channelId}/play/{playbackId}', ['media']],
  stopPlay: ['DELETE', '/playbacks/{playbackId}', []],
  startSilence: ['POST', '/channels/{channelId}/silence', []],
  stopSilence: ['DELETE', '/channels/{channelId}/silence', []],
  snoop: ['POST', '/channels/{channelId}/snoop/{snoopId}', ['spy', 'whisper', 'app', 'appArgs']],
  externalMedia: [
    'POST',
    '/channels/externalMedia',
    ['channelId', 'app', 'external_host', 'encapsulation', 'transport', 'connection_type', 'format'],
  ],
  rtpStatistics: ['GET', '/channels/{channelId}/rtp_statistics', []],
  transferProgress: ['POST', '/channels/{channelId}/transfer_progress', ['states']],
  listRecordings: ['GET', '/recordings/stored', []],
  deleteRecording: ['DELETE', '/recordings/stored/{recordingName}', []],
  sendDigits: ['POST', '/channels/{channelId}/dtmf', ['dtmf']],
  setVariable: ['POST', '/channels/{channelId}/variable', ['variable', 'value']],
  setVariables: ['POST', '/channels/{channelId}/variables', ['variables']],
  makeBridge: ['POST', '/bridges/{bridgeId}', ['type', 'name']],
  endBridge: ['DELETE', '/bridges/{bridgeId}', []],
  playToBridge: ['POST', '/bridges/{bridgeId}/play/{playbackId}', ['media']],
  addToBridge: ['POST', '/bridges/{bridgeId}/addChannel', ['channel', 'inhibitConnectedLineUpdates']],
  removeFromBridge: ['POST', '/bridges/{bridgeId}/removeChannel', ['channel']],
} as const satisfies Record<string, readonly [method: string, path: string, parameters: readonly string[]]>;

/** Operations that 20.0 does not have: AriFeatures says whether they are there, and what is done without them. All others are older. */
export const NEWER_THAN_20: readonly (keyof typeof OPERATIONS)[] = ['transferProgress', 'setVariables'];

export type Operation = keyof typeof OPERATIONS;

type PathNames<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;
type PathOf<O extends Operation> = (typeof OPERATIONS)[O][1];
type ParametersOf<O extends Operation> = (typeof OPERATIONS)[O][2][number];

/** Values for the places in an operation's path, and for its parameters. */
export type Values<O extends Operation> = { [K in PathNames<PathOf<O>>]: string } & {
  [K in ParametersOf<O>]?: unknown;
};

export interface AriRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Relative to `/ari/`. */
  uri: string;
  body?: Record<string, unknown>;
}

/** The request that carries an operation out: path filled in, parameters in the query of a GET or DELETE, else in the body. */
export function ariRequest<O extends Operation>(operation: O, values: Values<O>): AriRequest {
  const [method, path, parameters] = OPERATIONS[operation];
  const given = values as Record<string, unknown>;
  const filled = path
    .slice(1)
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given[name])));
  const sent = parameters
    .filter((name) => given[name] !== undefined)
    .map((name) => [name, given[name]] as const);
  if (sent.length === 0) return { method, uri: filled };
  if (method === 'POST' || method === 'PUT') return { method, uri: filled, body: bodyOf(operation, sent) };
  const query = sent.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return { method, uri: `${filled}?${query}` };
}

/** The event filter is the body itself; all other parameters are its members. */
function bodyOf(operation: Operation, sent: (readonly [string, unknown])[]): Record<string, unknown> {
  if (operation === 'filterEvents') return sent[0]?.[1] as Record<string, unknown>;
  return Object.fromEntries(sent);
}
