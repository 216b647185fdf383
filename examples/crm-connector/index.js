/**
 * A connector for the card file (card-file.js): what Crosspoint asks, said in that CRM's words. README.md goes through it step by step.
 * @import { CrmConnector, OutsideCrmContext, CrmCall } from 'crosspoint/crm'
 */
import { CodedError } from 'crosspoint/crm';

/**
 * @param {OutsideCrmContext} context
 * @returns {CrmConnector}
 */
export function createCrm({ settings, label }) {
  const base = String(settings.url ?? '');
  if (!URL.canParse(base)) throw new Error('settings.url must be the address of the card file.');

  /** One request. Whatever goes wrong is said by an error of the catalogue. */
  async function ask(/** @type {CrmCall} */ { signal }, method, path, body) {
    const answer = await fetch(`${base}${path}`, {
      method,
      signal,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    const said = await answer.json();
    if (answer.ok) return said;
    if (answer.status === 404) throw new CodedError('not-found', { what: 'card' });
    if (answer.status >= 500)
      throw new CodedError('crm-unavailable', { crm: label, detail: `${said.error}.` });
    throw new CodedError('crm-refused', { crm: label, detail: said.error, field: said.field });
  }

  const toRef = ({ id, name }) => ({ id, object: 'Person', name, url: `${base}/persons/${id}` });
  const toRecord = ({ id, name, phone, mobile, note }) => ({
    id,
    object: 'Person',
    name,
    fields: { name, phone, mobile, note },
    names: {},
    createdAt: 0,
    updatedAt: 0,
    rev: 0,
  });

  return {
    missing: {
      figures: 'the card file has no place for them.',
      'recording-link': 'its calls have no place for a link.',
    },

    ping: (call) => ask(call, 'GET', '/persons?text='),

    objects: async () => [PERSON],

    read: async (call, id) => toRecord(await ask(call, 'GET', `/persons/${encodeURIComponent(id)}`)),

    // The card file looks for digits within a number: the last four find every way of writing it, and Crosspoint sorts out
    // what only ends alike.
    async match(call, number, limit) {
      const found = await ask(call, 'GET', `/persons?ending=${number.digits.slice(-4)}`);
      const hits = found.map((one) => ({ record: toRef(one), numbers: [one.phone, one.mobile] }));
      return { records: hits, more: hits.length > MAX_HITS + limit };
    },

    async search(call, text, { limit }) {
      const found = await ask(call, 'GET', `/persons?text=${encodeURIComponent(text.trim())}`);
      return { records: found.map(toRef), more: found.length > limit };
    },

    async create(call, object, fields) {
      if (object !== 'Person')
        throw new CodedError('crm-refused', { crm: label, detail: `no ${object} here.` });
      return toRecord(await ask(call, 'POST', '/persons', fields));
    },

    update: async (call, id, fields) =>
      toRecord(await ask(call, 'PATCH', `/persons/${encodeURIComponent(id)}`, fields)),

    // PUT by our key: written twice it is the same card, also when an answer was lost.
    async writeCallLog(call, key, entry) {
      await ask(call, 'PUT', `/calls/${encodeURIComponent(key)}`, {
        subject: entry.subject,
        notes: entry.comments,
        seconds: entry.durationSeconds,
        outcome: entry.disposition,
        person: entry.who?.id ?? null,
      });
      return { id: key, object: 'Call', name: entry.subject };
    },
  };
}

/** A box with more cards than this for four digits does not tell who calls. */
const MAX_HITS = 500;

const field = (name, label, type, more = {}) => ({
  name,
  label,
  type,
  required: false,
  readOnly: false,
  inList: true,
  ...more,
});

const PERSON = {
  name: 'Person',
  label: 'Person',
  labelPlural: 'Persons',
  prefix: 'P',
  nameField: 'name',
  fields: [
    field('name', 'Name', 'text', { required: true }),
    field('phone', 'Phone', 'phone'),
    field('mobile', 'Mobile', 'phone'),
    field('note', 'Note', 'textarea', { inList: false }),
  ],
  related: [],
};
