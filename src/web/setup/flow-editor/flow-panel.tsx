import { Anchor, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { FlowLanguage } from '../../../protocol/flows.ts';
import { languageName } from './languages.ts';
import { titleWithId } from './node-panel.tsx';
import classes from './panel.module.css';
import { titleOf, useEditor } from './use-flow-editor.ts';

/** The flow itself: what it is called, its languages, where callers begin, and what leads to it. */
export function FlowPanel() {
  const { drawn, document, kinds, flow, mayChange, describe, change, selection } = useEditor();
  return (
    <div className={classes.body} data-testid="flow-panel">
      <h2 className={classes.title}>
        {selection.size > 1 ? `${selection.size} nodes are selected` : 'The flow'}
      </h2>
      <fieldset disabled={!mayChange} className={classes.fields}>
        <TextInput
          size="xs"
          label="Name"
          withAsterisk
          maxLength={80}
          value={drawn.label}
          error={drawn.label.trim() === '' ? 'This is needed.' : undefined}
          onChange={({ currentTarget }) => describe({ label: currentTarget.value })}
          data-testid="flow-label"
        />
        <Textarea
          size="xs"
          label="Description"
          autosize
          minRows={2}
          maxLength={400}
          value={drawn.description}
          onChange={({ currentTarget }) => describe({ description: currentTarget.value })}
        />
        <TagsInput
          size="xs"
          label="Languages"
          description={`Tags such as en or pt-BR. ${languageName(document.languages[0] ?? 'en')} is spoken where a caller chose none.`}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={document.languages}
          onChange={(tags) => {
            const languages = tags.filter((tag) => FlowLanguage.safeParse(tag).success);
            if (languages.length > 0) change((before) => ({ ...before, languages }));
          }}
          splitChars={[',', ' ']}
          data-testid="flow-languages"
        />
        <Select
          size="xs"
          label="Callers begin at"
          placeholder="No node yet"
          data={document.nodes.map((node) => ({
            value: node.id,
            label: titleWithId(titleOf(kinds, node), node.id, document.nodes, kinds),
          }))}
          searchable
          allowDeselect={false}
          value={document.start}
          onChange={(start) => change((before) => ({ ...before, start }))}
        />
      </fieldset>
      <section>
        <h3 className={classes.subtitle}>Where it is used</h3>
        {flow.usedBy.length === 0 ? (
          <p className={classes.note}>
            Nothing leads to it yet. Choose it at one of the{' '}
            <Anchor href="/setup/numbers" inherit>
              numbers
            </Anchor>
            .
          </p>
        ) : (
          <ul className={classes.list}>
            {flow.usedBy.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
