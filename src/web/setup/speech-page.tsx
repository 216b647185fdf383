import { Alert, Button, Group, Progress, Select, Text, TextInput } from '@mantine/core';
import { IconEar, IconMicrophone, IconPlayerPlay, IconPlayerStop, IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import {
  SpeechInput,
  type SpeechSaid,
  type SpeechState,
  type SpeechTried,
  type SpeechView,
} from '../../protocol/speech.ts';
import { api } from '../ui/api.ts';
import { Refusal } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, PasswordField, SelectField, TextField } from './fields.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { useAnswer, useChange } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';
import { recordMicrophone, telephoneWav } from './telephone-wav.ts';

const PATH = '/api/speech';
const HEARING = [
  { value: 'offline', label: 'On this machine (English)' },
  { value: 'http', label: 'A server by HTTP' },
  { value: 'off', label: 'Off: keypad only' },
];
const SPEAKING = [
  { value: 'offline', label: 'On this machine' },
  { value: 'http', label: 'A server by HTTP' },
];
/** What is asked for in the test. */
const QUESTIONS = {
  'yes-no': { label: 'Yes or no', expected: { kind: 'yes-no' } },
  digits: { label: 'Digits, one to eight', expected: { kind: 'digits', min: 1, max: 8 } },
  menu: {
    label: 'Sales, billing or support',
    expected: {
      kind: 'choices',
      choices: ['sales', 'billing', 'support'].map((name) => ({ name, phrases: [name] })),
    },
  },
} as const;
type Question = keyof typeof QUESTIONS;

/** Which engines hear callers and speak to them, with a try of both. */
export function SpeechPage() {
  const state = useAnswer<SpeechState>(PATH, { everyMs: 2_000 });
  return (
    <Page
      title="Speech"
      intro="What understands callers who speak instead of pressing keys, and whose voice says your texts. Keys always work, too."
    >
      <Loaded query={state}>
        {(now) => (
          <>
            <Section
              title="Offline engines"
              intro="PocketSphinx hears English; eSpeak NG speaks over a hundred languages. Both come from Debian’s packages."
            >
              <Offline state={now} />
            </Section>
            <Section title="Engines">
              <Settings view={now.settings} />
            </Section>
            <Section
              title="Try the hearing"
              intro="Speak a few seconds, or choose a sound file: it is made to sound like a telephone and given to the engine."
            >
              <TryHearing problem={now.problem} />
            </Section>
            <Section title="Try the voice">
              <TryVoice />
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Offline({ state: { offline } }: { state: SpeechState }) {
  const fetch = useChange(() => api(`${PATH}/fetch`, { method: 'POST' }));
  if (offline.version !== null)
    return <Text size="sm">Here: version {offline.version}, ready for calls.</Text>;
  if (offline.fetching)
    return (
      <div>
        <Text size="sm" mb={4}>
          {offline.fetching.text}
        </Text>
        <Progress value={offline.fetching.percent} aria-label="Fetching the offline engines" />
      </div>
    );
  return (
    <div>
      {offline.failure !== null && (
        <Alert color="stop" mb="sm">
          {offline.failure}
        </Alert>
      )}
      <Group>
        <Button size="xs" loading={fetch.isPending} onClick={() => fetch.mutate()}>
          Fetch them
        </Button>
        <Text size="sm" c="dimmed">
          45 MB, once for this machine. A flow that needs them fetches them by itself.
        </Text>
      </Group>
      <Refusal error={fetch.error} mt="sm" />
    </div>
  );
}

function Settings({ view }: { view: SpeechView }) {
  const save = useChange<unknown, SpeechInput>((body) => api(PATH, { method: 'PUT', body }));
  const { hearingSecretSet, speakingSecretSet, ...settings } = view;
  const form = useForm({
    base: { ...settings, hearingSecret: '', speakingSecret: '' },
    schema: SpeechInput,
    save: ({ hearingSecret, speakingSecret, ...rest }) =>
      save.mutateAsync({
        ...rest,
        ...(hearingSecret === '' ? {} : { hearingSecret }),
        ...(speakingSecret === '' ? {} : { speakingSecret }),
      }),
  });
  const secretHelp = (set: boolean) =>
    set ? 'One is set. Type another to replace it.' : 'If the server wants one.';
  return (
    <SelfSaving form={form} what="the settings of speech">
      <FieldGrid>
        <SelectField form={form} name="hearing" label="Hears callers" choices={HEARING} />
        {form.values.hearing === 'http' && (
          <>
            <TextField
              form={form}
              name="hearingUrl"
              label="Address"
              placeholder="http://127.0.0.1:8000/v1"
              help="With OpenAI’s transcription API; up to and without /audio/transcriptions."
            />
            <TextField form={form} name="hearingModel" label="Model" />
            <PasswordField form={form} name="hearingSecret" label="Key" help={secretHelp(hearingSecretSet)} />
            <NumberField form={form} name="hearingTimeoutMs" label="Waits at most" unit="s" scale={1_000} />
          </>
        )}
      </FieldGrid>
      <FieldGrid>
        <SelectField form={form} name="speaking" label="Speaks texts" choices={SPEAKING} />
        {form.values.speaking === 'offline' ? (
          <NumberField
            form={form}
            name="wordsPerMinute"
            label="Speed of other languages than English"
            unit="words/min"
          />
        ) : (
          <>
            <TextField
              form={form}
              name="speakingUrl"
              label="Address"
              placeholder="https://api.openai.com/v1"
              help="With OpenAI’s speech API; up to and without /audio/speech."
            />
            <TextField form={form} name="speakingModel" label="Model" />
            <TextField form={form} name="speakingVoice" label="Voice" />
            <PasswordField
              form={form}
              name="speakingSecret"
              label="Key"
              help={secretHelp(speakingSecretSet)}
            />
            <NumberField form={form} name="speakingTimeoutMs" label="Waits at most" unit="s" scale={1_000} />
          </>
        )}
      </FieldGrid>
    </SelfSaving>
  );
}

function TryHearing({ problem }: { problem: string | null }) {
  const [question, setQuestion] = useState<Question>('digits');
  const [language, setLanguage] = useState('en');
  const [stop, setStop] = useState<() => void>();
  const file = useRef<HTMLInputElement>(null);
  const hear = useMutation({
    mutationFn: async (sound: Blob) =>
      api<SpeechTried>(`${PATH}/hear`, {
        body: { wav: await telephoneWav(sound), language, expected: QUESTIONS[question].expected },
      }),
  });
  const record = useMutation({
    mutationFn: async () => {
      hear.reset();
      const recording = await recordMicrophone();
      setStop(() => recording.stop);
      try {
        hear.mutate(await recording.sound);
      } finally {
        setStop(undefined);
      }
    },
  });
  // Whoever leaves the page is not listened to any longer.
  useEffect(() => stop, [stop]);
  return (
    <div>
      {problem !== null && language === 'en' && (
        <Alert color="warn" mb="sm">
          Callers are not heard now: {problem}.
        </Alert>
      )}
      <Group align="end">
        <Select
          label="Question"
          data={Object.entries(QUESTIONS).map(([value, { label }]) => ({ value, label }))}
          value={question}
          allowDeselect={false}
          onChange={(value) => setQuestion((value ?? 'digits') as Question)}
        />
        <TextInput
          label="Language"
          w={90}
          value={language}
          onChange={(event) => setLanguage(event.currentTarget.value)}
        />
        {stop ? (
          <Button leftSection={<IconPlayerStop size={16} />} color="stop" onClick={stop}>
            Done
          </Button>
        ) : (
          <Button
            leftSection={<IconMicrophone size={16} />}
            loading={hear.isPending || record.isPending}
            onClick={() => record.mutate()}
          >
            Say something
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconUpload size={16} />}
          disabled={hear.isPending || stop !== undefined}
          onClick={() => file.current?.click()}
        >
          Sound file…
        </Button>
        <input
          ref={file}
          type="file"
          accept="audio/*"
          hidden
          aria-label="Sound file"
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            record.reset();
            if (chosen) hear.mutate(chosen);
          }}
        />
      </Group>
      <Refusal error={record.error ?? hear.error} mt="sm" />
      {hear.data && <Tried result={hear.data} />}
    </div>
  );
}

function Tried({ result: { heard, value, ambiguous, engine, tookMs } }: { result: SpeechTried }) {
  const [first] = heard;
  const meant =
    value ?? (ambiguous.length > 0 ? `either of ${ambiguous.join(', ')}` : 'nothing of what was asked');
  return (
    <Alert mt="sm" color={value === null ? 'warn' : 'ok'} icon={<IconEar size={18} />} role="status">
      <Text size="sm">
        Understood: <b>{meant}</b>
      </Text>
      <Text size="sm" c="dimmed">
        {first ? `Heard “${first.text}”` : 'Heard nothing'}
        {first?.confidence === undefined ? '' : `, ${Math.round(100 * first.confidence)} % sure`}; {engine}{' '}
        took {tookMs} ms.
      </Text>
    </Alert>
  );
}

function TryVoice() {
  const [text, setText] = useState('Thank you for calling.');
  const [language, setLanguage] = useState('en');
  const say = useMutation({
    mutationFn: async () => {
      const { wav } = await api<SpeechSaid>(`${PATH}/say`, { body: { text, language } });
      await new Audio(`data:audio/wav;base64,${wav}`).play();
    },
  });
  return (
    <Group align="end">
      <TextInput
        label="Text"
        flex={1}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <TextInput
        label="Language"
        w={90}
        value={language}
        onChange={(event) => setLanguage(event.currentTarget.value)}
      />
      <Button
        leftSection={<IconPlayerPlay size={16} />}
        loading={say.isPending}
        disabled={text.trim() === ''}
        onClick={() => say.mutate()}
      >
        Say it
      </Button>
      <Refusal error={say.error} w="100%" />
    </Group>
  );
}
