import { z } from 'zod';
import { CodedError } from '../../../protocol/errors.ts';
import { neededTemplate, optionalPrompt, seconds, shown } from '../fields.ts';
import { defineNode, HANDED_OVER } from '../node.ts';

export const transfer = defineNode({
  kind: 'transfer',
  label: 'Transfer',
  group: 'people',
  help: `Rings a user, by his own rules for direct calls (do not disturb, forwards), or a number outside by a trunk. The caller hears ringing.

- **No answer**: nobody took the call, or could be rung at all. When whoever took it hangs up, the call is over.`,
  settings: z
    .object({
      to: shown('choice', 'To', '', z.enum(['user', 'number']).default('user'), {
        options: { user: 'A user', number: 'A number' },
      }),
      userId: shown('user', 'User', 'When it goes to a user.', z.string().max(80).default('')),
      number: shown(
        'template',
        'Number',
        'When it goes to a number; such as +44 20 7946 0000 or {data:branch}.',
        neededTemplate(80).or(z.literal('')).default(''),
      ),
      ringTime: shown('number', 'Time to answer', 'Then it goes on with No answer.', seconds(5, 60, 25), {
        unit: 'seconds',
      }),
      prompt: shown('prompt', 'Said before', 'Empty for nothing.', optionalPrompt),
    })
    .refine(({ to, userId }) => to !== 'user' || userId !== '', { path: ['userId'], message: 'choose one' })
    .refine(({ to, number }) => to !== 'number' || number.trim() !== '', {
      path: ['number'],
      message: 'this is needed',
    }),
  exits: [{ name: 'unanswered', label: 'No answer', required: true }],
  waits: true,
  async run({ to, userId, number, ringTime, prompt }, talk) {
    const { services } = talk;
    if (talk.rungInVain()) return { exit: 'unanswered' };
    await talk.say(prompt);
    try {
      if (to === 'user') await services.ringUser(talk, userId, ringTime * 1_000);
      else await services.ringNumber(talk, services.readNumber(talk.fill(number)), ringTime * 1_000);
      return HANDED_OVER;
    } catch (error) {
      if (error instanceof CodedError) return { exit: 'unanswered' };
      throw error;
    }
  },
});
