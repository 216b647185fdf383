import { useEffect, useEffectEvent, useRef } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import type { MyAdapter } from '../../protocol/opencti.ts';
import type { View } from '../opencti/host/operations.ts';
import type { Dialer } from '../ui/phone-number.tsx';
import { AdapterDock } from './adapter-dock.tsx';
import { useAdapterDesk, useAdapterState } from './use-adapter.ts';

interface AdapterSideProps {
  adapter: MyAdapter;
  view: View;
  /** Shows a page, never over unsaved changes. */
  show: (path: string, record?: RecordRef) => void;
  /** Who dials the numbers that are clicked. */
  onDialer: (dialer: Dialer | undefined) => void;
}

/** An adapter in the place of our softphone. */
export function AdapterSide({ adapter, view, show, onDialer }: AdapterSideProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const desk = useAdapterDesk(adapter, { frame, view, show });
  const { clickToDial } = useAdapterState(desk);
  const onPage = useEffectEvent(() => view.record);
  const tell = useEffectEvent(onDialer);
  useEffect(() => {
    tell({
      dial: (number, record) => desk.click({ number, record: record ?? onPage() }),
      enabled: clickToDial,
      text: 'The softphone has not switched dialling by click on.',
    });
    return () => tell(undefined);
  }, [desk, clickToDial]);
  return <AdapterDock desk={desk} frame={frame} />;
}
