import { Alert, Badge } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ShownPlatform } from '../../protocol/platforms.ts';
import type { ShownTrunk, TrunkStatus } from '../../protocol/trunks.ts';
import { useMe } from '../ui/me-context.ts';
import { type Form, useForm } from '../ui/use-form.ts';
import { useViewer } from '../ui/viewer.tsx';
import { FieldGrid, NumberField, PasswordField, SelectField, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { OneRecord } from './one-record.tsx';
import { OrderPart } from './order-part.tsx';
import { Page, Section } from './page.tsx';
import { PrefixRules } from './prefix-rules.tsx';
import { ListPage } from './record-table.tsx';
import { countryChoices } from './regions.ts';
import { useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';
import { bodyOf, SERVER_NAMES, TrunkCheck, type TrunkValues, usualPort, valuesOf } from './trunk-values.ts';

const STATES = {
  ready: ['ok', 'Ready'],
  trying: ['warn', 'Trying'],
  failed: ['stop', 'Failed'],
  disabled: ['gray', 'Switched off'],
  unknown: ['gray', 'Not known'],
} as const satisfies Record<TrunkStatus['state'], readonly [string, string]>;

function State({ trunk }: { trunk: ShownTrunk }) {
  const [color, text] = STATES[trunk.status.state];
  return (
    <Badge variant="light" color={color} title={trunk.status.text} data-testid="trunk-state">
      {text}
    </Badge>
  );
}

const LIVE = { everyMs: 5_000 };

/** The lines to the telephone network. */
export function TrunksPage() {
  const trunks = useRecords<ShownTrunk>('trunks', LIVE);
  return (
    <ListPage
      title="Trunks"
      one="trunk"
      intro="Lines to the telephone network, tried in this order for calls outside where no outbound route says otherwise."
      query={trunks}
      path={(trunk) => `/trunks/${trunk.id}`}
      newPath="/trunks/new"
      empty="A trunk connects you to a provider or to another PBX. Without one, calls stay inside: extensions, SIP phones and visitors of the web page."
      columns={[
        { label: 'Name', show: (trunk) => trunk.label },
        {
          label: 'Reached by',
          show: ({ connection }) =>
            connection.kind === 'registration'
              ? `${connection.user} at ${connection.registrar}`
              : (connection.host ?? connection.hosts.join(', ')),
        },
        { label: 'State', show: (trunk) => <State trunk={trunk} /> },
        {
          label: 'Calls now',
          align: 'right',
          show: ({ status, maxCalls }) =>
            maxCalls === undefined ? status.calls : `${status.calls} of ${maxCalls}`,
        },
        { label: 'What it says', show: (trunk) => trunk.status.text },
      ]}
      below={
        <OrderPart
          noun="trunks"
          label="Order of trunks"
          intro="The first one that can carry a call takes it, where no outbound route says otherwise."
          items={(trunks.data ?? []).filter((trunk) => !trunk.readOnly)}
        />
      }
    />
  );
}

/** One trunk. */
export function TrunkForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<ShownTrunk>('trunks', LIVE)} id={id} what="trunk">
      {(trunk) => <Editor trunk={trunk} />}
    </OneRecord>
  );
}

function Editor({ trunk }: { trunk: ShownTrunk | undefined }) {
  const { country } = useMe();
  const save = useSaveRecord<ShownTrunk>('trunks', trunk?.id);
  const form = useForm<TrunkValues>({
    base: valuesOf(trunk, country),
    schema: TrunkCheck,
    save: (values) => save.mutateAsync(bodyOf(values, trunk !== undefined)),
    serverNames: SERVER_NAMES,
  });
  const removal = useRemoval(trunk);
  return (
    <Page
      title={trunk?.label ?? 'New trunk'}
      parent={{ label: 'Trunks', path: '/trunks' }}
      badge={trunk && <State trunk={trunk} />}
      intro={trunk?.status.text}
    >
      {trunk?.readOnly && (
        <Alert variant="light" color="gray" icon={<IconLock size={16} />} p="xs">
          It stands in the configuration (CROSSPOINT_TRUNK) and is changed there.
        </Alert>
      )}
      <FormPage
        form={form}
        what="this trunk"
        back="/setup/trunks"
        createdAt={trunk ? undefined : '/setup/trunks'}
        removal={trunk?.readOnly ? undefined : removal}
      >
        <General form={form} isNew={!trunk} />
        <Connection form={form} hasPassword={trunk?.hasPassword ?? false} />
        <Numbers form={form} />
        <Limits form={form} />
      </FormPage>
    </Page>
  );
}

type Part = { form: Form<TrunkValues> };

function General({ form, isNew }: Part & { isNew: boolean }) {
  const platforms = useRecords<ShownPlatform>('platforms').data ?? [];
  return (
    <Section title="In general">
      <FieldGrid>
        <TextField form={form} name="label" label="Name" required autoFocus={isNew} />
        <SelectField
          form={form}
          name="platformId"
          label="Telephone system"
          choices={platforms.map((one) => ({ value: one.id, label: one.label }))}
          help="The one that it is on."
        />
        <SwitchField
          form={form}
          name="enabled"
          label="In use"
          help="Off: no new calls; those that go on are left."
        />
      </FieldGrid>
    </Section>
  );
}

function Connection({ form, hasPassword }: Part & { hasPassword: boolean }) {
  const registers = form.values.kind === 'registration';
  return (
    <Section title="Connection">
      <FieldGrid>
        <SelectField
          form={form}
          name="kind"
          label="How"
          choices={[
            { value: 'registration', label: 'We register with an account' },
            { value: 'peer', label: 'Known by address' },
          ]}
          help={
            registers
              ? 'Most providers: user name and password.'
              : 'Another PBX, or a provider that knows our address.'
          }
        />
        {registers ? (
          <>
            <TextField
              form={form}
              name="registrar"
              label="Registrar"
              placeholder="sip.example.com"
              required
            />
            <TextField form={form} name="user" label="User" required />
            <PasswordField
              form={form}
              name="password"
              label="Password"
              placeholder={hasPassword ? 'Stored; type to replace it' : ''}
              required={!hasPassword}
            />
            <TextField form={form} name="realm" nullable label="Realm" placeholder="Any" />
            <NumberField form={form} name="expiry" label="Registers again after" unit="s" min={60} />
          </>
        ) : (
          <TextField
            form={form}
            name="host"
            nullable
            label="Calls go to"
            placeholder="pbx.example.com"
            help="Empty: it takes no calls out."
          />
        )}
        <NumberField
          form={form}
          name="port"
          nullable
          label="Port"
          min={1}
          max={65_535}
          placeholder={String(usualPort(form.values.transport))}
        />
        <SelectField
          form={form}
          name="transport"
          label="Transport"
          choices={['udp', 'tcp', 'tls'].map((value) => ({ value, label: value.toUpperCase() }))}
          help={
            form.values.transport === 'tls' ? 'Its certificate must be valid for its host name.' : undefined
          }
        />
        {form.values.transport === 'tls' && (
          <SelectField
            form={form}
            name="srtp"
            label="Audio by SRTP"
            choices={[
              { value: 'off', label: 'Off' },
              { value: 'optional', label: 'If the other side can' },
              { value: 'required', label: 'Always' },
            ]}
            help="Always: a call that cannot be encrypted is refused."
          />
        )}
        <MultiSelectField
          form={form}
          name="hosts"
          label="Calls come from"
          placeholder="192.0.2.0/24"
          help={
            registers
              ? 'Further addresses of the provider; the registrar’s own is always one.'
              : 'Addresses, networks or host names. Empty: it takes no calls in.'
          }
        />
        <MultiSelectField
          form={form}
          name="codecs"
          label="Codecs"
          help="In the order of preference."
          choices={['alaw', 'ulaw', 'g722', 'opus', 'gsm', 'g729'].map((value) => ({ value, label: value }))}
        />
      </FieldGrid>
    </Section>
  );
}

function Numbers({ form }: Part) {
  const { locale } = useViewer();
  return (
    <Section
      title="Numbers"
      intro="How numbers are written on this line, and which one the called party sees."
    >
      <FieldGrid>
        <SelectField
          form={form}
          name="country"
          label="Country"
          choices={countryChoices(locale)}
          help="Whose national numbers come without a country code."
        />
        <SelectField
          form={form}
          name="format"
          label="Sent as"
          choices={[
            { value: 'plus', label: '+44 20 …' },
            { value: 'digits', label: '44 20 …' },
            { value: 'prefix', label: '00 44 20 …' },
            { value: 'national', label: '020 … at home, 00 … abroad' },
          ]}
        />
        <TextField
          form={form}
          name="callerId"
          nullable
          label="Number shown"
          type="tel"
          placeholder="+442079460000"
          help="By calls of ours that have no other."
        />
        <SelectField
          form={form}
          name="callerIdFormat"
          label="Shown in"
          choices={[
            { value: 'from', label: 'From' },
            { value: 'pai', label: 'P-Asserted-Identity' },
            { value: 'both', label: 'both' },
          ]}
        />
      </FieldGrid>
      <div style={{ display: 'grid', gap: 16, marginTop: 16 }}>
        <PrefixRules
          label="Rules for numbers that go out"
          name="outbound"
          help="Applied after the format; the first that fits is the only one."
          rules={form.values.outbound}
          error={form.error}
          onChange={(rules) => form.set('outbound', rules)}
        />
        <PrefixRules
          label="Rules for numbers that come in"
          name="inbound"
          help="Applied before the number is read."
          rules={form.values.inbound}
          error={form.error}
          onChange={(rules) => form.set('inbound', rules)}
        />
      </div>
    </Section>
  );
}

function Limits({ form }: Part) {
  const { locale } = useViewer();
  return (
    <Section title="Limits" intro="Emergency calls go past all of them.">
      <FieldGrid>
        <NumberField
          form={form}
          name="maxCalls"
          nullable
          label="Calls at the same time"
          placeholder="No limit"
          help="Both directions together."
        />
        <NumberField
          form={form}
          name="callsPerSecond"
          nullable
          label="New calls a second"
          placeholder="No limit"
        />
        <MultiSelectField
          form={form}
          name="allowedCountries"
          label="Countries that may be called"
          placeholder="All"
          choices={countryChoices(locale)}
        />
      </FieldGrid>
    </Section>
  );
}

function useRemoval(trunk: ShownTrunk | undefined): Removal | undefined {
  const remove = useRemoveRecord('trunks');
  if (!trunk) return undefined;
  const { status, label, id } = trunk;
  return {
    what: `the trunk “${label}”`,
    consequences: [
      status.calls > 0
        ? `It carries ${status.calls} calls now: they go on until they end.`
        : 'It carries no call now.',
      'Calls outside go by the next trunk, or not at all when it is the only one. Callers who come by it are refused.',
      'Its account and password are forgotten here. It cannot be deleted while a route, a site or a number names it.',
    ],
    run: () => remove.mutateAsync(id),
  };
}
