/**
 * `voice-host.js`, for the page of a service-cloud-voice connector, before its own scripts. The library that such connectors are
 * written with takes its line from Salesforce's hosts only; whoever puts this script into his page vouches for one more: the
 * origin that served the script. Its message is handed on as one of a host that the library knows; no other is touched.
 */
import { serverOf } from './link.ts';

var KNOWN = 'https://crosspoint.lightning.force.com';

function install(): void {
  var origin = serverOf(document.currentScript);
  window.addEventListener(
    'message',
    function (event) {
      var data = event.data as { type?: unknown } | undefined;
      if (event.source !== window.parent || event.origin !== origin) return;
      if (!data || data.type !== 'SETUP_CONNECTOR') return;
      // The library would refuse it and never listen again.
      event.stopImmediatePropagation();
      var vouched = { data: data, origin: KNOWN, source: event.source, ports: event.ports.slice() };
      window.dispatchEvent(new MessageEvent('message', vouched));
    },
    true,
  );
}

install();
