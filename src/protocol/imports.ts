import { z } from 'zod';
import type { FieldType } from './crm.ts';

/**
 * Import of records from a CSV file. Bodies of `/api/imports`; Setup's page checks by the same schemas.
 *
 *     upload ─► uploaded ── check ─► checking ─► checked ── apply ─► applying ─► done
 *                  ▲                    │           │                   │
 *                  └──── cancel ────────┘           │                cancel ─► cancelled: nothing was written
 *                  └──── check again ───────────────┘
 *
 * An error of ours or of the database: `failed`. A process that ended meanwhile: `aborted`. In both nothing was written.
 */
export const ImportStatus = z.enum([
  'uploading',
  'uploaded',
  'checking',
  'checked',
  'applying',
  'done',
  'cancelled',
  'failed',
  'aborted',
]);
export type ImportStatus = z.infer<typeof ImportStatus>;

/** Where a program is at work. */
export const RUNNING: readonly ImportStatus[] = ['uploading', 'checking', 'applying'];

const apiName = z.string().regex(/^[A-Za-z_]\w{0,79}$/, 'the API name of an object or field');

/** One column that is read: the others are left out. */
export const ColumnPlan = z.object({
  /** From 0. */
  column: z.number().int().min(0).max(499),
  field: apiName,
  /** Of a reference: the column has the id of the record pointed at, or its name. */
  by: z.enum(['id', 'name']).default('id'),
});
export type ColumnPlan = z.infer<typeof ColumnPlan>;

/** The key that means the record's own id. */
export const ID_KEY = 'Id';

export const ImportPlan = z
  .object({
    object: apiName,
    /** Make records only, change existing ones only, or change those that the key finds and make the others. */
    mode: z.enum(['insert', 'update', 'upsert']),
    /** The field that finds an existing record: a mapped text, e-mail or phone field, or `Id`. Null to insert. */
    key: apiName.nullable().default(null),
    columns: z.array(ColumnPlan).min(1, 'no column is mapped').max(500),
  })
  .superRefine(({ mode, key, columns }, context) => {
    const names = columns.map(({ field }) => field);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    const say = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (twice) say('columns', `two columns go to ${twice}`);
    if (mode !== 'insert' && key === null) say('key', 'choose the field that finds existing records');
    if (mode !== 'insert' && key !== null && !names.includes(key)) say('key', `no column goes to ${key}`);
  });
export type ImportPlan = z.infer<typeof ImportPlan>;

/** Fields that can be a key. */
export const KEY_TYPES: readonly FieldType[] = ['email', 'phone', 'text'];

export const ImportJob = z.object({
  id: z.string(),
  fileName: z.string(),
  status: ImportStatus,
  userId: z.string(),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
  /** How the file was read. */
  encoding: z.string(),
  delimiter: z.string(),
  /** The first line: names of the columns. */
  columns: z.array(z.string()),
  /** The first rows. */
  sample: z.array(z.array(z.string())),
  /** Rows below the first line. */
  rows: z.number(),
  plan: ImportPlan.nullable(),
  /** Rows that cannot be imported: their errors are a file of their own. */
  bad: z.number(),
  inserts: z.number(),
  updates: z.number(),
  /** How far the running step is, 0 to 1. */
  progress: z.number(),
  /** Why it failed. */
  problem: z.string().nullable(),
});
export type ImportJob = z.infer<typeof ImportJob>;

/** The first errors of a check, for the eye; all of them are in the file. */
export const ImportError = z.object({ row: z.number(), field: z.string(), error: z.string() });
export type ImportError = z.infer<typeof ImportError>;

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const UploadQuery = z.object({
  fileName: z.string().trim().min(1).max(200),
  /** Instead of what the file looks like. */
  delimiter: z.enum(DELIMITERS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
});
export type UploadQuery = z.infer<typeof UploadQuery>;
