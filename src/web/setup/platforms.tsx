import { Alert, Badge, Button } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import {
  NewPlatform,
  type PlatformKindInfo,
  type PlatformReport,
  type ShownPlatform,
} from '../../protocol/platforms.ts';
import { api } from '../ui/api.ts';
import { useForm } from '../ui/use-form.ts';
import { useViewer } from '../ui/viewer.tsx';
import { FieldGrid, SelectField, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import {
  ChooseKind,
  givenSettings,
  type KindValues,
  SettingField,
  shownSettings,
  Tester,
} from './kind-form.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
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
        if (!platform && !kind)
          return (
            <ChooseKind title="New telephone system" parent={PARENT} kinds={kinds} onChosen={setChosen} />
          );
        return <Editor key={kind?.kind} platform={platform} kind={kind} />;
      }}
    </OneRecord>
  );
}

const PARENT = { label: 'Telephone systems', path: '/platforms' };

type Values = { label: string; enabled: boolean; country: string | null } & KindValues;

const Check = z.looseObject({ label: NewPlatform.shape.label, enabled: z.boolean() });

function baseOf(platform: ShownPlatform | undefined, kind: PlatformKindInfo | undefined): Values {
  return {
    label: platform?.label ?? kind?.label ?? '',
    enabled: platform?.enabled ?? true,
    country: platform?.country ?? null,
    ...shownSettings(kind, platform),
  };
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
      const body = { label, enabled, country, settings: givenSettings(values, kind, platform) };
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
            intro="Connects with what stands in this form, saved or not, and looks at each thing in turn. No call is disturbed."
            test={() =>
              api<PlatformReport>('/api/platforms/test', {
                body: {
                  id: platform?.id,
                  kind: kind.kind,
                  settings: givenSettings(form.values, kind, undefined),
                },
              })
            }
          />
        )}
      </FormPage>
    </Page>
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
