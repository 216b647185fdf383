import { Alert, Anchor, Badge, Button, Group, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import {
  BUILTIN_CRM,
  CrmChoice,
  type CrmKindInfo,
  NewCrm,
  type ShownCrm,
} from '../../protocol/crm-connections.ts';
import type { PlatformReport } from '../../protocol/platforms.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import classes from './crms.module.css';
import { FieldGrid, SwitchField, TextField } from './fields.tsx';
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
import { Loaded, Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useAnswer, useChange, useRecords, useSaveRecord } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

const STATES = {
  up: ['ok', 'Connected'],
  down: ['stop', 'Not reached'],
  'signed-out': ['stop', 'Signed out'],
  unknown: ['gray', 'Not asked yet'],
  off: ['gray', 'Switched off'],
} as const satisfies Record<ShownCrm['state'], readonly [string, string]>;

function CrmState({ crm }: { crm: ShownCrm }) {
  const [color, text] = STATES[crm.state];
  return (
    <Badge variant="light" color={color} title={crm.problem} data-testid="crm-state">
      {text}
    </Badge>
  );
}

const LIVE = { everyMs: 5_000 };
const PARENT = { label: 'CRM', path: '/crm' };

/** The CRMs that we are connected to, and whom each serves. */
export function CrmsPage() {
  const crms = useRecords<ShownCrm>('crm-connections', LIVE);
  const kinds = useCrmKinds();
  return (
    <ListPage
      title="CRM"
      one="CRM"
      intro="Where customers are looked up and call logs are written: the CRM that comes with Crosspoint, and those you have already."
      query={crms}
      path={({ id }) => `/crm/${id}`}
      newPath="/crm/new"
      empty="The built-in CRM serves everybody. Connect the one that you have."
      columns={[
        { label: 'Name', show: (crm) => crm.label },
        {
          label: 'Kind',
          show: ({ kind, builtIn }) =>
            builtIn ? 'Comes with Crosspoint' : (kinds.find((one) => one.kind === kind)?.label ?? kind),
        },
        { label: 'State', show: (crm) => <CrmState crm={crm} /> },
        { label: 'Requests', align: 'right', show: (crm) => <Usage crm={crm} /> },
        { label: 'What is wrong', show: (crm) => crm.problem ?? '–' },
      ]}
      below={<Choice crms={crms.data ?? []} />}
    />
  );
}

function useCrmKinds(): CrmKindInfo[] {
  return useAnswer<{ kinds: CrmKindInfo[] }>('/api/crm-connections/kinds').data?.kinds ?? [];
}

/** From here on it is worth a word: at its limit a CRM answers nothing for the rest of the day. */
const NEAR_LIMIT = 0.8;

function Usage({ crm: { usage } }: { crm: ShownCrm }) {
  if (!usage) return '–';
  const near = usage.used / usage.limit >= NEAR_LIMIT;
  const text = `${usage.used.toLocaleString()} of ${usage.limit.toLocaleString()}`;
  return near ? (
    <Badge
      variant="light"
      color="warn"
      tt="none"
      title="Near its limit: it will answer nothing once it is reached."
    >
      {text}
    </Badge>
  ) : (
    text
  );
}

// ── Whom it serves ──────────────────────────────────────────────────────────────────────────────────────────────────

function Choice({ crms }: { crms: ShownCrm[] }) {
  const choice = useAnswer<CrmChoice>('/api/crm-choice');
  return (
    <Section
      title="Who is served by which"
      intro="A call center’s CRM comes before the organisation’s. A log goes to the CRM that served its agent when it was closed."
    >
      <Loaded query={choice}>
        {(values) => <ChoiceForm key={crms.length} values={values} crms={crms} />}
      </Loaded>
    </Section>
  );
}

function ChoiceForm({ values, crms }: { values: CrmChoice; crms: ShownCrm[] }) {
  const save = useChange<unknown, CrmChoice>((body) => api('/api/crm-choice', { method: 'PUT', body }));
  const centers =
    useRecords<{ id: string; displayName: string }>('call-centers', { field: 'callCenters' }).data ?? [];
  const form = useForm({ base: values, schema: CrmChoice, save: (next) => save.mutateAsync(next) });
  const choices = crms.map(({ id, label }) => ({ value: id, label }));
  const chosen = (callCenterId: string) =>
    form.values.callCenters.find((one) => one.callCenterId === callCenterId)?.crmId ?? null;
  const choose = (callCenterId: string, crmId: string | null) => {
    const others = form.values.callCenters.filter((one) => one.callCenterId !== callCenterId);
    form.set('callCenters', crmId === null ? others : [...others, { callCenterId, crmId }]);
  };
  return (
    <SelfSaving form={form} what="who is served by which CRM">
      <FieldGrid>
        <Select
          size="xs"
          label="The organisation"
          data={choices}
          allowDeselect={false}
          value={form.values.organisation}
          onChange={(value) => form.set('organisation', value ?? BUILTIN_CRM)}
          data-testid="choice-organisation"
        />
        {centers.map(({ id, displayName }) => (
          <Select
            key={id}
            size="xs"
            label={displayName}
            placeholder="As the organisation"
            clearable
            data={choices}
            value={chosen(id)}
            onChange={(value) => choose(id, value)}
          />
        ))}
      </FieldGrid>
    </SelfSaving>
  );
}

// ── One CRM ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One CRM: first its kind, then what that kind needs. */
export function CrmForm({ id }: { id: string | undefined }) {
  const crms = useRecords<ShownCrm>('crm-connections', LIVE);
  const kinds = useCrmKinds();
  const [chosen, setChosen] = useState<CrmKindInfo>();
  return (
    <OneRecord query={crms} id={id} what="CRM">
      {(crm) => {
        const kind = crm ? kinds.find((one) => one.kind === crm.kind) : chosen;
        if (crm?.builtIn) return <BuiltIn crm={crm} />;
        if (!crm && !kind)
          return <ChooseKind title="New CRM" parent={PARENT} kinds={kinds} onChosen={setChosen} />;
        return <Editor key={kind?.kind} crm={crm} kind={kind} />;
      }}
    </OneRecord>
  );
}

/** It has no settings: what it can do is worth a page all the same. */
function BuiltIn({ crm }: { crm: ShownCrm }) {
  return (
    <Page
      title={crm.label}
      parent={PARENT}
      intro="It comes with Crosspoint and lies in its own database: there is nothing to connect."
      badge={<CrmState crm={crm} />}
    >
      <Abilities crm={crm} />
    </Page>
  );
}

/** Of a new one by its kind: who signs in does so by a client ID. */
function mayBeSignedInTo(crm: ShownCrm | undefined, kind: CrmKindInfo | undefined): boolean {
  if (crm) return crm.signIn !== undefined;
  return kind?.fields.some(({ name }) => name === 'clientId') ?? false;
}

type Values = { label: string; enabled: boolean } & KindValues;

const Check = z.looseObject({ label: NewCrm.shape.label, enabled: z.boolean() });

function Editor({ crm, kind }: { crm: ShownCrm | undefined; kind: CrmKindInfo | undefined }) {
  const save = useSaveRecord<ShownCrm>('crm-connections', crm?.id);
  const base: Values = {
    label: crm?.label ?? kind?.label ?? '',
    enabled: crm?.enabled ?? true,
    ...shownSettings(kind, crm),
  };
  const form = useForm<Values>({
    base,
    schema: Check,
    save: ({ label, enabled, ...values }) => {
      const body = { label, enabled, settings: givenSettings(values, kind, crm) };
      return save.mutateAsync(crm ? body : { ...body, kind: kind?.kind });
    },
  });
  return (
    <Page
      title={crm?.label ?? `New ${kind?.label ?? 'CRM'}`}
      parent={PARENT}
      intro={kind?.help}
      badge={crm && <CrmState crm={crm} />}
    >
      {crm?.problem !== undefined && (
        <Alert color="stop" variant="light" p="sm" data-testid="crm-problem">
          {crm.problem}
        </Alert>
      )}
      <FormPage
        form={form}
        what="this CRM"
        back="/setup/crm"
        createdAt={crm ? undefined : '/setup/crm'}
        savable={!crm}
        removal={useRemoval(crm)}
      >
        <Section title="In general">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!crm} />
            <SwitchField
              form={form}
              name="enabled"
              label="In use"
              help="Off: nothing is asked of it or written to it; what waits for it waits on."
            />
          </FieldGrid>
        </Section>
        <Section
          title="Connection"
          intro={
            mayBeSignedInTo(crm, kind) && (
              <>
                Where people sign in to it, it sends them back to{' '}
                <code className={classes.address}>{`${location.origin}/api/crm-connections/callback`}</code>
              </>
            )
          }
        >
          <FieldGrid>
            {(kind?.fields ?? []).map((field) => (
              <SettingField
                key={field.name}
                form={form}
                field={field}
                stored={crm?.secretsSet.includes(field.name) ?? false}
              />
            ))}
          </FieldGrid>
        </Section>
        {crm?.signIn && <SignIn crm={crm} signIn={crm.signIn} />}
        {crm && <Abilities crm={crm} />}
        {kind && (
          <Tester
            intro="Connects with what stands in this form, saved or not. No call is disturbed."
            test={() =>
              api<PlatformReport>('/api/crm-connections/test', {
                body: {
                  id: crm?.id,
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

/** The organisation's own account; users sign in in the menu of theirs. */
function SignIn({ crm: { id, label }, signIn }: { crm: ShownCrm; signIn: NonNullable<ShownCrm['signIn']> }) {
  const mayChange = useMe().roles.includes('administrator');
  const path = `/api/crm-connections/${encodeURIComponent(id)}/sign-in`;
  const begin = useChange<{ url: string }>(() => api<{ url: string }>(path, { method: 'POST' }));
  const end = useChange<void>(() => api<void>(path, { method: 'DELETE' }));
  const error = begin.error ?? end.error;
  return (
    <Section
      title="Signed in"
      intro={
        signIn.ownAccounts
          ? `The organisation’s account looks who calls before an agent has the call, and writes for those who have not signed in. Users sign in in the menu of their account: ${signIn.users} have.`
          : 'Everybody sees what this account sees.'
      }
    >
      <Group gap="xs">
        <Text size="sm" data-testid="crm-signed-in">
          {signIn.organisation ?? `Nobody has signed in to ${label} for the organisation.`}
        </Text>
        {mayChange && (
          <Button
            variant="default"
            loading={begin.isPending}
            onClick={() => begin.mutate(undefined, { onSuccess: ({ url }) => location.assign(url) })}
            data-testid="crm-sign-in"
          >
            {signIn.organisation === null ? `Sign in to ${label}` : 'Sign in anew'}
          </Button>
        )}
        {mayChange && signIn.organisation !== null && (
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate()}>
            Sign out
          </Button>
        )}
      </Group>
      {error !== null && (
        <Alert color="stop" variant="light" p="xs" mt="sm" role="alert">
          {errorText(error)}
        </Alert>
      )}
    </Section>
  );
}

const ABILITIES: Record<string, string> = {
  match: 'Say whose number it is',
  search: 'Search',
  read: 'Read records',
  write: 'Make and change records',
  'call-log': 'Keep call logs',
  'recording-link': 'Link recordings',
  figures: 'Take figures',
};

function Abilities({ crm: { missing, id } }: { crm: ShownCrm }) {
  const stuck = useRecords<{ id: number; crmId?: string }>('outbox', { field: 'stuck', everyMs: 5_000 });
  const waiting = stuck.data?.filter(({ crmId }) => crmId === id).length ?? 0;
  return (
    <Section title="What it can do">
      <ul className={classes.abilities}>
        {Object.entries(ABILITIES).map(([ability, text]) => (
          <li key={ability}>
            <Badge variant="light" color={missing[ability] === undefined ? 'ok' : 'gray'} size="sm">
              {missing[ability] === undefined ? 'Yes' : 'No'}
            </Badge>{' '}
            {text}
            {missing[ability] !== undefined && <span className={classes.reason}>: {missing[ability]}</span>}
          </li>
        ))}
      </ul>
      {waiting > 0 && (
        <Text size="sm" mt="sm">
          {waiting} {waiting === 1 ? 'write is' : 'writes are'} stuck:{' '}
          <Anchor component={Link} href="/outbox" inherit>
            see the outbox
          </Anchor>
          .
        </Text>
      )}
    </Section>
  );
}

function useRemoval(crm: ShownCrm | undefined): Removal | undefined {
  const remove = useChange<void, string>((id) =>
    api<void>(`/api/crm-connections/${id}`, { method: 'DELETE' }),
  );
  if (!crm) return undefined;
  const { label, id } = crm;
  return {
    what: `the CRM “${label}”`,
    verb: 'Remove',
    consequences: [
      'Its settings and everybody’s sign-in to it are forgotten here; the CRM itself is left as it is.',
      'It cannot be removed while it serves somebody, or while something waits for it in the outbox.',
    ],
    run: () => remove.mutateAsync(id),
  };
}
