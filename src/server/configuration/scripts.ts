import { ScriptInput } from '../../protocol/scripts.ts';
import { section } from './section.ts';

const ScriptItem = ScriptInput.omit({ name: true }).strict();

/** Agent scripts by the name that adapters use. One that goes is taken out of use first, which is refused while something pops it. */
export const agentScripts = section({
  section: 'agentScripts',
  item: ScriptItem,
  list: ({ scripts }) =>
    scripts.stored().map(({ id, name, version: _version, changedAt: _changedAt, ...item }) => ({
      id,
      name,
      item,
    })),
  add: ({ scripts }, name, item) => scripts.add(ScriptInput.parse({ name, ...item })),
  change: ({ scripts }, id, item) => scripts.change(id, { name: scripts.get(id)?.name ?? '', ...item }),
  async remove({ scripts }, id) {
    const script = scripts.get(id);
    if (script?.active) await scripts.change(id, { ...script, active: false });
    await scripts.remove(id);
  },
});
