import { type RefObject, useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import { type HostHandlers, SoftphoneHost } from './softphone-host.ts';

interface SoftphoneLink {
  dial: (number: string) => boolean;
  dialState: { enabled: boolean; text: string };
  /** The record in front of the person; null when there is none. */
  setRecord: (record: RecordRef | null) => void;
}

/** Connects the console with the softphone in `frame` for as long as the component is there. */
export function useSoftphoneHost(
  frame: RefObject<HTMLIFrameElement | null>,
  handlers: Omit<HostHandlers, 'dialState'>,
): SoftphoneLink {
  const [dialState, setDialState] = useState({ enabled: false, text: 'The softphone is starting.' });
  const host = useRef<SoftphoneHost>(undefined);
  const record = useRef<RecordRef | null>(null);
  const call = useEffectEvent(
    <K extends keyof typeof handlers>(name: K, ...args: Parameters<(typeof handlers)[K]>) =>
      (handlers[name] as (...all: Parameters<(typeof handlers)[K]>) => void)(...args),
  );

  const tellFocus = useCallback(() => {
    host.current?.setFocus({
      focused: document.visibilityState === 'visible' && document.hasFocus(),
      record: record.current,
    });
  }, []);

  useEffect(() => {
    const mine = new SoftphoneHost(() => frame.current?.contentWindow ?? null, location.origin, {
      pop: (...pop) => call('pop', ...pop),
      script: (...script) => call('script', ...script),
      open: (path, opened) => call('open', path, opened),
      changed: (ids) => call('changed', ids),
      ringing: (on) => call('ringing', on),
      signedOut: () => call('signedOut'),
      // It is said with every change of the softphone: one that says the same must not draw the console anew.
      dialState: (enabled, text) =>
        setDialState((now) => (now.enabled === enabled && now.text === text ? now : { enabled, text })),
    });
    host.current = mine;
    const receive = (event: MessageEvent) => mine.receive(event);
    addEventListener('message', receive);
    for (const event of ['focus', 'blur']) addEventListener(event, tellFocus);
    document.addEventListener('visibilitychange', tellFocus);
    tellFocus();
    return () => {
      host.current = undefined;
      removeEventListener('message', receive);
      for (const event of ['focus', 'blur']) removeEventListener(event, tellFocus);
      document.removeEventListener('visibilitychange', tellFocus);
    };
  }, [frame, tellFocus]);

  const dial = useCallback((number: string) => host.current?.dial(number) ?? false, []);
  const setRecord = useCallback(
    (open: RecordRef | null) => {
      record.current = open;
      tellFocus();
    },
    [tellFocus],
  );
  return { dial, dialState, setRecord };
}
