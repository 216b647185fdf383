import { SECRET_PLACEHOLDER } from '../../protocol/configuration.ts';
import { SpeechInput, SpeechSettings } from '../../protocol/speech.ts';
import { refuse } from '../callcenter/refuse.ts';
import { stable } from './diff.ts';
import { section } from './section.ts';
import type { Stores } from './stores.ts';

const ENGINES = 'engines';
const DEFAULTS = SpeechSettings.parse({});
const SECRETS = ['hearingSecret', 'speakingSecret'] as const;

/** The engines that hear and speak, where they are others than at first. A key that is left out goes. */
export const speech = section<SpeechInput>({
  section: 'speech',
  item: SpeechInput.strict(),
  list({ speech: book }) {
    const { hearingSecretSet, speakingSecretSet, ...rest } = book.view();
    const item = {
      ...rest,
      ...(hearingSecretSet ? { hearingSecret: SECRET_PLACEHOLDER } : {}),
      ...(speakingSecretSet ? { speakingSecret: SECRET_PLACEHOLDER } : {}),
    };
    return stable(item) === stable(DEFAULTS) ? [] : [{ id: ENGINES, name: ENGINES, item }];
  },
  add(stores, name, item) {
    if (name !== ENGINES) refuse('', `there is one thing in it, which is called ${ENGINES}`);
    return save(stores, item);
  },
  change: (stores, _id, item) => save(stores, item),
  remove: ({ speech: book }) => book.save({ ...DEFAULTS, hearingSecret: '', speakingSecret: '' }),
  settled: (item) => masked(item, SECRET_PLACEHOLDER),
  shown: (item) => masked(item, 'set anew'),
});

function save({ speech: book }: Stores, item: SpeechInput) {
  const { hearingSecretSet, speakingSecretSet } = book.view();
  const there = { hearingSecret: hearingSecretSet, speakingSecret: speakingSecretSet };
  const secrets = SECRETS.map((name) => {
    const value = item[name] ?? '';
    if (value !== SECRET_PLACEHOLDER) return [name, value];
    if (!there[name]) refuse(name, 'the key of the engine is needed in its place');
    return [name, undefined];
  });
  return book.save({
    ...item,
    ...(Object.fromEntries(secrets) as Pick<SpeechInput, (typeof SECRETS)[number]>),
  });
}

/** A key that is new is told and not shown. */
function masked(item: SpeechInput, as: string): SpeechInput {
  const secrets = SECRETS.filter((name) => item[name] && item[name] !== SECRET_PLACEHOLDER);
  return { ...item, ...Object.fromEntries(secrets.map((name) => [name, as])) };
}
