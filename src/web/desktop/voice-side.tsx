import { useEffect, useEffectEvent, useRef } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import type { MyAdapter } from '../../protocol/opencti.ts';
import type { Dialer } from '../ui/phone-number.tsx';
import { useVoiceDesk, useVoiceView } from './use-voice.ts';
import { VoiceDock } from './voice-dock.tsx';

interface VoiceSideProps {
  adapter: MyAdapter;
  /** Shows a page, never over unsaved changes. */
  show: (path: string, record?: RecordRef) => void;
  /** Who dials the numbers that are clicked. */
  onDialer: (dialer: Dialer | undefined) => void;
}

/** A service-cloud-voice connector in the place of our softphone. */
export function VoiceSide({ adapter, show, onDialer }: VoiceSideProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const desk = useVoiceDesk(adapter, { frame, show });
  const { phase, place } = useVoiceView(desk);
  const enabled = phase === 'ready' || place === 'other-tab';
  const tell = useEffectEvent(onDialer);
  useEffect(() => {
    tell({
      dial: (number, record) => desk.click({ number, record: record ?? null }),
      enabled,
      text: 'The telephone system is not ready yet.',
    });
    return () => tell(undefined);
  }, [desk, enabled]);
  return (
    <VoiceDock
      adapter={adapter}
      desk={desk}
      frame={frame}
      onOpen={(record) => show(`/${record.object}/${record.id}`, record)}
    />
  );
}
