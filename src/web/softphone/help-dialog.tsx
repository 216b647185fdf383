import { Modal } from '@mantine/core';
import { KeyHint } from '../ui/key-hint.tsx';

const KEYS: [keys: string, what: string][] = [
  ['a', 'Answer the call that rings'],
  ['d', 'Decline it'],
  ['e', 'End the call'],
  ['h', 'Hold, and resume'],
  ['x', 'Swap: take up the call on hold, and hold the one you talk on'],
  ['m', 'Mute, and unmute'],
  ['k', 'Show the keypad; digits you type then go to the other side'],
  ['t', 'Transfer: find somebody; Enter asks first, Shift+Enter transfers at once'],
  ['o', 'Complete the transfer to whom you asked'],
  ['j', 'Join all three in a conference'],
  ['b', 'Cancel the consultation and go back to the caller'],
  ['p', 'Park the caller'],
  ['r', 'Record, pause, go on recording'],
  ['n', 'Write notes'],
  ['f', 'Finish the wrap-up'],
  ['c', 'Type a number to call'],
  ['s', 'Change your state'],
  ['?', 'This list'],
];

/** The keys of the softphone. */
export function HelpDialog({
  opened,
  onClose,
  shortcuts,
}: {
  opened: boolean;
  onClose(): void;
  shortcuts: boolean;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <table style={{ width: '100%', borderSpacing: '0 7px', fontSize: 13.5 }}>
        <tbody>
          {KEYS.map(([keys, what]) => (
            <tr key={keys}>
              <th scope="row" style={{ width: 44, textAlign: 'left', fontWeight: 400 }}>
                <KeyHint keys={keys} />
                <span className="cp-visually-hidden">{keys}</span>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p style={{ color: 'var(--cp-muted)', fontSize: 12.5, margin: '8px 0 0' }}>
        {shortcuts
          ? 'They work while the softphone has the focus and you are not typing in a field.'
          : 'They are switched off. Switch them on in the settings.'}
      </p>
    </Modal>
  );
}
