import '@mantine/charts/styles.css';
import { LineChart } from '@mantine/charts';
import classes from './simulator.module.css';

export interface Series {
  label: string;
  color: string;
  /** Theory: dashed. */
  dashed?: boolean;
  /** By interval; null where there is nothing. */
  values: (number | null)[];
}

interface IntervalChartProps {
  title: string;
  /** Beginnings of the intervals. */
  labels: string[];
  series: Series[];
  /** Top of the axis; default: above the largest value. */
  top?: number;
  format: (value: number) => string;
}

/** Lines over the intervals of the day. */
export function IntervalChart({ title, labels, series, top, format }: IntervalChartProps) {
  const data = labels.map((from, index) => ({
    from,
    ...Object.fromEntries(series.map(({ label, values }) => [label, values[index] ?? null])),
  }));
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>{title}</figcaption>
      <LineChart
        h={220}
        data={data}
        dataKey="from"
        series={series.map(({ label, color, dashed }) => ({
          name: label,
          color,
          ...(dashed ? { strokeDasharray: '3 5' } : {}),
        }))}
        withDots={false}
        withLegend
        legendProps={{ verticalAlign: 'bottom' }}
        curveType="linear"
        gridAxis="y"
        valueFormatter={format}
        yAxisProps={{ width: 56, ...(top === undefined ? {} : { domain: [0, top] }) }}
      />
    </figure>
  );
}
