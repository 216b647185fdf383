import { MultiSelect, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import type { ObjectMeta } from '../../protocol/crm.ts';
import {
  type CallType,
  type CallTypeLayout,
  type LayoutObject,
  type PopRules,
  type PopTarget,
  URL_PLACEHOLDERS,
} from '../../protocol/layouts.ts';
import type { Script } from '../../protocol/scripts.ts';
import type { Form } from '../ui/use-form.ts';
import { FieldGrid } from './fields.tsx';
import classes from './form-page.module.css';
import { COUNT_LABELS, OPEN_CHOICES, targetChoices, WHEN_CHOICES } from './layout-words.ts';
import { Section } from './page.tsx';
import { useAnswer, useRecords } from './resource.ts';

type TypeForm = Form<
  Record<CallType, CallTypeLayout> & {
    label: string;
    isDefault: boolean;
    profileIds: string[];
    userIds: string[];
  }
>;

interface PartProps {
  value: CallTypeLayout;
  set: (change: Partial<CallTypeLayout>) => void;
  /** What is wrong with a part of it. */
  error: (name: string) => string | undefined;
  /** Its name in the form. */
  type: CallType;
  objects: ObjectMeta[];
  /** The active ones. */
  scripts: Script[];
}

const CALL_FIELDS = ['ANI', 'DNIS', 'QUEUE', 'data:*'];

/** What a layout says about one type of calls. */
export function CallTypeSection({ form, type, title }: { form: TypeForm; type: CallType; title: string }) {
  const objects = useAnswer<ObjectMeta[]>('/api/crm/objects').data ?? [];
  const scripts = useRecords<Script>('scripts').data ?? [];
  const part: PartProps = {
    value: form.values[type],
    set: (change) => form.set(type, { ...form.values[type], ...change }),
    error: (name) => form.error(`${type}.${name}`),
    type,
    objects,
    scripts: scripts.filter(({ active }) => active),
  };
  return (
    <Section title={title}>
      <FieldGrid>
        <TagsInput
          {...named(part, 'fields')}
          className={classes.wide}
          label="Fields of the call"
          description="ANI is the caller’s number, DNIS the dialled one; data:order is one key of the call data, data:* all of it. In the order to show them."
          data={CALL_FIELDS}
          value={part.value.fields}
          onChange={(fields) => part.set({ fields })}
        />
        <Objects {...part} />
        <PopSelect part={part} name="when" label="Pops" choices={WHEN_CHOICES} />
        <PopSelect part={part} name="open" label="Opens" choices={OPEN_CHOICES} />
        {(['none', 'one', 'many'] as const).map((count) => (
          <Target key={count} part={part} count={count} />
        ))}
      </FieldGrid>
    </Section>
  );
}

function named({ type, error }: PartProps, name: string) {
  return {
    size: 'xs' as const,
    error: error(name),
    'data-field': `${type}.${name}`,
    'data-testid': `field-${type}.${name}`,
  };
}

function Objects(props: PartProps) {
  const { value, set, objects } = props;
  const chosen = value.objects;
  const choose = (names: string[]) =>
    set({
      objects: names.map((object) => chosen?.find((one) => one.object === object) ?? { object, fields: [] }),
    });
  const change = (changed: LayoutObject) =>
    set({ objects: (chosen ?? []).map((one) => (one.object === changed.object ? changed : one)) });
  return (
    <>
      <Switch
        size="xs"
        label="Every object is searched"
        checked={chosen === null}
        onChange={({ currentTarget }) => set({ objects: currentTarget.checked ? null : [] })}
        data-testid={`all-objects-${props.type}`}
      />
      {chosen && (
        <MultiSelect
          {...named(props, 'objects')}
          label="Objects that are searched"
          description="The first goes first. Without any, no record is looked up."
          data={objects.map(({ name, label }) => ({ value: name, label }))}
          value={chosen.map(({ object }) => object)}
          onChange={choose}
          searchable
          hidePickedOptions
        />
      )}
      {chosen?.map((one, index) => {
        const meta = objects.find(({ name }) => name === one.object);
        return (
          <MultiSelect
            key={one.object}
            {...named(props, `objects.${index}.fields`)}
            label={`${meta?.label ?? one.object}: fields beside the name`}
            data={(meta?.fields ?? []).map(({ name, label }) => ({ value: name, label }))}
            value={one.fields}
            onChange={(fields) => change({ ...one, fields })}
            searchable
            hidePickedOptions
          />
        );
      })}
    </>
  );
}

interface PopSelectProps {
  part: PartProps;
  name: 'when' | 'open';
  label: string;
  choices: { value: string; label: string }[];
}

function PopSelect({ part, name, label, choices }: PopSelectProps) {
  const { pop } = part.value;
  return (
    <Select
      {...named(part, `pop.${name}`)}
      label={label}
      data={choices}
      allowDeselect={false}
      value={pop[name]}
      onChange={(value) => part.set({ pop: { ...pop, [name]: value } as PopRules })}
    />
  );
}

/** What is wrong with these is shown at their own fields. */
const HAS_PARTS: ReadonlySet<PopTarget['kind']> = new Set(['new', 'page', 'script']);

function Target({ part, count }: { part: PartProps; count: 'none' | 'one' | 'many' }) {
  const { pop } = part.value;
  const target = pop[count];
  const set = (next: PopTarget) => part.set({ pop: { ...pop, [count]: next } });
  const name = `pop.${count}`;
  return (
    <>
      <Select
        {...named(part, name)}
        error={HAS_PARTS.has(target.kind) ? undefined : part.error(name)}
        label={COUNT_LABELS[count]}
        data={targetChoices(count)}
        allowDeselect={false}
        value={target.kind}
        onChange={(kind) => set(emptyTarget(kind))}
      />
      {target.kind === 'new' && (
        <Select
          {...named(part, `${name}.object`)}
          label="A new"
          data={part.objects.map((object) => ({ value: object.name, label: object.label }))}
          allowDeselect={false}
          value={target.object}
          onChange={(object) => set({ kind: 'new', object: object ?? '' })}
        />
      )}
      {target.kind === 'script' && (
        <Select
          {...named(part, `${name}.scriptId`)}
          label="Script"
          placeholder="Choose an active script"
          data={part.scripts.map((script) => ({ value: script.id, label: script.label }))}
          nothingFoundMessage="No script is active"
          allowDeselect={false}
          value={target.scriptId || null}
          onChange={(scriptId) => set({ kind: 'script', scriptId: scriptId ?? '' })}
        />
      )}
      {target.kind === 'page' && (
        <TextInput
          {...named(part, `${name}.url`)}
          className={classes.wide}
          label="Its address"
          placeholder="https://orders.example.com/find?number={ANI}"
          description={`Filled in: ${URL_PLACEHOLDERS.map((one) => `{${one}}`).join(' ')} {data:key}`}
          value={target.url}
          onChange={({ currentTarget }) => set({ kind: 'page', url: currentTarget.value })}
        />
      )}
    </>
  );
}

function emptyTarget(kind: string | null): PopTarget {
  if (kind === 'new') return { kind, object: 'Contact' };
  if (kind === 'page') return { kind, url: '' };
  if (kind === 'script') return { kind, scriptId: '' };
  return kind === 'record' || kind === 'search' ? { kind } : { kind: 'nothing' };
}
