import { Button, FileButton, Input, SegmentedControl, Select, Textarea } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { FlowField } from '../../../protocol/flow-nodes.ts';
import type { FlowPrompt } from '../../../protocol/flows.ts';
import { errorText } from '../../ui/states.tsx';
import { useChange } from '../resource.ts';
import { recordingAudio, uploadRecording } from './flow-api.ts';
import { languageName } from './languages.ts';
import classes from './panel.module.css';
import { useEditor } from './use-flow-editor.ts';
import { useReferences } from './use-references.ts';

interface PromptInputProps {
  field: FlowField;
  path: string;
  value: unknown;
  errorAt: (path: string) => string | undefined;
  onChange: (value: FlowPrompt) => void;
}

type Said = FlowPrompt[string];

/** What is said, in each language of the flow: a text, or a recording. */
export function PromptInput({ field, path, value, errorAt, onChange }: PromptInputProps) {
  const { document } = useEditor();
  const prompt = (value ?? {}) as FlowPrompt;
  const { languages } = document;
  const [first = 'en'] = languages;
  const [chosen, setChosen] = useState(first);
  const language = languages.includes(chosen) ? chosen : first;
  const said = prompt[language];
  const set = (next: Said) => onChange({ ...prompt, [language]: next });
  return (
    <Input.Wrapper
      label={field.label}
      withAsterisk={field.required}
      error={errorAt(path)}
      description={field.help || undefined}
      size="xs"
      labelElement="div"
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data-field={path}
    >
      <div className={classes.prompt}>
        <div className={classes.promptHead}>
          {languages.length > 1 && (
            <SegmentedControl
              size="xs"
              aria-label={`Language of ${field.label}`}
              data={languages.map((one) => ({ value: one, label: prompt[one] ? one : `${one} ·` }))}
              value={language}
              onChange={setChosen}
            />
          )}
          <SegmentedControl
            size="xs"
            aria-label={`${field.label}: text or recording`}
            data={[
              { value: 'text', label: 'Text' },
              { value: 'recording', label: 'Recording' },
            ]}
            value={said && 'recordingId' in said ? 'recording' : 'text'}
            onChange={(how) => set(how === 'text' ? { text: '' } : { recordingId: '' })}
          />
        </div>
        {said && 'recordingId' in said ? (
          <RecordingChoice
            label={`${field.label}, recording in ${languageName(language)}`}
            language={language}
            value={said.recordingId}
            onChange={(recordingId) => set({ recordingId })}
          />
        ) : (
          <Textarea
            size="xs"
            aria-label={`${field.label} in ${languageName(language)}`}
            autosize
            minRows={2}
            maxRows={10}
            value={said?.text ?? ''}
            onChange={({ currentTarget }) => set({ text: currentTarget.value })}
            data-testid={`setting-${path}`}
          />
        )}
      </div>
    </Input.Wrapper>
  );
}

function RecordingChoice({
  label,
  language,
  value,
  onChange,
}: {
  label: string;
  language: string;
  value: string;
  onChange: (id: string) => void;
}) {
  const { recordings } = useReferences();
  const failure = useId();
  const upload = useChange((file: File) => uploadRecording(file, language));
  return (
    <>
      <div className={classes.recording}>
        <Select
          size="xs"
          aria-label={label}
          placeholder={recordings.length === 0 ? 'None uploaded yet' : 'Choose one'}
          data={recordings.map((one) => ({
            value: one.id,
            label: `${one.label} (${Math.round(one.seconds)} s)`,
          }))}
          searchable
          allowDeselect={false}
          value={value || null}
          onChange={(id) => onChange(id ?? '')}
        />
        <FileButton
          accept="audio/wav,.wav"
          onChange={(file) => file && upload.mutate(file, { onSuccess: ({ id }) => onChange(id) })}
          inputProps={{ 'aria-label': `Upload a recording for ${label}` }}
        >
          {(props) => (
            <Button
              {...props}
              variant="default"
              loading={upload.isPending}
              leftSection={<IconUpload size={14} />}
              aria-describedby={upload.isError ? failure : undefined}
            >
              Upload
            </Button>
          )}
        </FileButton>
      </div>
      {upload.isError && (
        <Input.Error size="xs" id={failure} role="alert">
          {errorText(upload.error)}
        </Input.Error>
      )}
      {value !== '' && recordings.some(({ id }) => id === value) && (
        <audio
          key={value}
          className={classes.audio}
          controls
          preload="none"
          src={recordingAudio(value)}
          aria-label={label}
        />
      )}
    </>
  );
}
