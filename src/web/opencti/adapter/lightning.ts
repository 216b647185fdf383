/** `opencti.js`: `sforce.opencti`, for adapters in Lightning. Each call takes one object; answers are told to its callback. */
import { type Answer, complain, connect, type Fn, modeOfPage, sforce, tell } from './link.ts';

type Argument = Record<string, unknown> | undefined;

var METHODS = [
  'enableClickToDial',
  'disableClickToDial',
  'getAppViewInfo',
  'getCallCenterSettings',
  'getSoftphoneLayout',
  'isSoftphonePanelVisible',
  'setSoftphonePanelVisibility',
  'setSoftphonePanelHeight',
  'setSoftphonePanelWidth',
  'setSoftphonePanelIcon',
  'setSoftphoneItemIcon',
  'setSoftphonePanelLabel',
  'setSoftphoneItemLabel',
  'notifyInitializationComplete',
  'refreshView',
  'runApex',
  'saveLog',
  'screenPop',
  'searchAndScreenPop',
  'publish',
];

function install(): void {
  var global = sforce();
  // One of both: an adapter that knows both would do everything twice.
  if (global.interaction && modeOfPage() === 'Classic') return;
  delete global.interaction;
  var link = connect('lightning', document.currentScript);

  function run(method: string, argument: unknown, after?: (answer: Answer) => void): void {
    var callback =
      argument && typeof argument === 'object' ? (argument as Record<string, unknown>).callback : undefined;
    warnOfStrangers(method, argument);
    link.call(method, argument === undefined || argument === null ? [] : [argument], function (answer) {
      if (after) after(answer);
      if (typeof callback === 'function') tell(callback as Fn, shape(answer));
      else if (answer.error) complain(method + ': ' + answer.error.code + ': ' + answer.error.description);
    });
  }

  function plain(method: string): Fn {
    return function (argument) {
      run(method, argument);
    };
  }

  function listening(method: string, event: string): Fn {
    return function (argument) {
      var listener = (argument as Argument) && (argument as Record<string, unknown>).listener;
      if (typeof listener === 'function') link.on(event, listener as Fn);
      run(method, argument);
    };
  }

  var api: Record<string, unknown> = {};
  METHODS.forEach(function (method) {
    api[method] = plain(method);
  });
  api.onClickToDial = listening('onClickToDial', 'clickToDial');
  api.onNavigationChange = listening('onNavigationChange', 'navigation');
  api.subscribe = function (argument: Argument) {
    var listener = argument && argument.listener;
    run('subscribe', argument, function (answer) {
      var subscription = answer.value as { id: string } | undefined;
      if (subscription && typeof listener === 'function') link.onTarget(subscription.id, listener as Fn);
    });
  };
  api.unsubscribe = function (argument: Argument) {
    var subscription = argument && (argument.subscription as { id?: unknown } | undefined);
    run('unsubscribe', argument, function (answer) {
      if (!answer.error && subscription) link.offTarget(String(subscription.id));
    });
  };
  api.hvs = {
    onWorkStart: listening('hvs.onWorkStart', 'work'),
    completeWork: plain('hvs.completeWork'),
  };
  api.CALL_TYPE = { INBOUND: 'inbound', OUTBOUND: 'outbound', INTERNAL: 'internal' };
  api.SCREENPOP_TYPE = {
    SOBJECT: 'sobject',
    URL: 'url',
    OBJECTHOME: 'objecthome',
    LIST: 'list',
    SEARCH: 'search',
    NEW_RECORD_MODAL: 'newRecord',
    FLOW: 'flow',
  };
  global.opencti = api;
}

/** A callback under another name is never told anything: its author should know why. */
function warnOfStrangers(method: string, argument: unknown): void {
  if (!argument || typeof argument !== 'object') return;
  Object.keys(argument).forEach(function (name) {
    if (name === 'callback' || name === 'listener') return;
    if (typeof (argument as Record<string, unknown>)[name] === 'function')
      complain(method + ' has no argument ' + name + ': is callback meant?');
  });
}

function shape(answer: Answer): object {
  var errors = answer.error ? [answer.error] : null;
  var value = answer.value === undefined ? null : answer.value;
  return { success: !errors, returnValue: errors ? null : value, errors: errors, error: errors };
}

install();
