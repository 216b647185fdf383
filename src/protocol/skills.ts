/** Skills: what agents are good at, and what a queue asks of them. */
import { z } from 'zod';

/** Proficiency, from 1 (a little) to 10 (nobody better). Who does not have a skill has level 0. */
export const Level = z.number().int().min(1, 'from 1 to 10').max(10, 'from 1 to 10');

export const SkillInput = z.object({
  label: z.string().trim().min(1, 'this is needed').max(80, 'at most 80 characters'),
  description: z.string().trim().max(500, 'at most 500 characters').default(''),
});
/** What is left out stays. */
export const SkillChange = z.object({
  label: SkillInput.shape.label.optional(),
  description: SkillInput.shape.description.removeDefault().optional(),
});
export const Skill = SkillInput.extend({ id: z.string(), description: z.string() });
export type Skill = z.infer<typeof Skill>;

const SkillId = z.string().min(1, 'choose a skill').max(80);

/** How good a user is at a skill. */
export const SkillLevel = z.object({ skillId: SkillId, level: Level });
export type SkillLevel = z.infer<typeof SkillLevel>;

/** What an agent must reach at least to be offered a queue's calls. */
export const Requirement = z.object({ skillId: SkillId, minimum: Level });
export type Requirement = z.infer<typeof Requirement>;

const once = (all: readonly { skillId: string }[]) =>
  new Set(all.map(({ skillId }) => skillId)).size === all.length;

export const SkillLevels = z.array(SkillLevel).max(200, 'at most 200 skills').refine(once, 'each skill once');
export const Requirements = z.array(Requirement).max(20, 'at most 20 skills').refine(once, 'each skill once');
