import { Button, Modal, Select, Stack, Switch, Text } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { SchemeSwitch } from '../ui/scheme-switch.tsx';
import type { AudioDevice } from './devices.ts';
import { CallSettings } from './call-settings.tsx';
import classes from './settings-dialog.module.css';
import { useDevices, useSession, useSoftphone } from './session-context.tsx';
import { type NewPhone, SipPhones } from './sip-phones.tsx';

interface SettingsProps {
  opened: boolean;
  onClose(): void;
  shortcuts: boolean;
  onShortcuts(on: boolean): void;
  notifications: { readonly permission: NotificationPermission | 'unsupported'; ask(): Promise<unknown> };
  /** Alone in its window: nothing around it has a sign-out or a colour switch. */
  standAlone: boolean;
  onSignOut(): void;
}

/** Where calls ring, what they sound through, and how the softphone behaves in this browser. */
export function SettingsDialog(props: SettingsProps) {
  const { roles } = useSoftphone().user;
  const [added, setAdded] = useState<NewPhone>();
  const close = () => {
    setAdded(undefined);
    props.onClose();
  };
  return (
    <Modal
      opened={props.opened}
      onClose={close}
      title="Phone and settings"
      // A password that is shown once must not go by a slip of the hand.
      closeOnClickOutside={!added}
      closeOnEscape={!added}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        <PhoneChoice />
        {mayHavePhones(roles) && <SipPhones added={added} onAdded={setAdded} />}
        {mayHavePhones(roles) && <CallSettings />}
        <AudioDevices />
        <Behaviour {...props} />
        {props.standAlone && (
          <div className={classes.row}>
            <Text size="sm" c="dimmed">
              Colours follow your computer unless you switch.
            </Text>
            <SchemeSwitch />
          </div>
        )}
        {props.standAlone && (
          <Button variant="default" onClick={props.onSignOut} data-testid="sign-out">
            Sign out
          </Button>
        )}
      </Stack>
    </Modal>
  );
}

/** Who takes calls. */
function mayHavePhones(roles: readonly string[]): boolean {
  return roles.includes('agent') || roles.includes('supervisor');
}

function PhoneChoice() {
  const session = useSession();
  const { phone } = useSoftphone();
  return (
    <Select
      label="Calls ring on"
      data={phone.devices.map((device) => ({ value: device.id, label: device.label }))}
      value={phone.deviceId ?? null}
      placeholder="No phone"
      allowDeselect={false}
      onChange={(deviceId) => deviceId && session.run({ verb: 'device', deviceId })}
      data-testid="device"
    />
  );
}

function AudioDevices() {
  const devices = useDevices();
  const { microphones, speakers, microphone, speaker } = useSyncExternalStore(devices.subscribe, devices.get);
  useEffect(() => void devices.refresh(), [devices]);
  return (
    <>
      <DeviceSelect
        label="Microphone"
        devices={microphones}
        chosen={microphone}
        onChange={(id) => void devices.chooseMicrophone(id)}
      />
      <DeviceSelect
        label="Loudspeaker"
        devices={speakers}
        chosen={speaker}
        onChange={(id) => devices.chooseSpeaker(id)}
      />
      <Text size="xs" c="dimmed">
        While you are logged in and this tab has the audio, the microphone stays open so that calls connect at
        once. Nothing is sent without a call. Log out and it is closed.
      </Text>
    </>
  );
}

interface DeviceSelectProps {
  label: string;
  devices: AudioDevice[];
  chosen: string | undefined;
  onChange(id: string | undefined): void;
}

const SYSTEM = 'system';

function DeviceSelect({ label, devices, chosen, onChange }: DeviceSelectProps) {
  const data = [
    { value: SYSTEM, label: 'As the computer is set' },
    ...devices.filter(isPlain).map(({ id, label: name }) => ({ value: id, label: name })),
  ];
  const known = data.some((one) => one.value === chosen);
  return (
    <Select
      label={label}
      data={data}
      value={known && chosen !== undefined ? chosen : SYSTEM}
      allowDeselect={false}
      onChange={(id) => onChange(id === SYSTEM || id === null ? undefined : id)}
    />
  );
}

/** Browsers list the system's choice a second time under these ids. */
function isPlain({ id }: AudioDevice): boolean {
  return id !== 'default' && id !== 'communications';
}

function Behaviour({ shortcuts, onShortcuts, notifications }: SettingsProps) {
  const [permission, setPermission] = useState(() => notifications.permission);
  const ask = async () => {
    await notifications.ask();
    setPermission(notifications.permission);
  };
  return (
    <>
      <Switch
        label="Keyboard shortcuts"
        description="Single keys, while you are not typing in a field"
        checked={shortcuts}
        onChange={(event) => onShortcuts(event.currentTarget.checked)}
      />
      {permission === 'default' && (
        <Button variant="default" onClick={() => void ask()}>
          Notify me of calls when hidden
        </Button>
      )}
      {permission === 'denied' && (
        <Text size="xs" c="dimmed">
          Notifications are blocked for this page. The sign beside the address lets you allow them.
        </Text>
      )}
    </>
  );
}
