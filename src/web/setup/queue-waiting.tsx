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

/** The same, each setting under its path, and texts as lines. */
function flat({ greetings, announcements, comfort, callback, voicemail }: QueueWaiting) {
  return {
    greetings: formatSpoken(greetings),
    'announcements.position': announcements.position,
    'announcements.wait': announcements.wait,
    'announcements.firstMs': announcements.firstMs,
    'announcements.everyMs': announcements.everyMs,
    'comfort.texts': formatSpokenList(comfort.texts),
    'comfort.everyMs': comfort.everyMs,
    'callback.key': callback.key,
    'callback.offerAfterMs': callback.offerAfterMs,
    'callback.otherNumber': callback.otherNumber,
    'callback.attempts': callback.attempts,
    'callback.intervalMs': callback.intervalMs,
    'voicemail.key': voicemail.key,
    'voicemail.greeting': formatSpoken(voicemail.greeting),
    'voicemail.maxMs': voicemail.maxMs,
    'voicemail.silenceMs': voicemail.silenceMs,
    'voicemail.email': voicemail.email,
    'voicemail.retentionDays': voicemail.retentionDays,
  };
}

type Flat = ReturnType<typeof flat>;

function nested(values: Flat) {
  return {
    greetings: parseSpoken(values.greetings),
    announcements: {
      position: values['announcements.position'],
      wait: values['announcements.wait'],
      firstMs: values['announcements.firstMs'],
      everyMs: values['announcements.everyMs'],
    },
    comfort: { texts: parseSpokenList(values['comfort.texts']), everyMs: values['comfort.everyMs'] },
    callback: {
      key: values['callback.key'],
      offerAfterMs: values['callback.offerAfterMs'],
      otherNumber: values['callback.otherNumber'],
      attempts: values['callback.attempts'],
      intervalMs: values['callback.intervalMs'],
    },
    voicemail: {
      key: values['voicemail.key'],
      greeting: parseSpoken(values['voicemail.greeting']),
      maxMs: values['voicemail.maxMs'],
      silenceMs: values['voicemail.silenceMs'],
      email: values['voicemail.email'],
      retentionDays: values['voicemail.retentionDays'],
    },
  };
}

/** Complaints of the settings' own schema stand at the paths by which the fields are called. */
const FlatWaiting = z.preprocess(nested, QueueWaiting);

const KEYS = [...'1234567890*#'].map((key) => ({
  value: key,
  label: key === '*' ? '* (star)' : key === '#' ? '# (hash)' : key,
}));

/** What the callers of a queue hear, and how they can leave it. */
export function QueueWaitingPart({ queueId }: { queueId: string }) {
  const path = `/api/queues/${encodeURIComponent(queueId)}/waiting`;
  const stored = useAnswer<QueueWaiting>(path);
  return (
    <Section
      title="What a waiting caller hears"
      intro="Beside music, and the keys by which they need not wait on. An agent who accepts ends whatever is being said."
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
  });
  return (
    <SelfSaving form={form} what="what waiting callers hear">
      <FieldGrid>
        <SwitchField form={form} name="announcements.position" label="Say the position" />
        <SwitchField
          form={form}
          name="announcements.wait"
          label="Say the estimated wait"
          help="Only while it can be predicted honestly."
        />
        <NumberField
          form={form}
          name="announcements.firstMs"
          label="First after"
          unit="s"
          scale={1000}
          min={5}
          max={3600}
        />
        <NumberField
          form={form}
          name="announcements.everyMs"
          label="Then every"
          unit="s"
          scale={1000}
          min={0}
          max={3600}
          help="0: once."
        />
        <TextareaField
          form={form}
          name="comfort.texts"
          label="Comfort messages"
          placeholder="Thank you for waiting."
          help="Said in turn, an empty line between two. One language a line, such as “de: Vielen Dank für Ihre Geduld.”; without one it is English."
        />
        <NumberField
          form={form}
          name="comfort.everyMs"
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
          name="callback.key"
          nullable
          label="Key"
          placeholder="No callbacks"
          choices={KEYS}
          help="The caller hangs up, keeps his place, and is called when it is his turn."
        />
        <NumberField
          form={form}
          name="callback.offerAfterMs"
          nullable
          label="Offered after"
          unit="s"
          scale={1000}
          placeholder="With the announcements"
        />
        <SwitchField form={form} name="callback.otherNumber" label="Another number may be typed" />
        <NumberField form={form} name="callback.attempts" label="Tries at most" min={1} max={10} />
        <NumberField
          form={form}
          name="callback.intervalMs"
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
          name="voicemail.key"
          nullable
          label="Key for voicemail"
          placeholder="No voicemail by key"
          choices={KEYS}
        />
        <TextField
          form={form}
          name="voicemail.email"
          nullable
          label="Sent to"
          placeholder="Nobody"
          help="Each message with its sound. A mail server is set by CROSSPOINT_SMTP_URL."
        />
        <NumberField
          form={form}
          name="voicemail.maxMs"
          label="Longest message"
          unit="s"
          scale={1000}
          min={10}
          max={1800}
        />
        <NumberField
          form={form}
          name="voicemail.silenceMs"
          label="Ends after silence of"
          unit="s"
          scale={1000}
          min={0}
          max={60}
          help="0: it does not."
        />
        <NumberField
          form={form}
          name="voicemail.retentionDays"
          nullable
          label="Kept"
          unit="days"
          placeholder="For ever"
        />
        <TextareaField
          form={form}
          name="voicemail.greeting"
          label="Said before the tone"
          placeholder="Please leave a message after the tone."
          help="One language a line."
        />
      </FieldGrid>
    </SelfSaving>
  );
}
