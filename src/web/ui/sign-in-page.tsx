import { Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { Me } from '../../protocol/api.ts';
import { Logo } from './logo.tsx';
import { SignInForm } from './sign-in-form.tsx';
import classes from './sign-in-page.module.css';

interface SignInPageProps {
  /** The name of the user whose session ended in the middle of work. */
  expired?: string;
  onSignedIn: (me: Me) => void;
}

/** Asks for user name and password. */
export function SignInPage({ expired, onSignedIn }: SignInPageProps) {
  useEffect(() => {
    document.title = 'Sign in · Crosspoint';
  }, []);
  return (
    <div className={classes.page}>
      <main className={classes.card}>
        <Logo size={34} withName />
        <div>
          <Title order={1} size="h2">
            {expired ? 'Sign in again' : 'Sign in'}
          </Title>
          {expired && (
            <Text size="sm" c="dimmed" mt={4}>
              Your session has ended, {expired}. Your work is kept behind this page.
            </Text>
          )}
        </div>
        <SignInForm onSignedIn={onSignedIn} />
      </main>
      <Lattice />
    </div>
  );
}

/** The switchboard behind the card: lines, and a few of their crosspoints closed. */
function Lattice() {
  const closed: [number, number][] = [
    [3, 1],
    [9, 1],
    [5, 4],
    [9, 5],
    [2, 6],
  ];
  const lines = Array.from({ length: 12 }, (_, i) => i);
  return (
    <svg className={classes.lattice} viewBox="0 0 480 320" preserveAspectRatio="xMidYMid slice" aria-hidden>
      {lines.map((i) => (
        <path
          key={i}
          d={`M${i * 40 + 20} 0V320M0 ${i * 40 + 20}H480`}
          stroke="currentColor"
          strokeWidth="0.5"
          opacity="0.35"
        />
      ))}
      {closed.map(([x, y]) => (
        <circle key={`${x},${y}`} cx={x * 40 + 20} cy={y * 40 + 20} r="3" fill="var(--cp-ring)" />
      ))}
    </svg>
  );
}
