import '@mantine/charts/styles.css';
import { AreaChart, LineChart } from '@mantine/charts';
import { memo } from 'react';
import type { QueueMinute } from '../../protocol/floor.ts';
import { useViewer } from '../ui/viewer.tsx';
import classes from './queue-charts.module.css';

interface QueueChartsProps {
  /** The queue's name. */
  label: string;
  /** Its service level's, in percent. */
  goal: number;
  minutes: readonly QueueMinute[];
}

/** The last hour of a queue: who waited, and the service level. Drawn anew when a minute is another. */
export const QueueCharts = memo(function QueueCharts({ label, goal, minutes }: QueueChartsProps) {
  const viewer = useViewer();
  const time = new Intl.DateTimeFormat(viewer.locale, {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: viewer.zone,
  });
  if (minutes.length < 2)
    return <p className={classes.young}>The last hour of {label} is drawn here as its minutes pass.</p>;
  const data = minutes.map(({ at, waiting, serviceLevel }) => ({
    time: time.format(at),
    Waiting: waiting,
    'Service level': serviceLevel === null ? null : Math.round(serviceLevel * 100),
  }));
  const common = {
    h: 130,
    data,
    dataKey: 'time',
    withDots: false,
    gridAxis: 'x',
    curveType: 'linear',
  } as const;
  return (
    <div className={classes.charts}>
      <figure>
        <figcaption>{label}: most callers waiting, by minute</figcaption>
        <AreaChart
          {...common}
          series={[{ name: 'Waiting', color: 'copper.5' }]}
          yAxisProps={{ allowDecimals: false, width: 34 }}
        />
      </figure>
      <figure>
        <figcaption>{label}: service level of the hour before, %</figcaption>
        <LineChart
          {...common}
          series={[{ name: 'Service level', color: 'petrol.5' }]}
          yAxisProps={{ domain: [0, 100], width: 34 }}
          referenceLines={[{ y: goal, label: 'Goal', color: 'gray.6' }]}
        />
      </figure>
    </div>
  );
});
