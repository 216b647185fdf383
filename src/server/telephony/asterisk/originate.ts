import { CodedError } from '../../../protocol/errors.ts';
import type { Endpoint, Originate } from '../ports.ts';
import { PEER_ENDPOINT } from './asterisk-provisioning.ts';
import { cleanName, cleanNumber } from './device-config.ts';

/** Asterisk's dial string. Rejects with `bad-input` what could mean more than one destination there. */
export function dialString(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'device':
      return `PJSIP/${checked(endpoint.name, /^[A-Za-z0-9-]+$/, 'a device name')}`;
    case 'trunk': {
      const number = checked(endpoint.number, /^[+*#0-9A-Za-z]+$/, 'a number for a trunk');
      return `PJSIP/${number}@${checked(endpoint.trunk, /^[A-Za-z0-9_-]+$/, 'the name of a trunk')}`;
    }
    case 'sip':
      return `PJSIP/${PEER_ENDPOINT}/${checked(endpoint.uri, /^sips?:[\w.+!~*'()%;=:@[\]-]+$/i, 'a SIP address')}`;
  }
}

function checked(text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text)) throw new CodedError('bad-input', { detail: `this is not ${what}` });
  return text;
}

/**
 * Channel variables of a leg that we make. What the called device shows is the channel's connected line; the headers tell
 * our browser phone which leg it is, and plain phones (RFC 5373's predecessors, as vendors have them) to answer at once.
 */
export function legVariables({ legId, callerId, autoAnswer }: Originate): Record<string, string> {
  const number = cleanNumber(callerId.number);
  const withheld = number === '';
  return {
    'CONNECTEDLINE(name,i)': cleanName(callerId.name),
    'CONNECTEDLINE(num,i)': withheld ? 'anonymous' : number,
    'CONNECTEDLINE(pres)': withheld ? 'prohib_passed_screen' : 'allowed_passed_screen',
    'PJSIP_HEADER(add,X-Crosspoint-Leg)': legId,
    ...(autoAnswer ? AUTO_ANSWER : {}),
  };
}

const AUTO_ANSWER = {
  'PJSIP_HEADER(add,X-Crosspoint-Answer)': 'auto',
  'PJSIP_HEADER(add,Call-Info)': '<sip:crosspoint>;answer-after=0',
  'PJSIP_HEADER(add,Alert-Info)': '<http://crosspoint>;info=alert-autoanswer;delay=0',
};
