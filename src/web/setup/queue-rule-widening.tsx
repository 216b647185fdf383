import { MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import type { AgentGroup, HelpingQueue, RelaxStep } from '../../protocol/queue-rules.ts';
import type { ShownUser } from '../../protocol/setup.ts';
import { SMALL } from './fields.tsx';
import type { RulePartProps } from './queue-rule.tsx';
import { Lines, TimeInput } from './queue-rule-inputs.tsx';
import { SkillLevels } from './skill-levels.tsx';

const STEP: RelaxStep = { afterMs: 20_000, requirements: [] };
const GROUP: AgentGroup = { label: '', afterMs: 30_000, userIds: [] };
const HELPER: HelpingQueue = { queueId: '', afterMs: 120_000 };

/** How those who are offered a call become more: less is required, groups of members join, members of other queues help. */
export function Widening({
  rule,
  queues,
  users,
  error,
  set,
}: RulePartProps & { users: readonly ShownUser[] }) {
  const last = rule.steps.at(-1)?.afterMs ?? 0;
  return (
    <Stack gap="md">
      <div>
        <Heading>What is required later, in place of the skills above</Heading>
        <Lines
          one="step"
          values={rule.steps}
          fresh={{ ...STEP, afterMs: last + STEP.afterMs }}
          max={10}
          onChange={(steps) => set({ steps })}
          show={(step, put, n) => (
            <>
              <TimeInput
                label="After"
                ms={step.afterMs}
                error={error(`steps.${n}.afterMs`) ?? (n === 0 ? error('steps') : undefined)}
                onChange={(afterMs) => put({ ...step, afterMs: afterMs ?? 0 })}
              />
              <div style={{ marginTop: 22 }}>
                <SkillLevels
                  name={`rule.steps.${n}.requirements`}
                  levelLabel="Level at least"
                  values={step.requirements.map(({ skillId, minimum }) => ({ skillId, level: minimum }))}
                  firstLevel={1}
                  error={error(`steps.${n}.requirements`)}
                  onChange={(levels) =>
                    put({
                      ...step,
                      requirements: levels.map(({ skillId, level }) => ({ skillId, minimum: level })),
                    })
                  }
                />
              </div>
            </>
          )}
        />
      </div>
      <div>
        <Heading>Members who are offered calls only after a while</Heading>
        <Lines
          one="group"
          values={rule.groups}
          fresh={GROUP}
          max={10}
          onChange={(groups) => set({ groups })}
          show={(group, put, n) => (
            <>
              <TextInput
                {...SMALL}
                label="Name"
                value={group.label}
                error={error(`groups.${n}.label`) ?? (n === 0 ? error('groups') : undefined)}
                onChange={(event) => put({ ...group, label: event.currentTarget.value })}
              />
              <TimeInput
                label="After"
                ms={group.afterMs}
                error={error(`groups.${n}.afterMs`)}
                onChange={(afterMs) => put({ ...group, afterMs: afterMs ?? 0 })}
              />
              <MultiSelect
                {...SMALL}
                label="Members"
                w={320}
                searchable
                data={users.map(({ id, name }) => ({ value: id, label: name }))}
                value={group.userIds}
                error={error(`groups.${n}.userIds`)}
                onChange={(userIds) => put({ ...group, userIds })}
              />
            </>
          )}
        />
      </div>
      <div>
        <Heading>Queues whose members help; the queue’s own members go first</Heading>
        <Lines
          one="helping queue"
          values={rule.helpers}
          fresh={HELPER}
          max={10}
          onChange={(helpers) => set({ helpers })}
          show={(helper, put, n) => (
            <>
              <Select
                {...SMALL}
                label="Queue"
                placeholder="Choose a queue"
                searchable
                data={queues.map(({ id, label }) => ({ value: id, label }))}
                value={helper.queueId || null}
                error={error(`helpers.${n}.queueId`) ?? (n === 0 ? error('helpers') : undefined)}
                onChange={(queueId) => put({ ...helper, queueId: queueId ?? '' })}
              />
              <TimeInput
                label="After"
                ms={helper.afterMs}
                error={error(`helpers.${n}.afterMs`)}
                onChange={(afterMs) => put({ ...helper, afterMs: afterMs ?? 0 })}
              />
            </>
          )}
        />
      </div>
    </Stack>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <Text size="xs" fw={500} mb={6}>
      {children}
    </Text>
  );
}
