/** What a new flow can begin with. Its texts are English, its queues the first ones that there are. */
import type { FlowDocument, FlowNode } from '../../protocol/flows.ts';

/** Ids of what is there already, the first the likeliest. */
export interface Named {
  queues: readonly string[];
  hours: readonly string[];
}

interface FlowTemplate {
  name: string;
  label: string;
  /** What the caller has of it. */
  what: string;
  make: (named: Named) => FlowDocument;
}

/** What the page of a new flow offers. */
export const FLOW_TEMPLATES: readonly FlowTemplate[] = [
  {
    name: 'empty',
    label: 'Nothing',
    what: 'An empty canvas.',
    make: () => ({ languages: ['en'], start: null, nodes: [] }),
  },
  {
    name: 'menu',
    label: 'Greeting and menu',
    what: 'The caller is greeted and chooses by a key between two queues. Who presses nothing gets to a person, too.',
    make: greetingAndMenu,
  },
  {
    name: 'closed',
    label: 'Closed message',
    what: 'In business hours the caller waits in a queue; else he hears when you are open, and the call ends.',
    make: closedMessage,
  },
  {
    name: 'account',
    label: 'Account number',
    what: 'The caller keys his account number, and the account pops on the screen of the agent who answers.',
    make: accountNumber,
  },
];

/** Columns and rows of the canvas, in pixels. */
const COLUMN = 330;
const ROW = 210;

function node(
  id: string,
  kind: string,
  [column, row]: [number, number],
  more: Partial<Pick<FlowNode, 'label' | 'settings' | 'exits'>> = {},
): FlowNode {
  return { id, kind, label: '', settings: {}, exits: {}, ...more, at: { x: column * COLUMN, y: row * ROW } };
}

const said = (text: string) => ({ en: { text } });
/** A setting that is left to the person when there is nothing to name. */
const id = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value });

function queue(name: string, label: string, place: [number, number], queueId: string | undefined): FlowNode {
  return node(name, 'queue', place, {
    label,
    settings: { ...id('queueId', queueId), priority: 0, requirements: [] },
  });
}

function greetingAndMenu({ queues: [first, second = first] }: Named): FlowDocument {
  return {
    languages: ['en'],
    start: 'greeting',
    nodes: [
      node('greeting', 'say', [0, 0], {
        label: 'Greeting',
        settings: { prompt: said('Welcome, and thank you for calling.'), interruptible: true },
        exits: { next: 'menu' },
      }),
      node('menu', 'menu', [1, 0], {
        label: 'Menu',
        settings: {
          prompt: said('For sales, press 1. For support, press 2.'),
          choices: [
            { key: '1', exit: 'sales' },
            { key: '2', exit: 'support' },
          ],
          timeout: 6,
          tries: 3,
          again: said('Sorry, that was no choice.'),
        },
        exits: { sales: 'sales', support: 'support', failed: 'sales' },
      }),
      queue('sales', 'Sales', [2, -0.4], first),
      queue('support', 'Support', [2, 0.5], second),
    ],
  };
}

function closedMessage({ queues: [first], hours: [hours] }: Named): FlowDocument {
  return {
    languages: ['en'],
    start: 'hours',
    nodes: [
      node('hours', 'hours', [0, 0], {
        label: 'Are we open?',
        settings: id('hoursId', hours),
        exits: { open: 'queue', closed: 'closed' },
      }),
      queue('queue', '', [1, -0.4], first),
      node('closed', 'hangup', [1, 0.5], {
        label: 'Closed',
        settings: {
          prompt: said(
            'Thank you for calling. We are closed now. Please call again from Monday to Friday, nine to five.',
          ),
        },
      }),
    ],
  };
}

function accountNumber({ queues: [first] }: Named): FlowDocument {
  return {
    languages: ['en'],
    start: 'ask',
    nodes: [
      node('ask', 'collect', [0, 0], {
        label: 'Ask for the account',
        settings: {
          prompt: said('Welcome. Please enter your account number, and end with the hash key.'),
          into: 'account',
          min: 3,
          max: 12,
          terminator: '#',
          firstTimeout: 8,
          timeout: 4,
          check: 'none',
          tries: 2,
          again: said('That was no account number.'),
          masked: false,
        },
        exits: { done: 'lookup', failed: 'queue' },
      }),
      node('lookup', 'lookup', [1, -0.3], {
        label: 'Find the account',
        settings: { object: 'Account', field: 'AccountNumber', value: '{data:account}', pop: true, keep: [] },
        exits: { found: 'queue', missing: 'unknown', failed: 'queue' },
      }),
      node('unknown', 'say', [2, 0.7], {
        label: 'No such account',
        settings: {
          prompt: said('We do not find this number, but somebody will help you.'),
          interruptible: true,
        },
        exits: { next: 'queue' },
      }),
      queue('queue', '', [3, 0], first),
    ],
  };
}
