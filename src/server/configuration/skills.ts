/** Skills in the file: those that there are, and how users and queues name them. */
import { z } from 'zod';
import { Level, type Requirement, SkillInput, type SkillLevel } from '../../protocol/skills.ts';
import { byLabel, idOf, nameOf, section } from './section.ts';
import type { Stores } from './stores.ts';

const SkillItem = SkillInput.omit({ label: true }).strict();

export const skills = section<z.output<typeof SkillItem>>({
  section: 'skills',
  item: SkillItem,
  list: ({ callCenter }) => callCenter.skills().map(({ id, label, ...item }) => ({ id, name: label, item })),
  add: ({ callCenter }, label, item) => callCenter.addSkill({ label, ...item }),
  change: ({ callCenter }, id, item) => callCenter.changeSkill(id, item),
  remove: ({ callCenter }, id) => callCenter.removeSkill(id),
});

/** `{Billing: 3}`: a level by the skill's name. */
export const NamedLevels = z.record(z.string(), Level).default({});
type NamedLevels = z.output<typeof NamedLevels>;
type Skills = Pick<Stores['callCenter'], 'skills'>;

export function namesOfLevels(center: Skills, levels: readonly SkillLevel[]): NamedLevels {
  return Object.fromEntries(
    levels.map(({ skillId, level }) => [nameOf(center.skills(), byLabel, skillId), level]),
  );
}

export function namesOfRequirements(center: Skills, requirements: readonly Requirement[]): NamedLevels {
  return namesOfLevels(
    center,
    requirements.map(({ skillId, minimum }) => ({ skillId, level: minimum })),
  );
}

/** @throws `bad-input` for a skill that there is not. */
export function levelsOf(center: Skills, named: NamedLevels, field: string): SkillLevel[] {
  return Object.entries(named).map(([name, level]) => ({
    skillId: idOf(center.skills(), byLabel, name, 'skill', `${field}.${name}`),
    level,
  }));
}

/** @throws `bad-input` for a skill that there is not. */
export function requirementsOf(center: Skills, named: NamedLevels, field: string): Requirement[] {
  return levelsOf(center, named, field).map(({ skillId, level }) => ({ skillId, minimum: level }));
}
