/** `interaction.js`: `sforce.interaction`, for adapters in Classic. Arguments by position; answers are `{result, error}`. */
import { type Answer, complain, connect, type Fn, modeOfPage, positional, sforce } from './link.ts';

var METHODS = [
  'getPageInfo',
  'isInConsole',
  'isVisible',
  'setVisible',
  'notifyInitializationComplete',
  'refreshPage',
  'refreshRelatedList',
  'reloadFrame',
  'runApex',
  'saveLog',
  'screenPop',
  'searchAndGetScreenPopUrl',
  'searchAndScreenPop',
];

var CTI_METHODS = [
  'enableClickToDial',
  'disableClickToDial',
  'getCallCenterSettings',
  'getSoftphoneLayout',
  'setSoftphoneHeight',
  'setSoftphoneWidth',
  'getDirectoryNumbers',
  'notifyInitializationComplete',
];

function install(): void {
  var global = sforce();
  // One of both: an adapter that knows both would do everything twice.
  if (global.opencti && modeOfPage() !== 'Classic') return;
  delete global.opencti;
  var link = connect('classic', document.currentScript);

  function plain(method: string): Fn {
    return positional(link, method, shape);
  }

  function listening(method: string, event: string): Fn {
    return function (listener) {
      if (typeof listener === 'function')
        link.on(event, function (payload) {
          (listener as Fn)({ result: JSON.stringify(payload), error: undefined });
        });
      link.call(method, [listener], function (answer) {
        if (answer.error) complain(method + ': ' + answer.error.description);
      });
    };
  }

  var api: Record<string, unknown> = {};
  var cti: Record<string, unknown> = {};
  METHODS.forEach(function (method) {
    api[method] = plain(method);
  });
  CTI_METHODS.forEach(function (method) {
    cti[method] = plain('cti.' + method);
  });
  api.onFocus = listening('onFocus', 'navigation');
  cti.onClickToDial = listening('cti.onClickToDial', 'clickToDial');
  api.cti = cti;
  global.interaction = api;
}

function shape(answer: Answer): object {
  return answer.error
    ? { result: false, error: answer.error.description }
    : { result: answer.value, error: undefined };
}

install();
