import { ActionIcon, Button, Group, Menu, Modal, NumberInput, Select, Stack } from '@mantine/core';
import {
  IconArrowBarToDown,
  IconDots,
  IconEar,
  IconEarOff,
  IconLogout,
  IconMessage,
  IconPlayerPlay,
  IconPlayerStop,
  IconSchool,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SupervisionMode } from '../../protocol/facts.ts';
import type { FloorAgent } from '../../protocol/floor.ts';
import type { ShownReason, ShownUser } from '../../protocol/setup.ts';
import type { Skill } from '../../protocol/skills.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { showError } from '../ui/show-error.ts';

/** What a supervisor can do with this agent now. What the server refuses, it says why. */
export function AgentActions({ agent }: { agent: FloorAgent }) {
  const me = useMe();
  const [skills, setSkills] = useState(false);
  const mine = agent.supervisors?.find(({ userId }) => userId === me.id);
  const talks = agent.state === 'talking' && agent.call !== undefined && agent.id !== me.id;
  const path = `/api/floor/agents/${encodeURIComponent(agent.id)}`;
  const supervise = (mode: SupervisionMode) => act(`${path}/supervise`, 'POST', { mode });
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon aria-label={`Actions on ${agent.name}`} data-row-menu data-testid="agent-menu">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>The call</Menu.Label>
          <Menu.Item
            leftSection={<IconEar size={15} />}
            disabled={!talks || mine?.mode === 'listen'}
            onClick={() => supervise('listen')}
          >
            Listen
          </Menu.Item>
          <Menu.Item
            leftSection={<IconMessage size={15} />}
            disabled={!talks || mine?.mode === 'whisper'}
            onClick={() => supervise('whisper')}
          >
            Whisper to {agent.name}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconUsers size={15} />}
            disabled={!talks}
            onClick={() => supervise('barge')}
          >
            Barge in
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowBarToDown size={15} />}
            disabled={!talks}
            onClick={() => supervise('take-over')}
          >
            Take over
          </Menu.Item>
          {mine && (
            <Menu.Item
              leftSection={<IconEarOff size={15} />}
              onClick={() => act('/api/floor/supervision', 'DELETE')}
            >
              Stop listening
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Label>The agent</Menu.Label>
          <StateItems agent={agent} path={path} />
          <Menu.Item leftSection={<IconSchool size={15} />} onClick={() => setSkills(true)}>
            Change a skill
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {skills && <SkillDialog agent={agent} path={path} onClose={() => setSkills(false)} />}
    </>
  );
}

function StateItems({ agent, path }: { agent: FloorAgent; path: string }) {
  const reasons = useQuery({
    queryKey: ['reasons'],
    queryFn: () => api<{ reasons: ShownReason[] }>('/api/reasons'),
    staleTime: 60_000,
  });
  const set = (state: string, reason?: string) =>
    act(`${path}/state`, 'PUT', { state, ...(reason === undefined ? {} : { reason }) });
  return (
    <>
      {agent.state === 'wrap-up' && (
        <Menu.Item
          leftSection={<IconPlayerStop size={15} />}
          onClick={() => act(`${path}/wrap-up`, 'DELETE')}
        >
          End the wrap-up
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<IconPlayerPlay size={15} />}
        disabled={agent.state === 'ready'}
        onClick={() => set('ready')}
      >
        Ready
      </Menu.Item>
      {(reasons.data?.reasons ?? [])
        .filter(({ kind, active, system }) => kind === 'not-ready' && active && !system)
        .map(({ id, label }) => (
          <Menu.Item key={id} pl={34} onClick={() => set('not-ready', id)}>
            Not ready: {label}
          </Menu.Item>
        ))}
      <Menu.Item
        leftSection={<IconLogout size={15} />}
        disabled={agent.state === 'logged-out'}
        onClick={() => set('logged-out')}
      >
        Log out
      </Menu.Item>
    </>
  );
}

function SkillDialog({ agent, path, onClose }: { agent: FloorAgent; path: string; onClose: () => void }) {
  const client = useQueryClient();
  const skills = useQuery({
    queryKey: ['skills'],
    queryFn: () => api<{ skills: Skill[] }>('/api/skills'),
  });
  const users = useQuery({ queryKey: ['users'], queryFn: () => api<{ users: ShownUser[] }>('/api/users') });
  const [skillId, setSkillId] = useState<string | null>(null);
  const [level, setLevel] = useState<number>();
  const has = users.data?.users.find(({ id }) => id === agent.id)?.skills ?? [];
  const now = has.find((one) => one.skillId === skillId)?.level ?? 0;
  const save = async () => {
    const done = await act(`${path}/skills/${encodeURIComponent(skillId ?? '')}`, 'PUT', {
      level: level ?? now,
    });
    if (!done) return;
    void client.invalidateQueries({ queryKey: ['users'] });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={`A skill of ${agent.name}`} size="sm">
      <Stack gap="sm">
        <Select
          label="Skill"
          data={(skills.data?.skills ?? []).map(({ id, label }) => ({ value: id, label }))}
          value={skillId}
          onChange={(id) => {
            setSkillId(id);
            setLevel(undefined);
          }}
          searchable
          data-autofocus
          nothingFoundMessage="There is no such skill"
        />
        <NumberInput
          label="Level"
          description="1 to 10; 0 takes it away"
          min={0}
          max={10}
          allowDecimal={false}
          value={level ?? now}
          onChange={(value) => setLevel(Number(value))}
          disabled={skillId === null}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => void save()} disabled={skillId === null}>
            Save
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Resolves with whether it was done. */
async function act(path: string, method: 'POST' | 'PUT' | 'DELETE', body?: object): Promise<boolean> {
  try {
    await api<unknown>(path, { method, ...(body ? { body } : {}) });
    return true;
  } catch (error) {
    showError(error);
    return false;
  }
}
