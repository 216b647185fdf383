/** The kinds of candidates (RFC 8445) that were found. */
export interface IceOutcome {
  types: RTCIceCandidateType[];
  /** A relay is configured, so one should be among them. */
  relayWanted: boolean;
}

/** Servers that have not answered by then, in milliseconds, do not. */
const GATHER_MS = 5_000;

/** Gathers candidates as a call would, without a call. @param create makes the connection. */
export async function checkIce(
  iceServers: RTCIceServer[],
  create: (config: RTCConfiguration) => RTCPeerConnection,
): Promise<IceOutcome> {
  const relayWanted = iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)));
  const types = new Set<RTCIceCandidateType>();
  const connection = create({ iceServers });
  try {
    await gather(connection, types);
  } finally {
    connection.close();
  }
  return { types: [...types], relayWanted };
}

async function gather(connection: RTCPeerConnection, types: Set<RTCIceCandidateType>): Promise<void> {
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.type) types.add(candidate.type);
      if (candidate) return;
      clearTimeout(timer);
      resolve();
    });
  });
  connection.createDataChannel('check');
  await connection.setLocalDescription(await connection.createOffer());
  await done;
}
