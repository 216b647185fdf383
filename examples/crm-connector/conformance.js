/** Plays the CRM for the conformance suite: a fresh card file for each check, and ways to look into it. */
import { connectCrm } from 'crosspoint/conformance';
import { CardFile } from './card-file.js';

/** @import { CreateCrmDriver } from 'crosspoint/conformance' */

/** @type {CreateCrmDriver} */
export const createCrmDriver = ({ createCrm, context }) => ({
  name: 'the card file',
  lacks: {
    figures: 'it has no place for them',
    'recording-link': 'its calls have no place for a link',
    'own-accounts': 'everybody sees every card',
  },
  async harness() {
    const cards = new CardFile();
    const url = await cards.listen();
    return {
      crm: connectCrm(await createCrm({ ...context, settings: { ...context.settings, url } })),
      user: 'ann',
      colleague: 'bob',
      async person({ lastName, numbers: [phone = '', mobile = ''] = [] }) {
        return { id: cards.add({ name: lastName, phone, mobile }), object: 'Person', name: lastName };
      },
      newPerson: { object: 'Person', fields: { name: 'Green', note: 'New.' }, phoneField: 'phone' },
      change: { fields: { note: 'Changed.' }, refused: { phone: 'call me' } },
      remove: async (id) => void cards.persons.delete(id),
      logs: async () =>
        [...cards.calls.values()].map(({ subject, notes, seconds, outcome, person }) => ({
          subject,
          comments: notes,
          durationSeconds: seconds,
          disposition: outcome,
          whoId: person,
          whatId: null,
          recordings: [],
        })),
      away: (away) => {
        cards.away = away;
      },
      loseNextAnswer: () => {
        cards.loseNext = true;
      },
      dispose: () => cards.close(),
    };
  },
});
