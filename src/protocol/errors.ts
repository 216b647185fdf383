/**
 * The one catalogue of errors (DESIGN rule 5): a stable code, the HTTP status, and a sentence that says what to do.
 * `docs/errors.md` is tested against it. `{name}` in a sentence is filled from the error's data.
 */
const CATALOGUE = {
  'bad-input': [400, 'The request is not valid: {detail}'],
  'not-signed-in': [401, 'You are not signed in. Sign in and try again.'],
  'context-refused': [
    403,
    'The CRM could not sign you in: {detail}. Sign in here, and tell an administrator.',
  ],
  'context-user-unknown': [
    403,
    '{host} says who you are, but no user here has that name. An administrator adds you in Setup.',
  ],
  'wrong-password': [401, 'The user name or the password is wrong.'],
  'not-allowed': [403, 'Your role does not allow this.'],
  'not-found': [404, 'There is no {what} with this id.'],
  conflict: [409, 'Somebody else changed this meanwhile. Reload it and try again.'],
  'not-in-call-center': [403, 'You belong to no call center: an administrator adds you to one in Setup.'],
  'definition-invalid': [400, 'The definition cannot be used: {detail}'],
  'script-invalid': [400, 'The script cannot be active yet: {detail}.'],
  'flow-invalid': [400, 'The flow cannot be published yet: {detail}'],
  'script-inactive': [409, 'The script {name} is not active. An administrator activates it in Setup.'],
  'script-over': [409, 'This script has been finished or stopped already.'],
  'already-exists': [409, 'There is already a {what} with this {field}.'],
  'in-use': [409, 'This is still in use: {detail}. Change that first.'],
  'configuration-invalid': [400, 'Nothing was applied: {count} wrong in the file, the first is {first}'],
  'would-lose': [409, 'This would delete the values of {records} records. Confirm that number to go on.'],
  'too-many-attempts': [429, 'Too many attempts. Try again in {seconds} seconds.'],
  'too-large': [413, 'This is too large: the limit is {limit}.'],
  'too-many': [409, 'There are {limit} already, and no more are possible.'],
  internal: [500, 'Something went wrong on the server. It has been logged as {id}.'],
  timeout: [504, '{what} did not answer in time. Try again.'],
  draining: [503, 'The server is shutting down and takes no new calls.'],
  'server-unreachable': [
    503,
    'The server cannot be reached. Check your network; the connection is tried again by itself.',
  ],
  'asterisk-unavailable': [503, 'Asterisk cannot be had here: {reason}.'],
  'speech-unavailable': [503, 'Speech cannot be used: {reason}.'],
  'asterisk-failed': [503, 'The private Asterisk did not start: {reason}.'],
  'database-failed': [503, 'The private PostgreSQL did not start: {reason}.'],
  'port-taken': [
    409,
    'Port {port} of {host} is taken by another program. Stop it, or set {setting} to another port.',
  ],
  'database-in-use': [
    503,
    'Another Crosspoint process uses this database. Stop it first, or set another DATABASE_URL.',
  ],
  'folder-in-use': [
    409,
    'The folder {folder} is in use by another Crosspoint (process {pid}). Stop that one, or set CROSSPOINT_DATA to another folder.',
  ],
  'folder-unusable': [500, 'The folder {folder} cannot be used: {reason}.'],
  'certificate-unusable': [500, 'The certificate file {file} cannot be used: {reason}.'],

  'no-such-line': [404, 'This call is over.'],
  'wrong-state': [409, 'This cannot be done while the call is {state}.'],
  'not-capable': [409, 'This device cannot do that.'],
  'switch-down': [
    503,
    'The telephone system is not connected. Calls go on; controls return when it is back.',
  ],
  'platform-busy': [409, 'This telephone system carries {calls} calls. Wait for their end, or let it drain.'],
  'not-linked': [
    409,
    'There is no link from the telephone system {from} to {to}. An administrator sets one up.',
  ],
  elsewhere: [409, 'Calls of {from} cannot be given to {to}. Dial a number that leads there.'],
  'queue-undiallable': [
    409,
    'This queue has no extension that calls can be given to. An administrator adds it to the telephone system’s settings.',
  ],
  'number-invalid': [400, '{number} is not a telephone number that can be dialled.'],
  'extension-unknown': [404, 'Nobody has the extension {number}.'],
  'own-extension': [400, '{number} is your own extension.'],
  'no-trunk': [
    503,
    'There is no line for outside calls. An administrator sets up a trunk, or dial an extension.',
  ],
  'no-caller-id': [
    503,
    'There is no number of ours that the called party could see. An administrator sets one.',
  ],
  'trunks-full': [503, 'All lines for this call are in use or out of order. Try again in a moment.'],
  'emergency-called': [409, 'Emergency call: {name} dialled {number}. Location: {place}.'],
  'class-not-allowed': [403, 'Your class of service, {name}, does not allow {kind} calls.'],
  'country-not-allowed': [403, 'Calls to this country ({country}) are not allowed.'],
  'colleague-away': [409, '{name} has no phone that can ring now.'],
  'colleague-busy': [409, 'This colleague is on a call, or does not want to be disturbed.'],
  'offer-gone': [409, 'This call went to somebody else or the caller hung up.'],
  busy: [409, 'You are on a call.'],
  consulting: [409, 'Complete, merge or cancel the consultation first.'],
  'not-parked': [404, 'Nobody is parked there any more.'],
  'agent-unavailable': [409, '{name} takes no calls now. {detail}'],
  'no-recording': [409, 'Calls are not recorded here.'],
  'not-your-team': [403, '{what} belongs to none of your teams.'],
  'no-phone-open': [409, 'You have no phone that can ring now. Open your softphone first.'],
  'agent-not-talking': [409, '{name} talks to nobody now.'],
  'no-longer-waiting': [409, 'This caller does not wait any more.'],
  'webhook-refused': [502, 'The webhook answered {status}. It is tried again by itself.'],
  'agent-not-ready': [409, 'You are not ready. Choose Ready first.'],
  'reason-required': [400, 'Choose a reason.'],
  'disposition-required': [400, 'Choose a wrap-up code first.'],
  'log-closed': [409, 'This log is closed and cannot be edited any more.'],
  'log-not-saved': [
    503,
    'The log of your last call could not be saved in the CRM. It is tried again by itself.',
  ],
  'crm-not-capable': [409, '{crm} cannot do that: {reason}'],
  'crm-refused': [422, '{crm} refuses it: {detail}'],
  'crm-unavailable': [503, '{crm} cannot be reached: {detail} It is tried again by itself.'],
  'crm-limit': [503, '{crm} takes no more requests for now: {detail}'],
  'crm-sign-in': [409, 'There is no valid sign-in to {crm}: {detail}'],
  'log-needs-page': [
    503,
    'The log of your last call is saved as soon as the softphone is open in your CRM again.',
  ],
  'log-refused': [
    502,
    'The CRM does not take the log of your last call: {detail}. It is tried again by itself.',
  ],
  'no-phone': [409, 'Your phone is not connected. {detail}'],

  'import-busy': [409, 'The import of {file} is at work. Wait until it is done, or cancel it.'],
  'import-refused': [409, 'Nothing was imported: {detail}'],

  'recording-off': [409, 'This call may not be recorded: a rule of the administrator says so.'],
  'recording-not-running': [409, 'This call is not being recorded.'],
  'recording-no-audio': [409, 'The sound of this recording cannot be played: {reason}.'],
  'recording-range': [
    416,
    'The recording has {bytes} bytes: there is nothing in the part that was asked for.',
  ],
  'recording-store-failed': [
    503,
    'The store of recordings cannot be used: {reason}. Recordings wait, and are stored when it is back.',
  ],
  'recording-spool-full': [
    503,
    'The spool of recordings holds {limit} already. Further ones wait on the telephone system until the store takes them.',
  ],

  'phone-no-microphone': [
    400,
    'The microphone cannot be used. Allow it for this page and check that it is plugged in.',
  ],
  'phone-microphone-denied': [
    400,
    'The browser does not let this page use the microphone. Click the sign beside the address, allow it, and try again.',
  ],
  'phone-microphone-busy': [
    400,
    'Another program holds the microphone. End it there, or choose another microphone in the settings.',
  ],
  'phone-microphone-blocked': [
    400,
    'The page around this phone does not lend it the microphone. Open the phone in its own window, or tell an administrator.',
  ],
  'phone-insecure-page': [
    400,
    'A page without https has no microphone. Open Crosspoint by its https address.',
  ],
  'phone-not-registered': [
    503,
    'The phone in this browser has no connection to the telephone system. It is tried again by itself.',
  ],
  'phone-no-answer': [504, 'The phone did not answer.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

export type ErrorCode = keyof typeof CATALOGUE;

export const ERROR_CODES = Object.keys(CATALOGUE) as ErrorCode[];

/** What goes over the wire. `data` never holds secrets or personal data. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  data?: Record<string, string | number>;
}

/** Every copy of this module has the same one: a connector brings its own copy of the program's exports. */
const BRAND = Symbol.for('crosspoint.CodedError');

/** The code's sentence with the data put in. */
export function sentenceOf(code: ErrorCode, data: Record<string, string | number> = {}): string {
  return CATALOGUE[code][1].replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? ''));
}

/** An error with a stable code: thrown anywhere, shown to the user as its sentence. `instanceof` holds across copies of this module. */
export class CodedError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly data: Record<string, string | number>;

  constructor(code: ErrorCode, data: Record<string, string | number> = {}) {
    super(sentenceOf(code, data));
    this.name = 'CodedError';
    this.code = code;
    this.data = data;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  get status(): number {
    return CATALOGUE[this.code][0];
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message, data: this.data };
  }
}

/** True for a command that came too late: the call, leg or offer ended meanwhile, and its own fact says so. */
export function isTooLate(error: unknown): boolean {
  return error instanceof CodedError && (error.code === 'no-such-line' || error.code === 'offer-gone');
}
