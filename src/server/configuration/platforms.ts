import type { z } from 'zod';
import { NewPlatform } from '../../protocol/platforms.ts';
import { refuse } from '../callcenter/refuse.ts';
import { maskedItems, namedSettings, newSettings, settingsChange } from './kind-settings.ts';
import { section } from './section.ts';
import type { Surroundings } from './stores.ts';

const PlatformItem = NewPlatform.omit({ id: true }).strict();
type PlatformItem = z.output<typeof PlatformItem>;

/** Telephone systems that were added, by their ids. What carries calls is neither switched off nor removed. */
export function platformsSection({ platformKinds }: Pick<Surroundings, 'platformKinds'>) {
  return section<PlatformItem>({
    section: 'platforms',
    item: PlatformItem,
    list: ({ platforms }) =>
      platforms.all().map((stored) => {
        const { id, kind, label, enabled, country } = stored;
        const settings = namedSettings(platforms.shown(stored));
        return { id, name: id, item: { kind, label, enabled, country, settings } };
      }),
    add({ platforms }, id, item) {
      const named = NewPlatform.shape.id.safeParse(id);
      if (!named.success) refuse('', named.error.issues[0]?.message ?? '');
      return platforms.add({ ...item, id, settings: newSettings(item.settings) });
    },
    change({ platforms }, id, { kind, ...item }, before) {
      if (kind !== before.kind) refuse('kind', 'the kind of a telephone system stays: add another one');
      return platforms.change(id, { ...item, settings: settingsChange(before.settings, item.settings) });
    },
    remove: ({ platforms }, id) => platforms.remove(id),
    ...maskedItems<PlatformItem>(platformKinds),
  });
}
