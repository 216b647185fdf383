/**
 * `integration.js`: the console toolkit `sforce.console`, as far as a softphone uses it beside Open CTI: the events of calls,
 * attached data, messages, tabs, events of its own. Answers are `{success, …}`. What the desktop does not have is there, too, and
 * answers with an error: an adapter that calls it goes on.
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
  'openSubtabByPrimaryTabName',
  'getFocusedPrimaryTabId',
  'getFocusedPrimaryTabObjectId',
  'getFocusedSubtabId',
  'getFocusedSubtabObjectId',
  'getEnclosingTabId',
  'getEnclosingTabObjectId',
  'getEnclosingPrimaryTabId',
  'getEnclosingPrimaryTabObjectId',
  'getPrimaryTabIds',
  'getSubtabIds',
  'getPageInfo',
  'getTabLink',
  'generateConsoleUrl',
  'focusPrimaryTabById',
  'focusPrimaryTabByName',
  'focusSubtabById',
  'focusSubtabByNameAndPrimaryTabId',
  'focusSubtabByNameAndPrimaryTabName',
  'refreshPrimaryTabById',
  'refreshPrimaryTabByName',
  'refreshSubtabById',
  'refreshSubtabByNameAndPrimaryTabId',
  'refreshSubtabByNameAndPrimaryTabName',
  'reopenLastClosedTab',
  'closeTab',
  'disableTabClose',
  'openConsoleUrl',
  'resetSessionTimeOut',
  'setTabTitle',
  'setTabIcon',
  'setTabLink',
  'setTabStyle',
  'setTabTextStyle',
  'setTabUnsavedChanges',
];
var TAB_EVENTS = ['onFocusedPrimaryTab', 'onFocusedSubtab', 'onEnclosingTabRefresh', 'onTabSave'];
/** The adapter's own panel, which the toolkit calls a custom console component. */
var COMPONENT = [
  'isCustomConsoleComponentHidden',
  'isCustomConsoleComponentWindowHidden',
  'setCustomConsoleComponentVisible',
  'setCustomConsoleComponentWindowVisible',
  'setCustomConsoleComponentButtonText',
  'setCustomConsoleComponentHeight',
  'setCustomConsoleComponentWidth',
  'setCustomConsoleComponentButtonIconUrl',
  'setCustomConsoleComponentButtonStyle',
  'setCustomConsoleComponentPopoutable',
  'blinkCustomConsoleComponentButtonText',
  'addPushNotificationListener',
  'removePushNotificationListener',
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

  function tellHost(method: string, args: unknown[]): void {
    link.call(method, args, function (answer) {
      if (answer.error) complain(method + ': ' + answer.error.description);
    });
  }

  function listening(method: string, event: string): Fn {
    return function (listener) {
      if (typeof listener === 'function') link.on(event, listener as Fn);
      tellHost(method, [listener]);
    };
  }

  function group(methods: string[], prefix: string): Record<string, unknown> {
    var made: Record<string, unknown> = {};
    methods.forEach(function (method) {
      made[method] = plain(prefix + method);
    });
    return made;
  }

  var api = group(TABS.concat(COMPONENT), '');
  TAB_EVENTS.forEach(function (event) {
    api[event] = listening(event, event);
  });
  api.fireEvent = plain('fireEvent');
  api.addEventListener = function (type: unknown, listener: unknown) {
    if (typeof listener === 'function') link.on('event ' + String(type), listener as Fn);
    tellHost('addEventListener', [type, listener]);
  };
  api.removeEventListener = function (type: unknown, listener: unknown) {
    if (typeof listener === 'function') link.off('event ' + String(type), listener as Fn);
  };
  api.ConsoleEvent = {
    OPEN_TAB: 'openTab',
    CLOSE_TAB: 'closeTab',
    CONSOLE_LOGOUT: 'consoleLogout',
    PRESENCE: {
      LOGIN_SUCCESS: 'presenceLoginSuccess',
      LOGOUT: 'presenceLogout',
      STATUS_CHANGED: 'presenceStatusChanged',
      WORK_ASSIGNED: 'presenceWorkAssigned',
      WORK_ACCEPTED: 'presenceWorkAccepted',
      WORK_DECLINED: 'presenceWorkDeclined',
      WORK_CLOSED: 'presenceWorkClosed',
      WORKLOAD_CHANGED: 'presenceWorkloadChanged',
    },
  };
  var cti = group(CTI, 'cti.');
  EVENTS.forEach(function (event) {
    cti[event] = listening('cti.' + event, event);
  });
  api.cti = cti;
  api.presence = group(PRESENCE, 'presence.');
  api.isInConsole = function () {
    return window.parent !== window;
  };
  api.isInCustomConsoleComponent = api.isInConsole;
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
