/**
 * The scripts that adapters load, and their line to the page around them. Written so that esbuild can make ES5 of it: no
 * classes, no `let`, no destructuring. It has no dependency and changes nothing but `window.sforce`.
 *
 *     waiting ── welcome ──► joined          calls made while waiting are queued, and each call has a deadline
 *        └── no frame, no parameters ──► nowhere: every call is answered with an error
 *
 * It talks to the window around it only, at the origin that served the script, and repeats the nonce that came in the address.
 */
import type { AdapterMessage, CtiError, HostMessage, Surface } from '../../../protocol/opencti.ts';

export type Fn = (...args: unknown[]) => unknown;

/** What a call got: a value or an error. */
export interface Answer {
  value?: unknown;
  error?: CtiError;
}

export interface Link {
  /** Calls the host; `done` is told exactly once. */
  call(method: string, args: unknown[], done: (answer: Answer) => void): void;
  /** Hears an event from now on. */
  on(event: string, listener: Fn): void;
  off(event: string, listener: Fn): void;
  /** Hears what comes for this target, such as a subscription. */
  onTarget(target: string, listener: Fn): void;
  offTarget(target: string): void;
}

/** Milliseconds until a call that the host has not even greeted is given up. */
var JOIN_MS = 10000;
/** Milliseconds that the host has for an answer. */
var ANSWER_MS = 30000;
var HELLO_MS = 200;
var KEPT = 'crosspoint.opencti';

interface Place {
  origin: string;
  nonce: string;
  version: string;
}

interface Pending {
  done: (answer: Answer) => void;
  timer: number;
}

/** Connects this page. @param script the script's own element, while it runs. */
export function connect(surface: Surface, script: Element | null): Link {
  var place = findPlace(script);
  var page = String((window.performance && window.performance.timeOrigin) || new Date().getTime());
  var joined = false;
  var count = 0;
  var queue: AdapterMessage[] = [];
  var pending: Record<string, Pending> = {};
  var events: Record<string, Fn[]> = {};
  var targets: Record<string, Fn> = {};

  function post(message: AdapterMessage): void {
    if (place) window.parent.postMessage(message, place.origin);
  }

  function hello(): void {
    if (joined || !place) return;
    post({
      crosspointCti: 1,
      nonce: place.nonce,
      surface: surface,
      type: 'hello',
      page: page,
      version: place.version,
    });
    window.setTimeout(hello, HELLO_MS);
  }

  function finish(id: string, answer: Answer): void {
    var waiting = pending[id];
    if (!waiting) return;
    delete pending[id];
    window.clearTimeout(waiting.timer);
    waiting.done(answer);
  }

  function giveUp(id: string, description: string): void {
    queue = queue.filter(function (message) {
      return message.type !== 'call' || message.id !== id;
    });
    finish(id, { error: { code: 'SOFTPHONE_CONTAINER_ERROR', description: description } });
  }

  function receive(event: MessageEvent): void {
    var message = event.data as HostMessage | undefined;
    if (!place || event.source !== window.parent || event.origin !== place.origin) return;
    if (
      !message ||
      message.crosspointCti !== 1 ||
      message.nonce !== place.nonce ||
      message.surface !== surface
    )
      return;
    if (message.type === 'welcome') return join();
    if (message.type === 'answer')
      return finish(message.id, 'error' in message ? { error: message.error } : { value: message.value });
    if (message.target !== undefined) return tell(targets[message.target], message.payload);
    (events[message.event] || []).slice().forEach(function (listener) {
      tell(listener, (message as { payload: unknown }).payload);
    });
  }

  function join(): void {
    joined = true;
    queue.splice(0).forEach(function (message) {
      post(message);
      if (message.type === 'call') rearm(message.id);
    });
  }

  function rearm(id: string): void {
    var waiting = pending[id];
    if (!waiting) return;
    window.clearTimeout(waiting.timer);
    waiting.timer = window.setTimeout(function () {
      giveUp(id, 'The softphone container did not answer in time.');
    }, ANSWER_MS);
  }

  window.addEventListener('message', receive, false);
  hello();

  return {
    call: function (method, args, done) {
      var id = surface + '-' + ++count;
      var read = toPlain(args);
      if (!read)
        return later(done, { error: invalid(method + ': the arguments cannot be sent to another window.') });
      if (!place) return later(done, { error: { code: 'SOFTPHONE_CONTAINER_ERROR', description: NOWHERE } });
      var message: AdapterMessage = {
        crosspointCti: 1,
        nonce: place.nonce,
        surface: surface,
        type: 'call',
        id: id,
        method: method,
        args: read.args,
        functions: read.functions,
      };
      pending[id] = {
        done: done,
        timer: window.setTimeout(function () {
          giveUp(id, 'The softphone container is not initialised: nothing answered.');
        }, JOIN_MS),
      };
      if (!joined) {
        queue.push(message);
        return;
      }
      post(message);
      rearm(id);
    },
    on: function (event, listener) {
      var heard = (events[event] = events[event] || []);
      if (heard.indexOf(listener) < 0) heard.push(listener);
    },
    off: function (event, listener) {
      events[event] = (events[event] || []).filter(function (one) {
        return one !== listener;
      });
    },
    onTarget: function (target, listener) {
      targets[target] = listener;
    },
    offTarget: function (target) {
      delete targets[target];
    },
  };
}

export var NOWHERE =
  'Failed to initialize Open CTI: the page must be loaded from the right frame with correct URL parameters.';

export function invalid(description: string): CtiError {
  return { code: 'INVALID_PARAM', description: description };
}

/** Tells a listener; what it throws goes to the page's error handler and stops nobody else. */
export function tell(listener: Fn | undefined, payload: unknown): void {
  if (!listener) return;
  try {
    listener(payload);
  } catch (error) {
    window.setTimeout(function () {
      throw error;
    }, 0);
  }
}

/** Says in the page's console what nobody else would hear. */
export function complain(text: string): void {
  // The adapter's author looks here, and nowhere else.
  var log = window.console;
  if (log && log.error) log.error('[Open CTI] ' + text);
}

/**
 * A method of Classic: positional arguments, the callback among them and optional. It comes last, but for
 * getDirectoryNumbers; whoever leaves it out may pass undefined in its place.
 */
export function positional(link: Link, method: string, shape: (answer: Answer) => object): Fn {
  return function () {
    var args = Array.prototype.slice.call(arguments) as unknown[];
    var callback = args.filter(function (arg) {
      return typeof arg === 'function';
    })[0];
    var values = args.filter(function (arg) {
      return typeof arg !== 'function';
    });
    link.call(method, values, function (answer) {
      if (callback) tell(callback as Fn, shape(answer));
      else if (answer.error) complain(method + ': ' + answer.error.description);
    });
  };
}

/** The global object of Salesforce's scripts. */
export function sforce(): Record<string, unknown> {
  var global = window as unknown as { sforce?: Record<string, unknown> };
  return (global.sforce = global.sforce || {});
}

/** `Lightning`, `Classic`, or nothing when the page was not loaded by a CRM. */
export function modeOfPage(): string {
  return parameter('mode');
}

function later(done: (answer: Answer) => void, answer: Answer): void {
  window.setTimeout(function () {
    done(answer);
  }, 0);
}

/** As JSON has it, with the places of the functions, which stay here; undefined for what JSON cannot hold. */
function toPlain(args: unknown[]): { args: unknown[]; functions: string[] } | undefined {
  var functions: string[] = [];
  args.forEach(function (arg, place) {
    if (typeof arg === 'function') functions.push(String(place));
    if (!arg || typeof arg !== 'object') return;
    Object.keys(arg).forEach(function (name) {
      if (typeof (arg as Record<string, unknown>)[name] === 'function') functions.push(name);
    });
  });
  try {
    return { args: JSON.parse(JSON.stringify(args)) as unknown[], functions: functions };
  } catch {
    return undefined;
  }
}

function findPlace(script: Element | null): Place | undefined {
  var source = sourceOf(script);
  var origin = /^https?:\/\/[^/]+/i.exec(source);
  var nonce = parameter('nonce');
  var kept = nonce ? keep(nonce) : recall();
  if (window.parent === window || !origin || !kept) {
    complain(NOWHERE);
    return undefined;
  }
  var version = /\/support\/(?:api|console)\/([^/]+)\//.exec(source);
  return {
    origin: origin[0].toLowerCase(),
    nonce: kept,
    version: (version ? String(version[1]) : '').slice(0, 20),
  };
}

/** The origin that served a script; empty when that cannot be known. */
export function serverOf(script: Element | null): string {
  var origin = /^https?:\/\/[^/]+/i.exec(sourceOf(script));
  return origin ? origin[0].toLowerCase() : '';
}

function sourceOf(script: Element | null): string {
  if (script && (script as HTMLScriptElement).src) return (script as HTMLScriptElement).src;
  var scripts = document.getElementsByTagName('script');
  for (var i = scripts.length - 1; i >= 0; i--) {
    var source = (scripts[i] as HTMLScriptElement).src;
    if (/\/support\/(api|console|voice)\//.test(source)) return source;
  }
  return '';
}

/** A parameter of the page's address, decoded; empty when it is not there. */
function parameter(name: string): string {
  var found = new RegExp('[?&]' + name + '=([^&#]*)').exec(window.location.search);
  try {
    return found ? decodeURIComponent(String(found[1])) : '';
  } catch {
    return '';
  }
}

/** An adapter that goes to a page of its own, to sign in, loses the address's parameters: the nonce is kept for that. */
function keep(nonce: string): string {
  try {
    window.sessionStorage.setItem(KEPT, nonce);
  } catch {
    return nonce;
  }
  return nonce;
}

function recall(): string {
  try {
    return window.sessionStorage.getItem(KEPT) || '';
  } catch {
    return '';
  }
}
