/** What the callers of a queue hear while they wait, and how they can leave it: a part of the queue's page, saved by itself. */
import { Text } from '@mantine/core';
import { z } from 'zod';
import { QueueWaiting } from '../../protocol/waiting.ts';
import { api } from '../ui/api.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, SelectField, SwitchField, TextareaField, TextField } from './fields.tsx';
import { Loaded, Section } from './page.tsx';
import { useAnswer, useChange } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';
import { formatSpoken, formatSpokenList, parseSpoken, parseSpokenList } from './spoken-text.ts';

/** The same, with a name of its own for each field of the form. */
function flat({ greetings, announcements, comfort, callback, voicemail }: QueueWaiting) {
  return {
    greetings: formatSpoken(greetings),
    position: announcements.position,
    wait: announcements.wait,
    firstMs: announcements.firstMs,
    everyMs: announcements.everyMs,
    comfortTexts: formatSpokenList(comfort.texts),
    comfortEveryMs: comfort.everyMs,
    callbackKey: callback.key,
    offerAfterMs: callback.offerAfterMs,
    otherNumber: callback.otherNumber,
    attempts: callback.attempts,
    intervalMs: callback.intervalMs,
    voicemailKey: voicemail.key,
    messageGreeting: formatSpoken(voicemail.greeting),
    maxMs: voicemail.maxMs,
    silenceMs: voicemail.silenceMs,
    email: voicemail.email,
    retentionDays: voicemail.retentionDays,
  };
}

type Flat = ReturnType<typeof flat>;

function nested(values: Flat) {
  return {
    greetings: parseSpoken(values.greetings),
    announcements: {
      position: values.position,
      wait: values.wait,
      firstMs: values.firstMs,
      everyMs: values.everyMs,
    },
    comfort: { texts: parseSpokenList(values.comfortTexts), everyMs: values.comfortEveryMs },
    callback: {
      key: values.callbackKey,
      offerAfterMs: values.offerAfterMs,
      otherNumber: values.otherNumber,
      attempts: values.attempts,
      intervalMs: values.intervalMs,
    },
    voicemail: {
      key: values.voicemailKey,
      greeting: parseSpoken(values.messageGreeting),
      maxMs: values.maxMs,
      silenceMs: values.silenceMs,
      email: values.email,
      retentionDays: values.retentionDays,
    },
  };
}

/** Which field of the form a path of the settings is. */
const NAMES: Record<string, keyof Flat> = {
  'announcements.position': 'position',
  'announcements.wait': 'wait',
  'announcements.firstMs': 'firstMs',
  'announcements.everyMs': 'everyMs',
  'comfort.texts': 'comfortTexts',
  'comfort.everyMs': 'comfortEveryMs',
  'callback.key': 'callbackKey',
  'callback.offerAfterMs': 'offerAfterMs',
  'callback.attempts': 'attempts',
  'callback.intervalMs': 'intervalMs',
  'voicemail.key': 'voicemailKey',
  'voicemail.greeting': 'messageGreeting',
  'voicemail.maxMs': 'maxMs',
  'voicemail.silenceMs': 'silenceMs',
  'voicemail.email': 'email',
  'voicemail.retentionDays': 'retentionDays',
};

/** The settings' own schema, with each of its complaints at the field that it is about. */
const FlatWaiting = z.custom<Flat>().superRefine((values, context) => {
  const checked = QueueWaiting.safeParse(nested(values));
  for (const issue of checked.error?.issues ?? []) {
    const path = issue.path.map(String);
    const name = NAMES[path.slice(0, 2).join('.')] ?? path[0] ?? '';
    context.addIssue({ code: 'custom', path: [name], message: issue.message });
  }
});

const KEYS = [...'1234567890*#'].map((key) => ({
  value: key,
  label: key === '*' ? '* (star)' : key === '#' ? '# (hash)' : key,
}));

export function QueueWaitingPart({ queueId }: { queueId: string }) {
  const path = `/api/queues/${encodeURIComponent(queueId)}/waiting`;
  const stored = useAnswer<QueueWaiting>(path);
  return (
    <Section
      title="While waiting"
      intro="What callers hear beside music, and the keys by which they need not wait on. An agent who accepts ends whatever is being said."
    >
      <Loaded query={stored}>{(settings) => <Editor path={path} settings={settings} />}</Loaded>
    </Section>
  );
}

function Editor({ path, settings }: { path: string; settings: QueueWaiting }) {
  const save = useChange<unknown, object>((body) => api(path, { method: 'PUT', body }));
  const form = useForm({
    base: flat(settings),
    schema: FlatWaiting,
    save: (values) => save.mutateAsync(nested(values)),
    serverNames: NAMES,
  });
  return (
    <SelfSaving form={form} what="what waiting callers hear">
      <FieldGrid>
        <SwitchField form={form} name="position" label="Say the position" />
        <SwitchField
          form={form}
          name="wait"
          label="Say the estimated wait"
          help="Only while it can be predicted honestly."
        />
        <NumberField
          form={form}
          name="firstMs"
          label="First after"
          unit="s"
          scale={1000}
          min={5}
          max={3600}
        />
        <NumberField
          form={form}
          name="everyMs"
          label="Then every"
          unit="s"
          scale={1000}
          min={0}
          max={3600}
          help="0: once."
        />
        <TextareaField
          form={form}
          name="comfortTexts"
          label="Comfort messages"
          placeholder="Thank you for waiting."
          help="Said in turn, an empty line between two. One language a line, such as “de: Vielen Dank für Ihre Geduld.”; without one it is English."
        />
        <NumberField
          form={form}
          name="comfortEveryMs"
          label="One every"
          unit="s"
          scale={1000}
          min={10}
          max={3600}
        />
        <TextareaField
          form={form}
          name="greetings"
          label="Greeting in other languages"
          placeholder="de: Guten Tag."
          help="For calls whose data say another language; else the queue’s greeting above."
        />
      </FieldGrid>
      <Text component="h3" fw={600} size="sm" mt="lg" mb="xs">
        Callback
      </Text>
      <FieldGrid>
        <SelectField
          form={form}
          name="callbackKey"
          nullable
          label="Key"
          placeholder="No callbacks"
          choices={KEYS}
          help="The caller hangs up, keeps his place, and is called when it is his turn."
        />
        <NumberField
          form={form}
          name="offerAfterMs"
          nullable
          label="Offered after"
          unit="s"
          scale={1000}
          placeholder="With the announcements"
        />
        <SwitchField form={form} name="otherNumber" label="Another number may be typed" />
        <NumberField form={form} name="attempts" label="Tries at most" min={1} max={10} />
        <NumberField
          form={form}
          name="intervalMs"
          label="Between two tries"
          unit="min"
          scale={60_000}
          min={1}
          max={1440}
          help="After a busy line or no answer. He keeps his place."
        />
      </FieldGrid>
      <Text component="h3" fw={600} size="sm" mt="lg" mb="xs">
        Voicemail
      </Text>
      <FieldGrid>
        <SelectField
          form={form}
          name="voicemailKey"
          nullable
          label="Key for voicemail"
          placeholder="No voicemail by key"
          choices={KEYS}
        />
        <TextField
          form={form}
          name="email"
          nullable
          label="Sent to"
          placeholder="Nobody"
          help="Each message with its sound. A mail server is set by CROSSPOINT_SMTP_URL."
        />
        <NumberField
          form={form}
          name="maxMs"
          label="Longest message"
          unit="s"
          scale={1000}
          min={10}
          max={1800}
        />
        <NumberField
          form={form}
          name="silenceMs"
          label="Ends after silence of"
          unit="s"
          scale={1000}
          min={0}
          max={60}
          help="0: it does not."
        />
        <NumberField
          form={form}
          name="retentionDays"
          nullable
          label="Kept"
          unit="days"
          placeholder="For ever"
        />
        <TextareaField
          form={form}
          name="messageGreeting"
          label="Said before the tone"
          placeholder="Please leave a message after the tone."
          help="One language a line."
        />
      </FieldGrid>
    </SelfSaving>
  );
}
