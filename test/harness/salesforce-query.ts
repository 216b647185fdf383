/** The parts of SOQL and SOSL that the Salesforce double understands; anything else is MALFORMED_QUERY, as there. */
export type Row = Record<string, unknown>;

export class QueryError extends Error {
  constructor(
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Soql {
  fields: string[];
  object: string;
  where: (row: Row) => boolean;
  /** Fields that the conditions name. */
  asked: string[];
  order: string | undefined;
  limit: number;
}

export function parseSoql(text: string): Soql {
  const found =
    /^SELECT (?<fields>[\w., ]+?) FROM (?<object>\w+)(?: WHERE (?<where>.+?))?(?: ORDER BY (?<order>\w+)(?: ASC)?)?(?: LIMIT (?<limit>\d+))?$/s.exec(
      text.trim(),
    )?.groups;
  if (!found) throw new QueryError('MALFORMED_QUERY', `unexpected token: ${text.slice(0, 40)}`);
  const conditions = (found['where'] ?? '').split(/ AND /).filter(Boolean).map(parseCondition);
  return {
    fields: (found['fields'] ?? '').split(',').map((one) => one.trim()),
    object: found['object'] ?? '',
    where: (row) => conditions.every(({ test }) => test(row)),
    asked: conditions.map(({ field }) => field),
    order: found['order'],
    limit: Number(found['limit'] ?? 2_000),
  };
}

function parseCondition(text: string): { field: string; test: (row: Row) => boolean } {
  const found = /^(\w+) = (?:(true|false)|'((?:[^'\\]|\\.)*)')$/s.exec(text.trim());
  if (!found) throw new QueryError('MALFORMED_QUERY', `unexpected token: ${text}`);
  const [, field = '', flag, quoted] = found;
  const wanted =
    flag === undefined
      ? (quoted ?? '').replace(/\\(.)/gs, (_, c: string) => ESCAPES[c] ?? c)
      : flag === 'true';
  return {
    field,
    test: (row) => {
      const value = row[field] ?? (typeof wanted === 'boolean' ? false : '');
      // Ids are compared in either length.
      return field === 'Id' ? String(value).slice(0, 15) === String(wanted).slice(0, 15) : value === wanted;
    },
  };
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t' };

export interface Sosl {
  scope: 'PHONE' | 'ALL' | 'NAME';
  matches: (texts: readonly string[]) => boolean;
  returning: { object: string; fields: string[]; where: (row: Row) => boolean; limit: number }[];
}

export function parseSosl(text: string): Sosl {
  const found = /^FIND \{((?:[^{}\\]|\\.)*)\} IN (PHONE|ALL|NAME) FIELDS RETURNING (.+)$/s.exec(text.trim());
  if (!found)
    throw new QueryError('MALFORMED_SEARCH', `No search term found or malformed: ${text.slice(0, 60)}`);
  const [, query = '', scope = 'ALL', returning = ''] = found;
  return {
    scope: scope as Sosl['scope'],
    matches: parseFind(query),
    returning: [...returning.matchAll(/(\w+)\(([\w., ]+?)(?: WHERE (.+?))?(?: LIMIT (\d+))?\)/g)].map(
      ([, object = '', fields = '', where, limit]) => ({
        object,
        fields: fields.split(',').map((one) => one.trim()),
        where: where === undefined ? () => true : parseCondition(where).test,
        limit: Number(limit ?? 2_000),
      }),
    ),
  };
}

/** Phrases and words, joined by OR or by AND, from left to right. */
function parseFind(query: string): (texts: readonly string[]) => boolean {
  const parts = [...query.matchAll(/"((?:[^"\\]|\\.)*)"|(AND|OR)|((?:[^\s\\"]|\\.)+)/gs)];
  if (parts.length === 0) throw new QueryError('MALFORMED_SEARCH', 'search term must be longer');
  const terms = parts
    .filter(([, , operator]) => operator === undefined)
    .map(([, phrase, , word]) => term(phrase ?? word ?? '', word !== undefined));
  if (parts.length !== terms.length * 2 - 1)
    throw new QueryError('MALFORMED_SEARCH', 'unexpected token in search term');
  const either = parts.some(([, , operator]) => operator === 'OR');
  return (texts) => (either ? terms.some((one) => one(texts)) : terms.every((one) => one(texts)));
}

/** Tokens one behind the other, as the index has them: split at spaces and punctuation, and where letters meet digits. */
function term(escaped: string, isWord: boolean): (texts: readonly string[]) => boolean {
  const beginning = isWord && /(?<!\\)\*$/.test(escaped);
  const plain = escaped.replace(/(?<!\\)\*$/, '').replace(/\\(.)/gs, '$1');
  const wanted = tokens(plain);
  if (wanted.length === 0) return () => false;
  return (texts) =>
    texts.some((text) => {
      const there = tokens(text);
      return there.some((_, at) =>
        wanted.every((token, index) => {
          const own = there[at + index] ?? '';
          return beginning && index === wanted.length - 1 ? own.startsWith(token) : own === token;
        }),
      );
    });
}

function tokens(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? [];
}
