import {
  ActionIcon,
  type ActionIconProps,
  type MantineColorScheme,
  Tooltip,
  useMantineColorScheme,
} from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const satisfies Record<
  MantineColorScheme,
  MantineColorScheme
>;
const ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };
const NAMES = { auto: 'the system’s colours', light: 'light colours', dark: 'dark colours' };

/** Goes through the colour schemes: the system's, light, dark. The choice stays in this browser. */
export function SchemeSwitch(props: ActionIconProps) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  const next = NEXT[colorScheme];
  return (
    <Tooltip label={`Using ${NAMES[colorScheme]}; switch to ${NAMES[next]}`}>
      <ActionIcon {...props} aria-label={`Switch to ${NAMES[next]}`} onClick={() => setColorScheme(next)}>
        <Icon size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
