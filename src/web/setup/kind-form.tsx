/** Forms of what has kinds (telephone systems, CRMs): first the kind, then the settings that its schema says. */
import { Alert, Button, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CodedError } from '../../protocol/errors.ts';
import type { KindField } from '../../protocol/kind-settings.ts';
import type { PlatformReport } from '../../protocol/platforms.ts';
import { errorText } from '../ui/states.tsx';
import type { Form } from '../ui/use-form.ts';
import { NumberField, PasswordField, SwitchField, TextareaField, TextField } from './fields.tsx';
import { Page, Section } from './page.tsx';
import { ChecksTable } from './platform-checks.tsx';
import classes from './platforms.module.css';

/** As far as a form needs to know it. */
export interface Kind {
  kind: string;
  label: string;
  help: string;
  fields: KindField[];
}

/** What is stored of it. */
export interface Stored {
  settings: Record<string, unknown>;
  secretsSet: string[];
}

/** Settings stand flat, as `settings.<name>`: so the server's complaints find their field. */
export type KindValues = Record<`settings.${string}`, unknown>;

export function ChooseKind<K extends Kind>({
  title,
  parent,
  kinds,
  onChosen,
}: {
  title: string;
  parent: { label: string; path: string };
  kinds: K[];
  onChosen: (kind: K) => void;
}) {
  return (
    <Page title={title} parent={parent} intro="Which kind is it?">
      <div className={classes.kinds}>
        {kinds.map((kind, index) => (
          <button
            key={kind.kind}
            type="button"
            className={classes.kind}
            autoFocus={index === 0}
            onClick={() => onChosen(kind)}
            data-testid={`kind-${kind.kind}`}
          >
            <strong>{kind.label}</strong>
            <span>{kind.help}</span>
          </button>
        ))}
      </div>
    </Page>
  );
}

/** What the form begins with. */
export function shownSettings(kind: Kind | undefined, stored: Stored | undefined): KindValues {
  const settings = (kind?.fields ?? []).map(({ name, type }): [string, unknown] => [
    `settings.${name}`,
    shownValue(type, stored?.settings[name]),
  ]);
  return Object.fromEntries(settings) as KindValues;
}

function shownValue(type: KindField['type'], stored: unknown): unknown {
  if (type === 'boolean') return stored === true;
  if (type === 'number') return stored ?? null;
  if (type === 'json') return stored === undefined ? '' : JSON.stringify(stored, undefined, 2);
  return stored ?? '';
}

/** What goes to the server: what was not filled in is left out, or taken away where it was set. */
export function givenSettings(
  values: KindValues,
  kind: Kind | undefined,
  stored: Stored | undefined,
): Record<string, unknown> {
  const given = (kind?.fields ?? []).flatMap(({ name, type }): [string, unknown][] => {
    const value = values[`settings.${name}`];
    if (value === '' || value === null || value === undefined)
      return stored && type !== 'secret' && stored.settings[name] !== undefined ? [[name, null]] : [];
    return [[name, type === 'json' ? parseJson(name, String(value)) : value]];
  });
  return Object.fromEntries(given);
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CodedError('bad-input', { field: `settings.${name}`, detail: 'this is no JSON' });
  }
}

export function SettingField<T extends KindValues>({
  form,
  field,
  stored,
}: {
  form: Form<T>;
  field: KindField;
  stored: boolean;
}) {
  const { label, help, placeholder, required, type } = field;
  const name = `settings.${field.name}` as const;
  const common = { label, help, placeholder, required } as const;
  // The form's type knows these names by their pattern only; each holds what its field's type says.
  const texts = form as unknown as Form<Record<string, string>>;
  if (type === 'boolean')
    return <SwitchField form={form as unknown as Form<Record<string, boolean>>} name={name} {...common} />;
  if (type === 'number')
    return (
      <NumberField
        form={form as unknown as Form<Record<string, number | null>>}
        name={name}
        nullable
        {...common}
      />
    );
  if (type === 'secret')
    return (
      <PasswordField
        form={texts}
        name={name}
        {...common}
        required={required && !stored}
        placeholder={stored ? 'Stored; type to replace it' : placeholder}
      />
    );
  if (type === 'long-text' || type === 'json') return <TextareaField form={texts} name={name} {...common} />;
  return <TextField form={texts} name={name} {...common} />;
}

/** Tries what is in the form, saved or not, and says in plain words what is wrong. */
export function Tester({ intro, test }: { intro: string; test: () => Promise<PlatformReport> }) {
  const run = useMutation({ mutationFn: test });
  return (
    <Section
      title="Test"
      intro={intro}
      actions={
        <Button variant="default" loading={run.isPending} onClick={() => run.mutate()} data-testid="test">
          Test the connection
        </Button>
      }
    >
      {run.isError && (
        <Alert color="stop" variant="light" p="xs" role="alert">
          {errorText(run.error)}
        </Alert>
      )}
      {run.data && <ChecksTable report={run.data} />}
      {!run.data && !run.isError && (
        <Text size="sm" c="dimmed">
          Not tested yet.
        </Text>
      )}
    </Section>
  );
}
