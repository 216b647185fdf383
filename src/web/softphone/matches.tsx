import { Button, Text, UnstyledButton } from '@mantine/core';
import { IconExternalLink, IconRefresh, IconUserPlus } from '@tabler/icons-react';
import type { Line, MatchedRecord } from '../../protocol/softphone.ts';
import classes from './matches.module.css';
import { usePending, useSession } from './session-context.tsx';

/** Who this may be, by the number; a click shows the record. */
export function Matches({ line }: { line: Line }) {
  const { status, records, more } = line.match;
  if (status === 'searching') return null;
  if (status !== 'done') return <Unanswered line={line} />;
  if (records.length === 0) return <NoMatch line={line} />;
  const choice = line.popChoice;
  return (
    <div>
      {records.length > 1 && (
        <Text className={classes.note}>
          {records.length}
          {more ? ' or more' : ''} records have this number
        </Text>
      )}
      <ul className={classes.list} aria-label="Records with this number">
        {records.map((record) => (
          <Match key={record.id} line={line} record={record} />
        ))}
      </ul>
      {choice && choice.decision !== 'record' && (records.length > 1 || choice.decision !== 'list') && (
        <PopButton line={line} />
      )}
    </div>
  );
}

/** The CRM did not answer: he asks again when he likes. */
function Unanswered({ line }: { line: Line }) {
  const session = useSession();
  const pending = usePending('match.again', line);
  return (
    <div className={classes.unanswered}>
      <Text className={classes.note} role="status">
        {line.match.status === 'timeout'
          ? 'The CRM did not answer in time, so it is not known who this is. The call is not affected.'
          : 'The records could not be searched. The call is not affected.'}
      </Text>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconRefresh size={13} />}
        loading={pending}
        onClick={() => session.run({ verb: 'match.again', lineId: line.id })}
        data-testid="match-again"
      >
        Search again
      </Button>
    </div>
  );
}

function Match({ line, record }: { line: Line; record: MatchedRecord }) {
  const session = useSession();
  const show = () => {
    session.open(record);
    session.run({ verb: 'pop', lineId: line.id, recordId: record.id });
  };
  return (
    <li>
      <UnstyledButton
        className={classes.match}
        onClick={show}
        data-testid="match"
        title={`Open ${record.name}`}
      >
        <span className={classes.kind}>{record.object}</span>
        <span className={classes.name}>
          {record.name}
          {record.detail && <span className={classes.detail}>{record.detail}</span>}
          {record.fields?.map(({ label, value }) => (
            <span key={label} className={classes.detail} data-testid="match-field">
              {label}: {value}
            </span>
          ))}
        </span>
        <IconExternalLink size={15} stroke={1.7} aria-hidden />
      </UnstyledButton>
    </li>
  );
}

function NoMatch({ line }: { line: Line }) {
  if (!line.peer.value) return null;
  return (
    <div className={classes.none}>
      <Text className={classes.note}>No record has this number.</Text>
      {(line.pop ?? line.popChoice) && <PopButton line={line} />}
    </div>
  );
}

/** Shows by hand what the layout pops. */
function PopButton({ line }: { line: Line }) {
  const session = useSession();
  const { decision, object = 'Contact' } = line.popChoice ?? { decision: 'new' };
  return (
    <Button
      className={classes.new}
      variant="default"
      leftSection={decision === 'new' ? <IconUserPlus size={15} /> : <IconExternalLink size={15} />}
      onClick={() => session.run({ verb: 'pop', lineId: line.id })}
      data-testid="pop-by-hand"
    >
      {decision === 'new'
        ? `New ${object.toLowerCase()}`
        : decision === 'list'
          ? 'Show them all'
          : decision === 'script'
            ? 'Start the script'
            : 'Open the page'}
    </Button>
  );
}
