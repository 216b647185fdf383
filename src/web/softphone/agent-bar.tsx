import { ActionIcon, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import {
  IconArrowBackUp,
  IconChevronDown,
  IconExternalLink,
  IconHelp,
  IconSettings,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import { useHotkey } from '../ui/use-hotkey.ts';
import { agentTone } from '../ui/agent-tone.ts';
import { Timer } from '../ui/time.tsx';
import classes from './agent-bar.module.css';
import { usePending, useSession, useSoftphone } from './session-context.tsx';
import { TodayTimes } from './state-times.tsx';
import { STATE_WORDS } from './state-words.ts';

interface AgentBarProps {
  shortcuts: boolean;
  onSettings(): void;
  onHelp(): void;
  /** Undefined where the phone has a window of its own already. */
  onPopOut: (() => void) | undefined;
}

/** What the agent is to the queues, for how long, and the choices he has. */
export function AgentBar({ shortcuts, onSettings, onHelp, onPopOut }: AgentBarProps) {
  return (
    <header className={classes.bar}>
      <AgentState shortcuts={shortcuts} />
      <span className={classes.tools}>
        {onPopOut && (
          <Tooltip label="Open in its own window">
            <ActionIcon
              size="lg"
              aria-label="Open in its own window"
              onClick={onPopOut}
              data-testid="pop-out"
            >
              <IconExternalLink size={19} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
        <Tooltip label="Phone and settings">
          <ActionIcon size="lg" aria-label="Phone and settings" onClick={onSettings} data-testid="settings">
            <IconSettings size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon size="lg" aria-label="Keyboard shortcuts" onClick={onHelp}>
            <IconHelp size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </span>
    </header>
  );
}

function AgentState({ shortcuts }: { shortcuts: boolean }) {
  const { agent } = useSoftphone();
  const session = useSession();
  const pending = usePending('agent.state');
  const [opened, setOpened] = useState(false);
  useHotkey('s', () => setOpened(true), shortcuts);
  return (
    <Menu position="bottom-start" width={248} shadow="md" opened={opened} onChange={setOpened}>
      <Menu.Target>
        <UnstyledButton
          className={classes.state}
          data-tone={agentTone(agent.shown)}
          data-pending={pending || undefined}
          data-waiting={agent.pending !== undefined || undefined}
          data-testid="agent-state"
          data-state={agent.shown}
        >
          <span className={classes.dot} aria-hidden />
          <span className={classes.words}>
            <span className="cp-visually-hidden">Your state: </span>
            <span className={classes.word}>{STATE_WORDS[agent.shown]}</span>
            {detail(agent) && <span className={classes.next}>{detail(agent)}</span>}
          </span>
          <span aria-hidden>
            <Timer since={agent.since} now={session.serverNow} className={classes.since} />
          </span>
          <IconChevronDown size={15} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <TakeBack />
        <StateChoices />
        <TodayTimes />
      </Menu.Dropdown>
    </Menu>
  );
}

function StateChoices() {
  const { agent } = useSoftphone();
  return agent.choices.map((choice) => {
    const reasons = choice.reasons.length > 0;
    return (
      <div key={choice.state}>
        {!(reasons && choice.reasonRequired) && (
          <StateItem choice={choice} label={choice.label} testId={`state-${choice.state}`} />
        )}
        {reasons && <Menu.Label>{choice.label}, because</Menu.Label>}
        {reasons &&
          choice.reasons.map((reason, i) => (
            <StateItem
              key={reason.id}
              choice={choice}
              reason={reason.id}
              label={reason.label}
              testId={
                choice.reasonRequired && i === 0
                  ? `state-${choice.state}`
                  : `state-${choice.state}-${reason.id}`
              }
            />
          ))}
        {reasons && <Menu.Divider />}
      </div>
    );
  });
}

/** What was chosen for after the call does not come. */
function TakeBack() {
  const { pending, requested } = useSoftphone().agent;
  const session = useSession();
  if (!pending || pending.platform !== undefined) return null;
  return (
    <>
      <Menu.Item
        leftSection={<IconArrowBackUp size={15} aria-hidden />}
        data-testid="take-back-state"
        onClick={() => session.run({ verb: 'agent.state', ...requested })}
      >
        Stay {STATE_WORDS[requested.state].toLowerCase()} after the call
      </Menu.Item>
      <Menu.Divider />
    </>
  );
}

interface StateItemProps {
  choice: SoftphoneState['agent']['choices'][number];
  reason?: string;
  label: string;
  testId: string;
}

function StateItem({ choice, reason, label, testId }: StateItemProps) {
  const session = useSession();
  const { requested } = useSoftphone().agent;
  const current = requested.state === choice.state && requested.reason === reason;
  const why = choice.action.enabled ? undefined : choice.action.text;
  return (
    <Menu.Item
      leftSection={<span className={classes.itemDot} data-state={choice.state} aria-hidden />}
      aria-current={current || undefined}
      fw={current ? 650 : undefined}
      aria-disabled={why !== undefined}
      data-testid={testId}
      closeMenuOnClick={why === undefined}
      onClick={() => why ?? session.run({ verb: 'agent.state', state: choice.state, reason })}
    >
      {label}
      {why && <span className={classes.why}>{why}</span>}
    </Menu.Item>
  );
}

/** What is to come, why he is not ready or logged out, or what he is again after the call when that is not ready. */
function detail(agent: SoftphoneState['agent']): string | undefined {
  const { requested, shown, pending } = agent;
  if (pending) {
    const wanted = STATE_WORDS[pending.state] + (pending.reason ? `: ${pending.reason}` : '');
    return pending.platform ? `${wanted} … waiting for ${pending.platform}` : `then ${uncapitalized(wanted)}`;
  }
  if (shown === 'not-ready' || shown === 'logged-out') return agent.reason;
  const busy = shown === 'talking' || shown === 'wrap-up' || shown === 'offered';
  if (!busy || requested.state === 'ready') return undefined;
  const reason = reasonLabel(agent, requested.reason);
  return `then ${uncapitalized(STATE_WORDS[requested.state])}${reason ? `: ${reason}` : ''}`;
}

function uncapitalized(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

function reasonLabel(agent: SoftphoneState['agent'], reason: string | undefined): string | undefined {
  if (reason === undefined) return undefined;
  return agent.choices.flatMap((choice) => choice.reasons).find((one) => one.id === reason)?.label ?? reason;
}
