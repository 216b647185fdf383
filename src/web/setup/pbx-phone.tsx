import { Alert } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { PlatformPhone, ShownPlatform } from '../../protocol/platforms.ts';
import { UserFields } from '../../protocol/setup.ts';
import { errorText } from '../ui/states.tsx';
import { useAnswer } from './resource.ts';

const TYPING_MS = 400;

/** For a user of a telephone system that routes by itself: which phone there is his, and whether it exists. */
export function PbxPhone({
  platform,
  extension,
  userId,
}: {
  platform: ShownPlatform;
  extension: string | null;
  userId: string | undefined;
}) {
  const [typed] = useDebouncedValue(extension ?? '', TYPING_MS);
  if (typed === '')
    return (
      <Note color="warn">
        Without his extension at {platform.label} no phone there is this user’s: his softphone shows no calls.
      </Note>
    );
  if (!UserFields.shape.extension.safeParse(typed).success) return undefined;
  return <Found key={typed} platform={platform} extension={typed} userId={userId} />;
}

interface FoundProps {
  platform: ShownPlatform;
  extension: string;
  userId: string | undefined;
}

function Found({ platform, extension, userId }: FoundProps) {
  const { id, label } = platform;
  const phone = useAnswer<PlatformPhone>(`/api/platforms/${encodeURIComponent(id)}/phones/${extension}`);
  if (phone.isError)
    return (
      <Note color="warn">
        Whether {label} has the extension {extension} is not known now: {errorText(phone.error)}
      </Note>
    );
  if (!phone.data) return undefined;
  const { device, state, user } = phone.data;
  if (user && user.id !== userId)
    return (
      <Note color="stop">
        {device} is {user.name}’s already.
      </Note>
    );
  const [color, text] = {
    ready: ['ok', `His phone at ${label} is ${device}. It is there.`],
    away: ['warn', `His phone at ${label} is ${device}. It is not registered there now.`],
    unknown: [
      'stop',
      `${label} knows no phone ${device}. Check the extension, and “Name of a phone” in the telephone system’s settings.`,
    ],
    unasked: [
      'warn',
      `His phone at ${label} would be ${device}. It is not connected now: whether there is one is not known.`,
    ],
  }[state];
  return <Note color={color}>{text}</Note>;
}

function Note({ color, children }: { color: string | undefined; children: ReactNode }) {
  return (
    <Alert color={color} variant="light" p="xs" mt="sm" role="status" data-testid="pbx-phone">
      {children}
    </Alert>
  );
}
