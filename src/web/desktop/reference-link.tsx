import { Anchor } from '@mantine/core';
import type { MouseEvent } from 'react';
import { Link } from 'wouter';
import { objectOfId, useObjects } from './objects-context.tsx';
import { pathOf } from './softphone-host.ts';

/** The name of a record that a field points at, as a link where the record has a page. */
export function ReferenceLink({ id, name }: { id: string; name: string | undefined }) {
  const meta = objectOfId(useObjects(), id);
  const text = name ?? id;
  if (!meta) return text;
  return (
    <Anchor
      inherit
      component={Link}
      href={pathOf({ object: meta.name, id })}
      onClick={(event: MouseEvent) => event.stopPropagation()}
    >
      {text}
    </Anchor>
  );
}
