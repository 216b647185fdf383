import classes from './simulator.module.css';

export interface Series {
  label: string;
  tone: 'a' | 'b';
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
  /** Top of the axis; default: the largest value. */
  top?: number;
  format: (value: number) => string;
}

const WIDTH = 520;
const HEIGHT = 210;
const LEFT = 52;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 26;
const MOST_LABELS = 8;

/** Lines over the intervals of the day. The figures are in the table below it, too: for who cannot see it, it is one picture. */
export function IntervalChart({ title, labels, series, top, format }: IntervalChartProps) {
  const largest = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const end = top ?? (niceTop(largest) || 1);
  const x = (index: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (index + 0.5)) / Math.max(1, labels.length);
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.min(1, value / end));
  const every = Math.ceil(labels.length / MOST_LABELS);
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}, as lines over the day`}>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <g key={part}>
            <line
              className={classes.grid}
              x1={LEFT}
              x2={WIDTH - RIGHT}
              y1={y(part * end)}
              y2={y(part * end)}
            />
            <text className={classes.tick} x={LEFT - 6} y={y(part * end) + 4} textAnchor="end">
              {format(part * end)}
            </text>
          </g>
        ))}
        {labels.map((label, index) =>
          index % every === 0 ? (
            <text key={label} className={classes.tick} x={x(index)} y={HEIGHT - 8} textAnchor="middle">
              {label}
            </text>
          ) : null,
        )}
        {series.map(({ label, tone, dashed, values }) => (
          <path
            key={label}
            className={classes.line}
            data-tone={tone}
            data-dashed={dashed}
            d={pathOf(values, x, y)}
          />
        ))}
      </svg>
      <ul className={classes.legend}>
        {series.map(({ label, tone, dashed }) => (
          <li key={label}>
            <span className={classes.swatch} data-tone={tone} data-dashed={dashed} aria-hidden />
            {label}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** A value alone between two gaps is a short dash. */
function pathOf(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  return values
    .map((value, index) => {
      if (value === null) return '';
      const begins = (values[index - 1] ?? null) === null;
      const point = `${x(index).toFixed(1)},${y(value).toFixed(1)}`;
      return begins ? `M${point} h0.1` : `L${point}`;
    })
    .join(' ');
}

/** The next of 1, 2, 5, 10, 20 … */
function niceTop(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}
