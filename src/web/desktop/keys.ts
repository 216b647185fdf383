/** The console's keys and what they do: the help sheet, and the first of them on the home page. */
export const KEYS: readonly [keys: string, does: string][] = [
  ['?', 'All keys'],
  ['/', 'Search by name or number'],
  ['g c', 'Contacts; a, l, s, t for the others'],
  ['g h', 'Home'],
  ['e', 'Edit the record that is open'],
  ['Ctrl ↵', 'Save'],
  ['Escape', 'Close what has opened, leave a form without changes'],
  ['v', 'Choose a list'],
  ['f', 'Filter the list by words or a number'],
  ['c', 'Conditions of the list'],
  ['↓', 'Next row of a list, ↑ the one before'],
  [']', 'Next tab'],
  ['[', 'The tab before'],
  ['x', 'Close this tab'],
  ['Ctrl click', 'Open a link in a sub-tab'],
];
