import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Group,
  NativeSelect,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconTrash } from '@tabler/icons-react';
import { type FormEvent, type RefObject, useRef, useState } from 'react';
import type { SipDevice } from '../../protocol/api.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import { api } from '../ui/api.ts';
import { PHONE_CONTROLS } from '../ui/phone-control.ts';
import { errorText } from '../ui/states.tsx';
import { isSimulated } from './phone-health.ts';
import { useSoftphone } from './session-context.tsx';
import classes from './sip-phones.module.css';

/** A phone that was just added: its password is not shown again. */
export interface NewPhone {
  device: SipDevice;
  password: string;
}

interface SipPhonesProps {
  added: NewPhone | undefined;
  onAdded(phone: NewPhone | undefined): void;
}

type ListedPhone = SoftphoneState['phone']['devices'][number];

/** The agent's own SIP phones: which there are, whether they are registered; adds and removes them. */
export function SipPhones({ added, onAdded }: SipPhonesProps) {
  const { phone, platforms } = useSoftphone();
  const [problem, setProblem] = useState<unknown>();
  const field = useRef<HTMLInputElement>(null);
  const phones = phone.devices.filter((device) => device.kind === 'sip');
  // The phone of a PBX is its own; a second one would register at no switch of ours.
  const pbx = phone.devices.find((device) => device.kind === 'pbx');
  if (pbx && phones.length === 0) return <PbxPhone phone={pbx} />;
  return (
    <section className={classes.section} aria-labelledby="sip-phones">
      <Text id="sip-phones" component="h3" size="sm" fw={600} m={0}>
        My SIP phones
      </Text>
      {phones.length > 0 && (
        <ul className={classes.list}>
          {phones.map((one) => (
            <PhoneRow
              key={one.id}
              phone={one}
              simulated={isSimulated(platforms)}
              onProblem={setProblem}
              onRemoved={() => {
                if (added?.device.id === one.id) onAdded(undefined);
                field.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      {problem !== undefined && (
        <Alert color="stop" p="xs" role="alert" data-testid="phones-error">
          {errorText(problem)}
        </Alert>
      )}
      {added ? (
        <Credentials phone={added} onDone={() => onAdded(undefined)} />
      ) : (
        <AddPhone field={field} onAdded={onAdded} onProblem={setProblem} />
      )}
      {isSimulated(platforms) && (
        <Text size="xs" c="dimmed">
          The telephone system is simulated: a real phone cannot register at it.
        </Text>
      )}
    </section>
  );
}

/** The desk phone that his PBX has: nothing to set here. */
function PbxPhone({ phone }: { phone: ListedPhone }) {
  return (
    <section className={classes.section} aria-labelledby="pbx-phone">
      <Text id="pbx-phone" component="h3" size="sm" fw={600} m={0}>
        My desk phone
      </Text>
      <ul className={classes.list}>
        <li className={classes.phone} data-testid="pbx-phone" data-registered={phone.registered}>
          <span className={classes.name} dir="auto" title={phone.label}>
            {phone.label}
          </span>
          <Badge color={phone.registered ? 'ok' : 'gray'} variant="light">
            {phone.registered ? 'Registered' : 'Not registered'}
          </Badge>
        </li>
      </ul>
      <Text size="xs" c="dimmed">
        It belongs to the telephone system: an administrator sets there, and in Setup, whose it is.
      </Text>
    </section>
  );
}

interface PhoneRowProps {
  phone: ListedPhone;
  /** At a simulated telephone system nothing registers: it would say so of every phone. */
  simulated: boolean;
  onProblem(error: unknown): void;
  onRemoved(): void;
}

/** One phone; removing asks once more in its place. */
function PhoneRow({ phone, simulated, onProblem, onRemoved }: PhoneRowProps) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    onProblem(undefined);
    try {
      await api(`/api/devices/${encodeURIComponent(phone.id)}`, { method: 'DELETE' });
      onRemoved();
    } catch (error) {
      onProblem(error);
      setBusy(false);
      setAsking(false);
    }
  };
  const control = async (value: string) => {
    onProblem(undefined);
    try {
      await api(`/api/devices/${encodeURIComponent(phone.id)}`, {
        method: 'PATCH',
        body: { control: value },
      });
    } catch (error) {
      onProblem(error);
    }
  };
  return (
    <li className={classes.phone} data-testid="sip-phone" data-registered={phone.registered}>
      <span className={classes.name} dir="auto" title={phone.label}>
        {phone.label}
      </span>
      {!simulated && (
        <Badge color={phone.registered ? 'ok' : 'gray'} variant="light">
          {phone.registered ? 'Registered' : 'Not registered'}
        </Badge>
      )}
      {!asking && (
        <Tooltip label="Remove">
          <ActionIcon
            aria-label={`Remove ${phone.label}`}
            onClick={() => setAsking(true)}
            data-testid="remove-phone"
          >
            <IconTrash size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      )}
      {!asking && (
        <NativeSelect
          className={classes.control}
          size="xs"
          aria-label={`How ${phone.label} is answered`}
          data={PHONE_CONTROLS}
          value={phone.control}
          onChange={(event) => void control(event.currentTarget.value)}
          data-testid="phone-control"
        />
      )}
      {asking && (
        <div className={classes.ask} role="group" aria-label={`Remove ${phone.label}?`}>
          <Text size="xs">It can no longer register or be called.</Text>
          <Group gap={6} wrap="nowrap">
            <Button
              color="stop"
              autoFocus
              loading={busy}
              onClick={() => void remove()}
              data-testid="remove-phone-confirm"
            >
              Remove
            </Button>
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep
            </Button>
          </Group>
        </div>
      )}
    </li>
  );
}

interface AddPhoneProps {
  field: RefObject<HTMLInputElement | null>;
  onAdded(phone: NewPhone): void;
  onProblem(error: unknown): void;
}

function AddPhone({ field, onAdded, onProblem }: AddPhoneProps) {
  const [label, setLabel] = useState('');
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setMissing(!label.trim());
    if (!label.trim()) return field.current?.focus();
    setBusy(true);
    onProblem(undefined);
    try {
      onAdded(await api<NewPhone>('/api/devices', { body: { label: label.trim() } }));
    } catch (error) {
      onProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.add} onSubmit={(event) => void submit(event)} noValidate>
      <TextInput
        ref={field}
        className={classes.label}
        label="Name of another phone"
        placeholder="Desk phone"
        maxLength={80}
        value={label}
        error={missing && 'Give it a name first.'}
        onChange={(event) => setLabel(event.currentTarget.value)}
        data-testid="phone-label"
      />
      <Button type="submit" size="sm" variant="default" loading={busy} data-testid="add-phone">
        Add
      </Button>
    </form>
  );
}

/** What is to be entered in the phone. */
function Credentials({ phone, onDone }: { phone: NewPhone; onDone(): void }) {
  const { label, username, domain, port } = phone.device;
  return (
    <div className={classes.credentials} role="group" aria-label={`What to enter in ${label}`}>
      <Text size="sm" role="status">
        Make a SIP account in the phone with these values; “authentication name” is the user name once more.
        The password is not shown again.
      </Text>
      <dl className={classes.values}>
        <Value what="User name" value={username} testId="phone-username" />
        <Value what="Password" value={phone.password} testId="phone-password" />
        <Value what="Server" value={domain} testId="phone-server" />
        <Value what="Port" value={String(port)} testId="phone-port" />
      </dl>
      <Text size="xs" c="dimmed">
        {isThisComputer(domain)
          ? 'UDP or TCP. This address is reached by phone programs on the server itself only; for other phones an administrator switches office mode on.'
          : 'UDP or TCP. As soon as the phone has registered, the list says so, and calls can ring on it.'}
      </Text>
      <Button variant="default" onClick={onDone} data-testid="phone-done">
        I have entered them
      </Button>
    </div>
  );
}

function Value({ what, value, testId }: { what: string; value: string; testId: string }) {
  const clipboard = useClipboard({ timeout: 2_000 });
  // A page without https has no clipboard: the value is selected with one click instead.
  const copyable = globalThis.isSecureContext && !clipboard.error;
  return (
    <>
      <dt>{what}</dt>
      <dd>
        <code className={classes.value} data-testid={testId}>
          {value}
        </code>
        {copyable && (
          <ActionIcon
            size="sm"
            aria-label={clipboard.copied ? `${what} copied` : `Copy the ${what.toLowerCase()}`}
            onClick={() => clipboard.copy(value)}
          >
            {clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        )}
      </dd>
    </>
  );
}

function isThisComputer(domain: string): boolean {
  return domain === 'localhost' || domain === '[::1]' || domain.startsWith('127.');
}
