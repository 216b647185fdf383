/** What the layouts' choices are called. */
export const WHEN_CHOICES = [
  { value: 'ring', label: 'When it rings' },
  { value: 'answer', label: 'When it is answered' },
  { value: 'hand', label: 'When the agent asks' },
];

export const OPEN_CHOICES = [
  { value: 'tab', label: 'In the same tab' },
  { value: 'subtab', label: 'In a new sub-tab' },
  { value: 'window', label: 'In a new window' },
];

const TARGETS = {
  nothing: 'Nothing',
  record: 'The record',
  search: 'The search page',
  new: 'A new record',
  page: 'A page',
  script: 'A script, beside the record',
} as const;

/** What may pop for so many matches. */
export function targetChoices(count: 'none' | 'one' | 'many'): { value: string; label: string }[] {
  return Object.entries(TARGETS)
    .filter(([kind]) => kind !== 'record' || count === 'one')
    .map(([value, label]) => ({ value, label }));
}

export const COUNT_LABELS = { none: 'No match', one: 'One match', many: 'Several matches' } as const;
