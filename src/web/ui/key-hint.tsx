import { Kbd } from '@mantine/core';

/** Keys that do something, such as `/` or `g a`: a hint for the eye, not for screen readers. */
export function KeyHint({ keys }: { keys: string }) {
  return (
    <span aria-hidden style={{ display: 'inline-flex', gap: 3 }}>
      {keys.split(' ').map((key, i) => (
        // A sequence may name a key twice, and never changes its order.
        <Kbd key={`${key}${i}`}>{key}</Kbd>
      ))}
    </span>
  );
}
