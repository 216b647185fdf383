import { NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PersonalSettings } from '../../protocol/softphone.ts';
import { errorText } from '../ui/states.tsx';
import { useSession, useSoftphone } from './session-context.tsx';

type SwitchKey = 'doNotDisturb' | 'callWaiting' | 'autoAnswer' | 'nailedUp';
type ForwardKey = 'forwardAlways' | 'forwardBusy' | 'forwardNoAnswer';

const SWITCHES: [key: SwitchKey, label: string, description: string][] = [
  ['doNotDisturb', 'Do not disturb', 'Colleagues and direct callers hear that you are busy'],
  ['callWaiting', 'Call waiting', 'A direct call may ring while you talk'],
  ['autoAnswer', 'Answer by itself', 'A call is connected as soon as it comes, without a click'],
  ['nailedUp', 'Keep my phone connected', 'The line stays open between calls: the next one begins at once'],
];

const FORWARDS: [key: ForwardKey, label: string][] = [
  ['forwardAlways', 'Forward every direct call to'],
  ['forwardBusy', 'Forward when I am busy to'],
  ['forwardNoAnswer', 'Forward when I do not answer to'],
];

/** How the user wants to be called: kept on the server, the same in every tab and on every phone. */
export function CallSettings() {
  const { values } = useSoftphone().settings;
  return (
    <Stack gap="sm" component="section" aria-labelledby="call-settings">
      <Text id="call-settings" component="h3" size="sm" fw={600} m={0}>
        Calls to me
      </Text>
      {SWITCHES.map(([key, label, description]) => (
        <SwitchSetting key={key} name={key} label={label} description={description} />
      ))}
      {FORWARDS.map(([key, label]) => (
        <ForwardSetting key={`${key} ${values[key] ?? ''}`} name={key} label={label} />
      ))}
      {values.forwardNoAnswer !== null && <NoAnswerSeconds key={values.noAnswerSeconds} />}
    </Stack>
  );
}

function useChange(): { change(change: Partial<PersonalSettings>): void; problem: string | undefined } {
  const session = useSession();
  const [problem, setProblem] = useState<string>();
  const change = (values: Partial<PersonalSettings>) => {
    setProblem(undefined);
    session
      .send({ verb: 'settings', change: values })
      .catch((error: unknown) => setProblem(errorText(error)));
  };
  return { change, problem };
}

function SwitchSetting({
  name,
  label,
  description,
}: {
  name: SwitchKey;
  label: string;
  description: string;
}) {
  const { values, unavailable } = useSoftphone().settings;
  const { change, problem } = useChange();
  return (
    <Switch
      label={label}
      description={unavailable[name] ?? description}
      disabled={unavailable[name] !== undefined}
      error={problem}
      checked={values[name]}
      onChange={(event) => change({ [name]: event.currentTarget.checked })}
      data-testid={`setting-${name}`}
    />
  );
}

/** Saved when the field is left or Enter is pressed; an empty one forwards nothing. */
function ForwardSetting({ name, label }: { name: ForwardKey; label: string }) {
  const saved = useSoftphone().settings.values[name] ?? '';
  const { change, problem } = useChange();
  const [number, setNumber] = useState(saved);
  const save = () => number.trim() !== saved && change({ [name]: number.trim() || null });
  return (
    <TextInput
      label={label}
      placeholder="Nowhere"
      type="tel"
      autoComplete="off"
      maxLength={64}
      value={number}
      error={problem}
      onChange={(event) => setNumber(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => event.key === 'Enter' && save()}
      data-testid={`setting-${name}`}
    />
  );
}

function NoAnswerSeconds() {
  const saved = useSoftphone().settings.values.noAnswerSeconds;
  const { change, problem } = useChange();
  const [seconds, setSeconds] = useState<number | string>(saved);
  const save = () => typeof seconds === 'number' && seconds !== saved && change({ noAnswerSeconds: seconds });
  return (
    <NumberInput
      label="Seconds it rings before"
      min={5}
      max={120}
      clampBehavior="blur"
      value={seconds}
      error={problem}
      onChange={setSeconds}
      onBlur={save}
    />
  );
}
