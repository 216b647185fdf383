import { Alert, Badge, Button, Text } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import type { KindField } from '../../protocol/kind-settings.ts';
import {
  NewPlatform,
  type PlatformKindInfo,
  type PlatformReport,
  type ShownPlatform,
} from '../../protocol/platforms.ts';
import { api } from '../ui/api.ts';
import { errorText } from '../ui/states.tsx';
import { useForm, type Form } from '../ui/use-form.ts';
import { useViewer } from '../ui/viewer.tsx';
import {
  FieldGrid,
  NumberField,
  PasswordField,
  SelectField,
  SwitchField,
  TextareaField,
  TextField,
} from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ChecksTable } from './platform-checks.tsx';
import classes from './platforms.module.css';
import { ListPage } from './record-table.tsx';
import { countryChoices } from './regions.ts';
import { useAnswer, useChange, useRecords, useSaveRecord } from './resource.ts';

const STATES = {
  up: ['ok', 'Connected'],
  reconciling: ['warn', 'Catching up'],
  down: ['stop', 'Not connected'],
  off: ['gray', 'Switched off'],
  draining: ['warn', 'Being removed'],
} as const satisfies Record<ShownPlatform['state'], readonly [string, string]>;

/** The state of a telephone system, in a word. */
export function PlatformState({ platform }: { platform: ShownPlatform }) {
  const [color, text] = STATES[platform.state];
  return (
    <Badge variant="light" color={color} title={platform.problem} data-testid="platform-state">
      {text}
    </Badge>
  );
}

const LIVE = { everyMs: 5_000 };

/** The telephone systems that we are connected to. */
export function PlatformsPage() {
  const platforms = useRecords<ShownPlatform>('platforms', LIVE);
  const kinds = useKinds();
  return (
    <ListPage
      title="Telephone systems"
      one="telephone system"
      intro="What carries the calls: the private Asterisk that comes with Crosspoint, and those you have already. Each is added, changed and removed while calls go on."
      query={platforms}
      path={(platform) => `/platforms/${platform.id}`}
      newPath="/platforms/new"
      empty="Crosspoint works on top of a telephone system. Add the one that you have."
      columns={[
        { label: 'Name', show: (platform) => platform.label },
        {
          label: 'Kind',
          show: (platform) =>
            platform.builtIn
              ? 'Comes with Crosspoint'
              : (kinds.find((one) => one.kind === platform.kind)?.label ?? platform.kind),
        },
        { label: 'State', show: (platform) => <PlatformState platform={platform} /> },
        { label: 'Calls now', align: 'right', show: (platform) => platform.liveCalls },
        { label: 'What is wrong', show: (platform) => platform.problem ?? '–' },
      ]}
    />
  );
}

/** The kinds of telephone systems that there are. */
export function useKinds(): PlatformKindInfo[] {
  return useAnswer<{ kinds: PlatformKindInfo[] }>('/api/platforms/kinds').data?.kinds ?? [];
}

/** One telephone system: first its kind, then what that kind needs. */
export function PlatformForm({ id }: { id: string | undefined }) {
  const platforms = useRecords<ShownPlatform>('platforms', LIVE);
  const kinds = useKinds();
  const [chosen, setChosen] = useState<PlatformKindInfo>();
  return (
    <OneRecord query={platforms} id={id} what="telephone system">
      {(platform) => {
        const kind = platform ? kinds.find((one) => one.kind === platform.kind) : chosen;
        if (!platform && !kind) return <ChooseKind kinds={kinds} onChosen={setChosen} />;
        return <Editor key={kind?.kind} platform={platform} kind={kind} />;
      }}
    </OneRecord>
  );
}

const PARENT = { label: 'Telephone systems', path: '/platforms' };

function ChooseKind({
  kinds,
  onChosen,
}: {
  kinds: PlatformKindInfo[];
  onChosen: (kind: PlatformKindInfo) => void;
}) {
  return (
    <Page title="New telephone system" parent={PARENT} intro="Which kind is it?">
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

/** Settings stand flat, as `settings.<name>`: so the server's complaints find their field. */
type Values = { label: string; enabled: boolean; country: string | null } & Record<
  `settings.${string}`,
  unknown
>;

const Check = z.looseObject({ label: NewPlatform.shape.label, enabled: z.boolean() });

function baseOf(platform: ShownPlatform | undefined, kind: PlatformKindInfo | undefined): Values {
  const settings = (kind?.fields ?? []).map(({ name, type }): [string, unknown] => [
    `settings.${name}`,
    shownValue(type, platform?.settings[name]),
  ]);
  return {
    label: platform?.label ?? kind?.label ?? '',
    enabled: platform?.enabled ?? true,
    country: platform?.country ?? null,
    ...Object.fromEntries(settings),
  };
}

function shownValue(type: KindField['type'], stored: unknown): unknown {
  if (type === 'boolean') return stored === true;
  if (type === 'number') return stored ?? null;
  if (type === 'json') return stored === undefined ? '' : JSON.stringify(stored, undefined, 2);
  return stored ?? '';
}

/** What goes to the server: what was not filled in is left out, or taken away where it was set. */
function settingsOf(values: Values, kind: PlatformKindInfo | undefined, platform: ShownPlatform | undefined) {
  const given = (kind?.fields ?? []).flatMap(({ name, type }): [string, unknown][] => {
    const value = values[`settings.${name}`];
    if (value === '' || value === null || value === undefined)
      return platform && type !== 'secret' && platform.settings[name] !== undefined ? [[name, null]] : [];
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

function Editor({
  platform,
  kind,
}: {
  platform: ShownPlatform | undefined;
  kind: PlatformKindInfo | undefined;
}) {
  const { locale } = useViewer();
  const save = useSaveRecord<ShownPlatform>('platforms', platform?.id);
  const form = useForm<Values>({
    base: baseOf(platform, kind),
    schema: Check,
    save: (values) => {
      const { label, enabled, country } = values;
      const body = { label, enabled, country, settings: settingsOf(values, kind, platform) };
      if (platform?.builtIn) return save.mutateAsync({ label, country });
      return save.mutateAsync(platform ? body : { ...body, kind: kind?.kind });
    },
  });
  return (
    <Page
      title={platform?.label ?? `New ${kind?.label ?? 'telephone system'}`}
      parent={PARENT}
      intro={
        platform?.builtIn ? 'It comes with Crosspoint, which configures, starts and watches it.' : kind?.help
      }
      badge={platform && <PlatformState platform={platform} />}
      actions={
        platform &&
        kind?.routesItself && (
          <Button
            component={Link}
            href={`/platforms/${platform.id}/live`}
            variant="default"
            leftSection={<IconUsersGroup size={15} />}
            data-testid="live"
          >
            Queues and callers
          </Button>
        )
      }
    >
      {platform?.problem !== undefined && (
        <Alert color="stop" variant="light" p="sm">
          {platform.problem}
        </Alert>
      )}
      <FormPage
        form={form}
        what="this telephone system"
        back="/setup/platforms"
        createdAt={platform ? undefined : '/setup/platforms'}
        savable={!platform}
        removal={useRemoval(platform)}
      >
        <Section title="In general">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!platform} />
            <SelectField
              form={form}
              name="country"
              nullable
              label="Country"
              placeholder="As everywhere"
              choices={countryChoices(locale)}
              help="How numbers without a prefix are read that arrive there."
            />
            {!platform?.builtIn && (
              <SwitchField
                form={form}
                name="enabled"
                label="In use"
                help="Off: it is disconnected, and its settings stay."
              />
            )}
          </FieldGrid>
        </Section>
        {!platform?.builtIn && kind && kind.fields.length > 0 && (
          <Section title="Connection">
            <FieldGrid>
              {kind.fields.map((field) => (
                <SettingField
                  key={field.name}
                  form={form}
                  field={field}
                  stored={platform?.secretsSet.includes(field.name) ?? false}
                />
              ))}
            </FieldGrid>
          </Section>
        )}
        {kind?.testable && (
          <Tester
            test={() =>
              api<PlatformReport>('/api/platforms/test', {
                body: {
                  id: platform?.id,
                  kind: kind.kind,
                  settings: settingsOf(form.values, kind, undefined),
                },
              })
            }
          />
        )}
      </FormPage>
    </Page>
  );
}

function SettingField({ form, field, stored }: { form: Form<Values>; field: KindField; stored: boolean }) {
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
function Tester({ test }: { test: () => Promise<PlatformReport> }) {
  const run = useMutation({ mutationFn: test });
  return (
    <Section
      title="Test"
      intro="Connects with what stands in this form, saved or not, and looks at each thing in turn. No call is disturbed."
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

function useRemoval(platform: ShownPlatform | undefined): Removal | undefined {
  const remove = useChange<unknown, string>((id) =>
    api(`/api/platforms/${id}?drain=true`, { method: 'DELETE' }),
  );
  if (!platform || platform.builtIn) return undefined;
  const { label, liveCalls, id } = platform;
  return {
    what: `the telephone system “${label}”`,
    verb: 'Remove',
    consequences: [
      liveCalls > 0
        ? `It carries ${liveCalls} ${liveCalls === 1 ? 'call' : 'calls'}: it takes no new ones, and goes after the last.`
        : 'It carries no call now and goes at once.',
      'Its settings and links to other systems are forgotten here; the system itself is left as it is.',
      'Past calls stay. It cannot be removed while numbers, users or trunks belong to it.',
    ],
    run: () => remove.mutateAsync(id),
  };
}
