import { beforeEach, describe, expect, it } from 'vitest';
import { agent, errorOf, testCrm } from '../../../../test/harness/crm.ts';
import { ImportPlan, type ImportJob } from '../../../protocol/imports.ts';
import type { CrmRecord } from '../../../protocol/crm.ts';
import { ImportJobs } from './import-jobs.ts';

const { crm, db, clock, contact, make } = await testCrm();
const fail = (error: unknown) => {
  throw error;
};
const options = { db, clock, objects: () => crm.objects(), country: 'GB', onError: fail };
let imports: ImportJobs;

beforeEach(async () => {
  imports = await ImportJobs.load(options);
  await db.query('DELETE FROM record');
});

async function* inPieces(file: string | Buffer): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(file as string);
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}

const upload = (file: string | Buffer) =>
  imports.upload('user_root', { fileName: 'people.csv' }, inPieces(file));

async function settled(id: string): Promise<ImportJob> {
  for (;;) {
    const job = await imports.read(id);
    if (job.status !== 'checking' && job.status !== 'applying') return job;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

type Columns = (string | [field: string, by: 'name'])[];

function planOf(object: string, columns: Columns, more: object = {}): ImportPlan {
  const mapped = columns.map((one, column) =>
    typeof one === 'string' ? { column, field: one } : { column, field: one[0], by: one[1] },
  );
  const used = mapped.filter(({ field }) => field !== '');
  return ImportPlan.parse({ object, mode: 'insert', columns: used, ...more });
}

async function checked(file: string | Buffer, plan: ImportPlan): Promise<ImportJob> {
  const { id } = await upload(file);
  await imports.check(id, plan);
  return await settled(id);
}

async function applied(file: string | Buffer, plan: ImportPlan, skipBad = false): Promise<ImportJob> {
  const { id, status, problem } = await checked(file, plan);
  expect(status, problem ?? '').toBe('checked');
  await imports.apply(id, 'user_root', skipBad);
  return await settled(id);
}

async function all(object: string): Promise<CrmRecord[]> {
  return (await crm.list(agent, object, { limit: 200 })).records;
}

async function errorsOf(job: ImportJob): Promise<string[]> {
  return (await imports.errors(job.id)).map(({ row, error }) => `${row}: ${error}`);
}

async function staged(jobId: string): Promise<number> {
  return (await db.query('SELECT 1 FROM import_row WHERE job_id = $1', [jobId])).length;
}

const PEOPLE: Columns = ['FirstName', 'LastName', 'Phone', 'Email'];

describe('an import', () => {
  it('makes records that are like any other: searched, matched by their numbers, owned', async () => {
    const job = await applied(
      'First,Last,Tel,Mail\nAda,King,020 7946 0958,ada@x.example\n',
      planOf('Contact', PEOPLE),
    );
    expect(job).toMatchObject({ status: 'done', rows: 1, inserts: 1, updates: 0, bad: 0, progress: 1 });
    const [ada] = await all('Contact');
    expect(ada).toMatchObject({ name: 'Ada King', fields: { Phone: '+442079460958', OwnerId: 'user_root' } });
    expect((await crm.match(agent, '02079460958')).records).toMatchObject([{ id: ada?.id }]);
    expect((await crm.search(agent, 'kin')).records).toMatchObject([{ id: ada?.id }]);
    expect(await staged(job.id)).toBe(0);
  });

  it('reads semicolons, Windows-1252, whole names and choices in any case', async () => {
    const file = Buffer.from('Name;Company;Status\nMüller, Jörg;Bäcker;working\nCher;Music;\n', 'latin1');
    const { encoding, delimiter, id } = await upload(file);
    expect({ encoding, delimiter }).toEqual({ encoding: 'windows-1252', delimiter: ';' });
    await imports.check(id, planOf('Lead', ['Name', 'Company', 'Status']));
    await settled(id);
    await imports.apply(id, 'user_root', false);
    expect(await settled(id)).toMatchObject({ status: 'done' });
    const leads = await all('Lead');
    expect(leads.map((lead) => [lead.fields.FirstName, lead.fields.LastName, lead.fields.Status])).toEqual([
      [null, 'Cher', 'New'],
      ['Jörg', 'Müller', 'Working'],
    ]);
  });

  it('links contacts to accounts by name or id', async () => {
    const acme = await make('Account', { Name: 'Acme Ltd' });
    await make('Account', { Name: 'Twin' });
    await make('Account', { Name: 'Twin' });
    const byName = planOf('Contact', ['LastName', ['AccountId', 'name']]);
    const job = await checked('Last,Company\nA,ACME ltd\nB,Nowhere\nC,Twin\nD,\n', byName);
    expect(await errorsOf(job)).toEqual([
      '2: Account “nowhere” does not exist',
      '3: 2 records of Account are called “twin”: name it by its id',
    ]);
    await imports.apply(job.id, 'user_root', true);
    expect(await settled(job.id)).toMatchObject({ status: 'done', inserts: 2 });
    const byId = planOf('Contact', ['LastName', 'AccountId']);
    expect(await errorsOf(await checked('L,A\nE,001000000000zzz\nF,x\n', byId))).toEqual([
      '1: Account with the id 001000000000zzz does not exist',
      '2: Account is not the id of a record',
    ]);
    await applied(`L,A\nG,${acme.id}\n`, byId);
    const linked = await crm.related(agent, acme.id, 'Contact', 'AccountId');
    expect(linked.records.map((record) => record.name).sort()).toEqual(['A', 'G']);
  });
});

describe('updating', () => {
  it.each([
    ['Email', 'ADA@x.example'],
    ['Phone', '0044 20 7946 0958'],
    ['Department', 'ext-7'],
  ])(
    'finds the record by %s, however it is written, and leaves empty cells as they are',
    async (key, value) => {
      const ada = await contact('King', {
        Phone: '020 7946 0958',
        Email: 'ada@x.example',
        Department: 'EXT-7',
        Title: 'Countess',
      });
      const plan = planOf('Contact', [key, 'LastName', 'Title'], { mode: 'upsert', key });
      const other = { Email: 'new@x.example', Phone: '020 7946 0001', Department: 'ext-8' }[key];
      const job = await applied(`Key,Last,Title\n${value},Lovelace,\n${other},Other,Sir\n`, plan);
      expect(job).toMatchObject({ status: 'done', inserts: 1, updates: 1 });
      expect(await crm.read(agent, ada.id)).toMatchObject({
        name: 'Lovelace',
        rev: 2,
        fields: { Title: 'Countess' },
      });
      expect((await all('Contact')).map((record) => record.name)).toEqual(['Lovelace', 'Other']);
    },
  );

  it('by record id says which is not there, and which row repeats another', async () => {
    const ada = await contact('King');
    const plan = planOf('Contact', ['Id', 'Title'], { mode: 'update', key: 'Id' });
    const job = await checked(`Id,Title\n${ada.id},A\n003000000000zzz,B\n${ada.id},C\n,D\n`, plan);
    expect(await errorsOf(job)).toEqual([
      '2: no contact has this record id',
      '3: the same record id as in row 1',
      '4: without the record’s id the record cannot be found',
    ]);
  });

  it('refuses a key that several records have', async () => {
    for (const name of ['A', 'B']) await contact(name, { Email: 'same@x.example' });
    const plan = planOf('Contact', ['Email', 'LastName'], { mode: 'upsert', key: 'Email' });
    expect(await errorsOf(await checked('E,L\nsame@x.example,C\n', plan))).toEqual([
      '1: 2 contacts have this Email',
    ]);
  });

  it('moves a number’s index entry with it', async () => {
    const ada = await contact('King', { Phone: '020 7946 0958', Email: 'ada@x.example' });
    await applied(
      'E,P\nada@x.example,020 7946 0001\n',
      planOf('Contact', ['Email', 'Phone'], { mode: 'update', key: 'Email' }),
    );
    expect((await crm.match(agent, '02079460958')).records).toEqual([]);
    expect((await crm.match(agent, '02079460001')).records).toMatchObject([{ id: ada.id }]);
  });
});

describe('nothing is half imported', () => {
  const FILE = 'F,L,P,E\nAda,King,nonsense,ada\nBo,,020 7946 0001,\nCy,Ok,020 7946 0002,cy@x.example\n';

  it('bad rows are refused, each with every error; the file of them can be mended', async () => {
    const job = await checked(FILE, planOf('Contact', PEOPLE));
    expect(job).toMatchObject({ status: 'checked', bad: 2, inserts: 1 });
    expect(await errorsOf(job)).toEqual([
      '1: Phone is not a telephone number; Email is not an e-mail address',
      '2: Last name is required',
    ]);
    expect(await errorOf(imports.apply(job.id, 'user_root', false))).toMatchObject({
      code: 'import-refused',
    });
    expect(await all('Contact')).toEqual([]);
    let file = '';
    for await (const line of imports.errorFile(job.id)) file += line;
    expect(file.split('\r\n').slice(0, 3)).toEqual([
      'Row,Error,F,L,P,E',
      '2,Phone is not a telephone number; Email is not an e-mail address,Ada,King,nonsense,ada',
      '3,Last name is required,Bo,,020 7946 0001,',
    ]);
  });

  it('a record that was changed since the check stops all of it', async () => {
    const ada = await contact('King', { Email: 'ada@x.example' });
    const plan = planOf('Contact', ['Email', 'LastName'], { mode: 'upsert', key: 'Email' });
    const job = await checked('E,L\nnew@x.example,New\nada@x.example,Lovelace\n', plan);
    await crm.update(agent, ada.id, { Title: 'Countess' });
    await imports.apply(job.id, 'user_root', false);
    expect(await settled(job.id)).toMatchObject({
      status: 'failed',
      problem: expect.stringContaining('since the check'),
    });
    expect((await all('Contact')).map((record) => record.name)).toEqual(['King']);
  });

  it('a record that was made since the check, which a row means, stops all of it', async () => {
    const plan = planOf('Contact', ['Email', 'LastName'], { mode: 'upsert', key: 'Email' });
    const job = await checked('E,L\nnew@x.example,New\n', plan);
    await contact('Quicker', { Email: 'new@x.example' });
    await imports.apply(job.id, 'user_root', false);
    expect(await settled(job.id)).toMatchObject({ status: 'failed' });
    expect((await all('Contact')).map((record) => record.name)).toEqual(['Quicker']);
  });

  it('cancelled while it is written, it leaves nothing, not even its staged rows', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => `Person,${i},,p${i}@x.example`).join('\n');
    const { id } = await checked(`F,L,P,E\n${rows}\n`, planOf('Contact', PEOPLE));
    await imports.apply(id, 'user_root', false);
    expect(await imports.cancel(id)).toMatchObject({ status: 'cancelled' });
    expect(await all('Contact')).toEqual([]);
    expect(await staged(id)).toBe(0);
  });

  it('a process that was killed leaves an aborted job and nothing else', async () => {
    const job = await checked('F,L,P,E\nAda,King,,\n', planOf('Contact', PEOPLE));
    await db.query("UPDATE import_job SET status = 'applying' WHERE id = $1", [job.id]);
    const next = await ImportJobs.load(options);
    expect(await next.read(job.id)).toMatchObject({ status: 'aborted', finishedAt: clock.now() });
    expect(await staged(job.id)).toBe(0);
    expect(await errorOf(next.apply(job.id, 'user_root', false))).toMatchObject({ code: 'import-refused' });
  });

  it('one import is at work at a time', async () => {
    const first = await upload('F,L,P,E\nAda,King,,\n');
    await imports.check(first.id, planOf('Contact', PEOPLE));
    expect(await errorOf(upload('F\nx\n'))).toMatchObject({
      code: 'import-busy',
      data: { file: 'people.csv' },
    });
    await settled(first.id);
  });
});

describe('a file or plan that cannot be', () => {
  it.each([
    ['', 'no rows'],
    ['Only,Names\n', 'no rows'],
    ['a,b\n"open,1\n', 'cannot be read as CSV'],
    ['a,b\n1,x\0y\n', 'cannot be stored'],
  ])('%j is refused and leaves no job', async (file, detail) => {
    const before = (await imports.list()).length;
    expect((await errorOf(upload(file))).message).toContain(detail);
    expect(await imports.list()).toHaveLength(before);
  });

  it('with too many rows or bytes is refused', async () => {
    const small = await ImportJobs.load({ ...options, maxRows: 2 });
    const error = await errorOf(small.upload('u', { fileName: 'x' }, inPieces('a\n1\n2\n3\n')));
    expect(error).toMatchObject({ code: 'too-large', data: { limit: '2 rows' } });
  });

  it.each<[object, string]>([
    [{ object: 'Nothing', columns: [{ column: 0, field: 'Name' }] }, 'object'],
    [{ object: 'Task', columns: [{ column: 0, field: 'Subject' }] }, 'object'],
    [{ columns: [{ column: 0, field: 'FirstName' }] }, 'columns'],
    [{ columns: [{ column: 9, field: 'LastName' }] }, 'columns'],
    [
      {
        columns: [
          { column: 0, field: 'OwnerId' },
          { column: 1, field: 'LastName' },
        ],
      },
      'columns',
    ],
    [{ columns: [{ column: 0, field: 'LastName', by: 'name' }] }, 'columns'],
    [{ mode: 'update', key: 'AccountId', columns: [{ column: 0, field: 'AccountId' }] }, 'key'],
  ])('the plan %j is refused', async (plan, field) => {
    const { id } = await upload('F,L\nAda,King\n');
    const whole = ImportPlan.parse({ object: 'Contact', mode: 'insert', ...plan });
    expect(await errorOf(imports.check(id, whole))).toMatchObject({ code: 'bad-input', data: { field } });
    await imports.cancel(id);
  });
});
