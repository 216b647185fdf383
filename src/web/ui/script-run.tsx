/** One run of an agent script: its screen with answers, next and back, and what came of it. */
import {
  Alert,
  Button,
  Checkbox,
  Group,
  NumberInput,
  Radio,
  Select,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { CodedError } from '../../protocol/errors.ts';
import {
  type ScriptAnswer,
  type ScriptAnswers,
  type ScriptField,
  ScriptRun,
  type ScriptRunStep,
} from '../../protocol/scripts.ts';
import { api } from './api.ts';
import classes from './script-run.module.css';
import { errorText } from './states.tsx';

/** More options than these are chosen from a list. */
const MAX_RADIOS = 6;

/** One step of a run. @throws CodedError. */
export function stepScript(run: ScriptRun, step: Omit<ScriptRunStep, 'rev'>): Promise<ScriptRun> {
  return api<ScriptRun>(`/api/script-runs/${encodeURIComponent(run.id)}/step`, {
    body: { rev: run.rev, ...step },
    schema: ScriptRun,
  });
}

/** @param onRun told of every step's outcome, also when another page had made a step meanwhile. */
export function ScriptRunView({ run, onRun }: { run: ScriptRun; onRun: (run: ScriptRun) => void }) {
  if (run.state !== 'running' || !run.screen) return <Outcome run={run} />;
  return <Screen key={`${run.rev}`} run={run} screen={run.screen} onRun={onRun} />;
}

function Screen({
  run,
  screen,
  onRun,
}: {
  run: ScriptRun;
  screen: NonNullable<ScriptRun['screen']>;
  onRun: (run: ScriptRun) => void;
}) {
  const [answers, setAnswers] = useState<ScriptAnswers>(() =>
    Object.fromEntries(screen.fields.map(({ name, answer }) => [name, answer])),
  );
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  // A new screen is read from its top, by a screen reader, too; the first one does not take the keyboard away.
  const first = run.rev === 1;
  useEffect(() => {
    if (!first) heading.current?.focus();
  }, [first]);

  const go = async (to: 'next' | 'back') => {
    setBusy(true);
    setFailure(undefined);
    try {
      onRun(await stepScript(run, { to, answers: to === 'next' ? answers : {} }));
    } catch (error) {
      if (error instanceof CodedError && (error.code === 'conflict' || error.code === 'script-over')) {
        const path = `/api/script-runs/${encodeURIComponent(run.id)}`;
        onRun(await api<ScriptRun>(path, { schema: ScriptRun }));
      } else setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void go('next');
  };
  const wrong = failure instanceof CodedError ? failure.data.field : undefined;
  const known = screen.fields.some(({ name }) => name === wrong);
  return (
    <form className={classes.run} onSubmit={submit} noValidate data-testid="script-screen">
      <h2 ref={heading} tabIndex={-1} className={classes.title} data-testid="script-title">
        {screen.title}
      </h2>
      {screen.notice && (
        <Alert color="warn" variant="light" p="xs" role="status">
          {screen.notice}
        </Alert>
      )}
      {screen.text && <p className={classes.text}>{screen.text}</p>}
      {screen.fields.map((field) => (
        <AnswerInput
          key={field.name}
          field={field}
          value={answers[field.name] ?? null}
          error={field.name === wrong ? detailOf(failure, field) : undefined}
          onChange={(answer) => setAnswers((now) => ({ ...now, [field.name]: answer }))}
        />
      ))}
      {Boolean(failure) && !known && (
        <Alert color="stop" variant="light" p="xs" role="alert">
          {errorText(failure)}
        </Alert>
      )}
      <div className={classes.bar}>
        {screen.canGoBack ? (
          <Button variant="default" disabled={busy} onClick={() => void go('back')} data-testid="script-back">
            Back
          </Button>
        ) : (
          <span />
        )}
        <Button type="submit" loading={busy} data-testid="script-next">
          {screen.kind === 'end' ? 'Finish' : 'Next'}
        </Button>
      </div>
    </form>
  );
}

function detailOf(failure: unknown, { label }: ScriptField): string {
  const detail = failure instanceof CodedError ? String(failure.data.detail ?? failure.message) : '';
  const text = detail.replace(`${label}: `, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface AnswerInputProps {
  field: ScriptField;
  value: ScriptAnswer;
  error: string | undefined;
  onChange: (answer: ScriptAnswer) => void;
}

const TEXT_TYPES: Partial<Record<ScriptField['type'], string>> = {
  date: 'date',
  phone: 'tel',
  email: 'email',
};

function AnswerInput({ field, value, error, onChange }: AnswerInputProps) {
  const { name, label, help, required, type, options, sensitive } = field;
  const common = {
    label,
    description: help || undefined,
    withAsterisk: required,
    error,
    size: 'sm' as const,
    'data-testid': `answer-${name}`,
  };
  const text = typeof value === 'string' ? value : '';
  switch (type) {
    case 'textarea':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          value={text}
          onChange={(next) => onChange(next === '' ? null : String(next))}
        />
      );
    case 'checkbox':
      return (
        <Checkbox
          {...{ ...common, withAsterisk: undefined }}
          checked={value === true}
          onChange={(e) => onChange(e.currentTarget.checked)}
        />
      );
    case 'choices':
      return (
        <Checkbox.Group {...common} value={Array.isArray(value) ? value : []} onChange={onChange}>
          <Stack gap={6} mt={6}>
            {options.map((option) => (
              <Checkbox key={option} value={option} label={option} size="sm" />
            ))}
          </Stack>
        </Checkbox.Group>
      );
    case 'choice':
      return options.length > MAX_RADIOS ? (
        <Select {...common} data={options} searchable value={text || null} onChange={onChange} />
      ) : (
        <Radio.Group {...common} value={text || null} onChange={onChange}>
          <Group gap="sm" mt={6}>
            {options.map((option) => (
              <Radio key={option} value={option} label={option} size="sm" />
            ))}
          </Group>
        </Radio.Group>
      );
    default:
      return (
        <TextInput
          {...common}
          type={TEXT_TYPES[type] ?? 'text'}
          autoComplete={sensitive ? 'off' : undefined}
          value={text}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
  }
}

function Outcome({ run }: { run: ScriptRun }) {
  return (
    <div className={classes.run} data-testid="script-outcome" role="status">
      <h2 className={classes.title}>{run.state === 'finished' ? 'Finished' : 'Stopped'}</h2>
      {run.outcome && <p className={classes.text}>{run.outcome}</p>}
      <ScriptAnswerList run={run} />
    </div>
  );
}

/** What was answered, in the order asked. */
export function ScriptAnswerList({ run }: { run: Pick<ScriptRun, 'answers'> }) {
  return (
    <dl className={classes.answers}>
      {run.answers.map(({ name, label, value }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
