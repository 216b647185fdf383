/** Settings of a kind in the file: of telephone systems and CRMs, whose secrets stay where they are. */
import { SECRET_PLACEHOLDER } from '../../protocol/configuration.ts';
import {
  completeSettings,
  secretNames,
  type Settings,
  type WithSettings,
} from '../../protocol/kind-settings.ts';
import { refuse } from '../callcenter/refuse.ts';

/** What is shown, with the placeholder for each secret that is set. */
export function namedSettings({
  settings,
  secretsSet,
}: {
  settings: Settings;
  secretsSet: string[];
}): Settings {
  return { ...settings, ...Object.fromEntries(secretsSet.map((name) => [name, SECRET_PLACEHOLDER])) };
}

/** Those of something new. @throws `bad-input` for a secret whose value is not in its place. */
export function newSettings(settings: Settings): Settings {
  const missing = Object.keys(settings).find((name) => settings[name] === SECRET_PLACEHOLDER);
  if (missing !== undefined) refuse(`settings.${missing}`, 'a new one needs its value in its place');
  return settings;
}

/** What is other than before: what is not in the file goes, and a secret stays where its placeholder stands. */
export function settingsChange(before: Settings, after: Settings): Settings {
  const gone = Object.keys(before).filter((name) => !(name in after));
  const said = Object.entries(after).filter(([name, value]) => {
    if (value !== SECRET_PLACEHOLDER) return true;
    if (before[name] !== SECRET_PLACEHOLDER) refuse(`settings.${name}`, 'its value is needed in its place');
    return false;
  });
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...Object.fromEntries(said) };
}

/** An item of a kind as it would be kept, and as it may be shown: with each secret that has a value of its own called otherwise. */
export function maskedItems<I extends { kind: string; settings: Settings }>(
  kinds: readonly (WithSettings & { kind: string })[],
): { settled(item: I): I; shown(item: I): I } {
  const masked = (item: I, as: string): I => {
    const kind = kinds.find((one) => one.kind === item.kind);
    return kind ? { ...item, settings: maskedSettings(kind, item.settings, as) } : item;
  };
  return {
    settled: (item) => masked(item, SECRET_PLACEHOLDER),
    shown: (item) => masked(item, 'set anew'),
  };
}

function maskedSettings(kind: WithSettings, settings: Settings, as: string): Settings {
  const given = secretNames(kind).filter((name) => name in settings && settings[name] !== SECRET_PLACEHOLDER);
  return { ...completeSettings(kind, settings), ...Object.fromEntries(given.map((name) => [name, as])) };
}
