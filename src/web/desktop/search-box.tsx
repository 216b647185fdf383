import { Combobox, Loader, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { KeyHint } from '../ui/key-hint.tsx';
import { errorText } from '../ui/states.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import { useSearchQuery } from './data.ts';
import { useGrouped } from './grouped.ts';
import { RecordLine } from './record-line.tsx';
import classes from './search-box.module.css';
import { pathOf } from './softphone-host.ts';

/** Milliseconds between the last key and the question to the server. */
const TYPING_MS = 120;

/** Search over everything, by name or by a number in any way of typing it; results as one types. */
export function SearchBox({ go }: { go: (path: string) => void }) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text, TYPING_MS);
  const found = useSearchQuery(asked, 8);
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  useHotkey('/', () => input.current?.focus());

  const leave = (path: string) => {
    combobox.closeDropdown();
    setText('');
    input.current?.blur();
    go(path);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setText('');
      input.current?.blur();
    }
    // Enter on a chosen option is the combobox's own.
    if (event.key === 'Enter' && combobox.getSelectedOptionIndex() < 0 && text.trim() !== '')
      leave(`/search?q=${encodeURIComponent(text.trim())}`);
  };
  const open = asked.trim().length > 1 && text.trim().length > 1;
  const records = found.data?.records ?? [];
  const groups = useGrouped(records);
  return (
    <search className={classes.search}>
      <Combobox store={combobox} onOptionSubmit={leave} shadow="md" offset={6} withinPortal={false}>
        <Combobox.Target>
          <TextInput
            ref={input}
            className={classes.box}
            classNames={{ input: classes.input }}
            aria-label="Search by name or number"
            placeholder="Search by name or number"
            leftSection={<IconSearch size={16} stroke={1.8} />}
            rightSection={found.isFetching ? <Loader size={14} /> : <KeyHint keys="/" />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.openDropdown();
              combobox.updateSelectedOptionIndex();
            }}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onKeyDown={key}
            data-testid="search-input"
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!open || (!found.data && !found.isError)} className={classes.results}>
          <Combobox.Options aria-label="Search results">
            {groups.map(({ meta, found: some }) => (
              <Combobox.Group key={meta.name} label={meta.labelPlural}>
                {some.map((record) => (
                  <Combobox.Option key={record.id} value={pathOf(record)} data-testid="search-option">
                    <RecordLine record={record} />
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
            {records.length === 0 && (
              <Combobox.Empty>
                {found.isError
                  ? errorText(found.error)
                  : `Nothing is called “${asked.trim()}” or has it as a number.`}
              </Combobox.Empty>
            )}
            {found.data?.more && (
              <Combobox.Option
                value={`/search?q=${encodeURIComponent(asked.trim())}`}
                className={classes.more}
              >
                Show all results
              </Combobox.Option>
            )}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </search>
  );
}
