import {
  ActionIcon,
  Badge,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Kbd,
  Loader,
  type MantineColorsTuple,
  Modal,
  Notification,
  Tooltip,
} from '@mantine/core';

/**
 * The look: the petrol of an exchange's panel with copper for what rings, neutral greys with a breath of petrol, system
 * fonts, and controls small enough that a day's work fits on a screen. Every text colour has 4.5:1 on its ground, in both
 * schemes.
 */
const petrol: MantineColorsTuple = [
  '#e9f6f6',
  '#d3eaeb',
  '#a8d5d7',
  '#7abfc2',
  '#52a8ac',
  '#2f9095',
  '#17777d',
  '#0b6268',
  '#0d4b51',
  '#0d3b40',
];
const copper: MantineColorsTuple = [
  '#fff2ea',
  '#fde0cf',
  '#f8c1a1',
  '#f3a271',
  '#ea854a',
  '#d96c2d',
  '#b9541b',
  '#9a4413',
  '#7b3610',
  '#5c290d',
];
const ok: MantineColorsTuple = [
  '#e8f7ee',
  '#cfeedb',
  '#a0dcb8',
  '#70c994',
  '#48b475',
  '#2b9a5b',
  '#1c7f48',
  '#15683a',
  '#10522e',
  '#0c3f23',
];
const stop: MantineColorsTuple = [
  '#fdeded',
  '#fad6d6',
  '#f3aeae',
  '#ec8585',
  '#e26060',
  '#d34343',
  '#b92f2f',
  '#9a2424',
  '#7b1c1c',
  '#5e1515',
];
const warn: MantineColorsTuple = [
  '#fdf5e0',
  '#faeac0',
  '#f4d684',
  '#ecc04b',
  '#dba920',
  '#b98a0c',
  '#8a6500',
  '#715300',
  '#594100',
  '#423000',
];
const gray: MantineColorsTuple = [
  '#f6f8f8',
  '#eef2f2',
  '#e2e8e8',
  '#d1d9d9',
  '#b3bebf',
  '#849193',
  '#5b696b',
  '#445153',
  '#2c3739',
  '#1a2325',
];
const dark: MantineColorsTuple = [
  '#d6dedf',
  '#b4c0c2',
  '#97a5a7',
  '#6b7a7d',
  '#3e4c4f',
  '#2c383b',
  '#212b2e',
  '#192124',
  '#12191b',
  '#0c1113',
];

const SYSTEM_FONTS =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  colors: { petrol, copper, ok, stop, warn, gray, dark },
  fontFamily: SYSTEM_FONTS,
  fontFamilyMonospace: "ui-monospace, 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', monospace",
  headings: {
    fontFamily: SYSTEM_FONTS,
    fontWeight: '650',
    sizes: { h1: { fontSize: '22px' }, h2: { fontSize: '16px' }, h3: { fontSize: '14px' } },
  },
  fontSizes: { xs: '12px', sm: '13.5px', md: '15px', lg: '17px', xl: '20px' },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '11px', xl: '20px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600, radius: 'sm' } }),
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    Kbd: Kbd.extend({ defaultProps: { size: 'xs' } }),
    Loader: Loader.extend({ defaultProps: { type: 'dots', size: 'sm', role: 'status' } }), // or its label says nothing
    Modal: Modal.extend({
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
      },
    }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: true } }),
  },
});

/** Our own surfaces and inks, as `--cp-*`, for CSS modules. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--cp-bar': '#0d3b40',
    '--cp-bar-ink': '#e6f3f3',
    '--cp-bar-muted': '#a3c9cb',
    '--cp-ring': '#ea854a',
  },
  light: {
    '--cp-surface': '#ffffff',
    '--cp-raised': '#ffffff',
    '--cp-sunken': '#f1f5f5',
    '--cp-line': '#dde4e4',
    '--cp-ink': '#1a2325',
    '--cp-muted': '#546264',
    '--cp-hover': '#eef5f5',
    '--cp-selected': '#e0f0f0',
    '--mantine-color-dimmed': '#546264',
    '--mantine-color-placeholder': '#667375',
    '--mantine-color-text': '#1a2325',
    '--mantine-color-anchor': '#0b6268',
    '--mantine-color-error': '#b92f2f',
  },
  dark: {
    '--cp-surface': '#192124',
    '--cp-raised': '#1f292c',
    '--cp-sunken': '#12191b',
    '--cp-line': '#2f3c3f',
    '--cp-ink': '#dfe7e8',
    '--cp-muted': '#9fadaf',
    '--cp-bar': '#0a2629',
    '--cp-hover': '#222d30',
    '--cp-selected': '#1c3a3d',
    '--mantine-color-dimmed': '#9fadaf',
    '--mantine-color-placeholder': '#8b999b',
    '--mantine-color-text': '#dfe7e8',
    '--mantine-color-body': '#192124',
    '--mantine-color-anchor': '#7abfc2',
    '--mantine-color-error': '#ec8585',
  },
});
