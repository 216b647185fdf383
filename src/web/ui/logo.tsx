import classes from './logo.module.css';

/** The mark: two lines across two others, joined at one crosspoint. */
export function Logo({ size = 24, withName = false }: { size?: number; withName?: boolean }) {
  return (
    <span className={classes.logo} style={{ fontSize: size * 0.68 }}>
      <svg viewBox="0 0 32 32" width={size} height={size} role="img" aria-label="Crosspoint">
        <path
          d="M11 4v24M21 4v24M4 11h24M4 21h24"
          stroke="currentColor"
          strokeWidth="2.6"
          strokeLinecap="round"
          opacity="0.75"
        />
        <circle cx="21" cy="11" r="5" fill="var(--cp-ring)" />
      </svg>
      {withName && <span aria-hidden>Crosspoint</span>}
    </span>
  );
}
