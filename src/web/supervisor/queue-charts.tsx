import '@mantine/charts/styles.css';
import { AreaChart, LineChart } from '@mantine/charts';
import type { FloorQueue, QueueMinute } from '../../protocol/floor.ts';
import { useViewer } from '../ui/viewer.tsx';
import classes from './queue-charts.module.css';

/** The last hour of a queue: who waited, and the service level. */
export function QueueCharts({ queue, minutes }: { queue: FloorQueue; minutes: readonly QueueMinute[] }) {
  const viewer = useViewer();
  const time = new Intl.DateTimeFormat(viewer.locale, {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: viewer.zone,
  });
  if (minutes.length < 2)
    return <p className={classes.young}>The last hour of {queue.label} is drawn here as its minutes pass.</p>;
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
        <figcaption>{queue.label}: most callers waiting, by minute</figcaption>
        <AreaChart
          {...common}
          series={[{ name: 'Waiting', color: 'copper.5' }]}
          yAxisProps={{ allowDecimals: false, width: 34 }}
        />
      </figure>
      <figure>
        <figcaption>{queue.label}: service level of the hour before, %</figcaption>
        <LineChart
          {...common}
          series={[{ name: 'Service level', color: 'petrol.5' }]}
          yAxisProps={{ domain: [0, 100], width: 34 }}
          referenceLines={[{ y: queue.target.goal, label: 'Goal', color: 'gray.6' }]}
        />
      </figure>
    </div>
  );
}
