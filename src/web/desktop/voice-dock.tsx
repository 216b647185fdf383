import { ActionIcon, Alert, Button, Loader, Menu, Select } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { RefObject } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import type { MyAdapter } from '../../protocol/opencti.ts';
import type { VoiceDesk, VoiceView } from '../opencti/voice/voice-desk.ts';
import { ADAPTER_FEATURES, Elsewhere } from './adapter-dock.tsx';
import classes from './adapter-dock.module.css';
import { useVoiceView } from './use-voice.ts';
import voice from './voice-dock.module.css';
import { VoicePanel } from './voice-panel.tsx';

interface VoiceDockProps {
  adapter: MyAdapter;
  desk: VoiceDesk;
  frame: RefObject<HTMLIFrameElement | null>;
  onOpen: (record: RecordRef) => void;
}

/** The desktop's own call panel beside a connector, whose page is shown only while it wants to be: to sign in. */
export function VoiceDock({ adapter, desk, frame, onOpen }: VoiceDockProps) {
  const view = useVoiceView(desk);
  const { place, phase, load, loginHeight, error } = view;
  const shown = phase === 'login' || phase === 'storage-access';
  return (
    <aside
      className={classes.dock}
      style={{ width: adapter.width }}
      aria-label="Softphone"
      data-testid="voice"
      data-phase={place === 'here' ? phase : place}
    >
      <header className={classes.header}>
        <span className={voice.title}>{adapter.displayName}</span>
        {phase === 'ready' && <Tools desk={desk} view={view} />}
      </header>
      <div className={voice.body}>
        {error && (
          <Alert color="stop" variant="light" p="xs" m="sm" role="alert" data-testid="voice-error">
            {error.text}
          </Alert>
        )}
        {place !== 'here' && <Elsewhere browser={place === 'other-browser'} onTake={() => desk.take()} />}
        {place === 'here' && phase === 'connecting' && (
          <p className={voice.note}>
            <Loader size="xs" aria-hidden /> Connecting to the telephone system…
          </p>
        )}
        {place === 'here' && phase === 'failed' && <Silent adapter={adapter} onAgain={() => desk.reload()} />}
        {phase === 'ready' && <VoicePanel desk={desk} view={view} onOpen={onOpen} />}
        {phase === 'login' && <p className={voice.note}>Sign in to the telephone system.</p>}
        {phase === 'storage-access' && (
          <p className={voice.note}>The telephone system asks to use its cookies: allow it below.</p>
        )}
        {place === 'here' && (
          <iframe
            key={load}
            ref={frame}
            className={shown ? voice.frame : voice.hidden}
            style={shown ? { height: loginHeight ?? adapter.height } : undefined}
            tabIndex={shown ? 0 : -1}
            title="Telephone system"
            src={adapter.adapterUrl}
            allow={ADAPTER_FEATURES}
            referrerPolicy="origin"
            onLoad={() => desk.loaded()}
            data-testid="voice-frame"
          />
        )}
      </div>
    </aside>
  );
}

function Tools({ desk, view }: { desk: VoiceDesk; view: VoiceView }) {
  const known = ['Online', 'Offline'];
  const { agentStatus, phones, selectedPhone } = view;
  const statuses = agentStatus && !known.includes(agentStatus) ? [...known, agentStatus] : known;
  return (
    <span className={voice.tools}>
      <Select
        size="xs"
        w={118}
        aria-label="Your status"
        data={statuses}
        value={agentStatus ?? null}
        allowDeselect={false}
        onChange={(status) => status && desk.setStatus(status)}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size="sm" aria-label="More">
            <IconDots size={17} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {phones.length > 1 && <Menu.Label>Phone</Menu.Label>}
          {phones.length > 1 &&
            phones.map((phone) => (
              <Menu.Item
                key={`${phone.type} ${phone.number ?? ''}`}
                disabled={phone.type === selectedPhone?.type}
                onClick={() => desk.send({ type: 'SET_AGENT_CONFIG', config: { selectedPhone: phone } })}
              >
                {phone.type === 'SOFT_PHONE' ? 'In the browser' : `Desk phone ${phone.number ?? ''}`}
              </Menu.Item>
            ))}
          <Menu.Item onClick={() => desk.send({ type: 'DOWNLOAD_VENDOR_LOGS' })}>Download its log</Menu.Item>
          <Menu.Item onClick={() => desk.send({ type: 'LOGOUT' })}>
            Sign out of the telephone system
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}

/** The connector never took the line: most often because its library listens to Salesforce's hosts alone. */
function Silent({ adapter, onAgain }: { adapter: MyAdapter; onAgain: () => void }) {
  const script = `<script src="${location.origin}/support/voice/1/voice-host.js"></script>`;
  return (
    <div className={classes.elsewhere} data-testid="voice-silent">
      <strong>The connector does not answer.</strong>
      <span>
        Its page at {new URL(adapter.adapterUrl).origin} was loaded, but took no line. Connectors listen to
        Salesforce’s own hosts only; the vendor makes his listen to this one with a line before his scripts:
      </span>
      <code className={voice.code}>{script}</code>
      <Button variant="default" onClick={onAgain}>
        Try again
      </Button>
    </div>
  );
}
