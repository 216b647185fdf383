/**
 * `integration.js`: of the console toolkit `sforce.console`, what adapters use beside Open CTI: the events of calls, attached
 * data, messages, tabs. Answers are `{success, …}`.
 */
import { type Answer, complain, connect, type Fn, positional, sforce } from './link.ts';

var CTI = [
  'fireOnCallBegin',
  'fireOnCallEnd',
  'fireOnCallLogSaved',
  'getCallAttachedData',
  'setCallAttachedData',
  'getCallObjectIds',
  'setCallObjectIds',
  'sendCTIMessage',
];
var EVENTS = ['onCallBegin', 'onCallEnd', 'onCallLogSaved', 'onSendCTIMessage'];
var TABS = [
  'openPrimaryTab',
  'openSubtab',
  'getFocusedPrimaryTabId',
  'getFocusedPrimaryTabObjectId',
  'getFocusedSubtabId',
  'getFocusedSubtabObjectId',
  'refreshPrimaryTabById',
];
var PRESENCE = [
  'getServicePresenceStatusChannels',
  'getServicePresenceStatusId',
  'setServicePresenceStatus',
  'login',
  'logout',
];

function install(): void {
  var link = connect('console', document.currentScript);

  function plain(method: string): Fn {
    return positional(link, method, shape);
  }

  function listening(method: string): Fn {
    return function (listener) {
      if (typeof listener === 'function') link.on(method, listener as Fn);
      link.call('cti.' + method, [listener], function (answer) {
        if (answer.error) complain(method + ': ' + answer.error.description);
      });
    };
  }

  function group(methods: string[], prefix: string): Record<string, unknown> {
    var made: Record<string, unknown> = {};
    methods.forEach(function (method) {
      made[method] = plain(prefix + method);
    });
    return made;
  }

  var api = group(TABS, '');
  var cti = group(CTI, 'cti.');
  EVENTS.forEach(function (event) {
    cti[event] = listening(event);
  });
  api.cti = cti;
  api.presence = group(PRESENCE, 'presence.');
  api.isInConsole = function () {
    return window.parent !== window;
  };
  sforce().console = api;
}

function shape(answer: Answer): object {
  if (answer.error) return { success: false, error: answer.error.description };
  var shaped: Record<string, unknown> = { success: true };
  var value = (answer.value || {}) as Record<string, unknown>;
  Object.keys(value).forEach(function (name) {
    shaped[name] = value[name];
  });
  return shaped;
}

install();
