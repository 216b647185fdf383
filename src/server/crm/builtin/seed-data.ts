/** Names and texts of the demo data. Nobody of these exists. */

export interface AccountSeed {
  name: string;
  city: 'London' | 'Manchester' | 'New York';
  street: string;
  industry: string;
}

const account = (name: string, city: AccountSeed['city'], street: string, industry: string): AccountSeed => ({
  name,
  city,
  street,
  industry,
});

export const ACCOUNTS: readonly AccountSeed[] = [
  account('Analytical Engines Ltd', 'London', '12 St James’s Square', 'Engineering'),
  account('Bluebell Bakeries', 'Manchester', '4 Tib Street', 'Hospitality'),
  account('Harbour & Finch Solicitors', 'London', '88 Gray’s Inn Road', 'Other'),
  account('Northern Light Energy', 'Manchester', '21 Deansgate', 'Other'),
  account('Kestrel Couriers', 'London', '3 Wharf Road', 'Transport'),
  account('Maple Lane Veterinary', 'Manchester', '57 Wilmslow Road', 'Healthcare'),
  account('Hudson Paper Company', 'New York', '401 Greenwich Street', 'Manufacturing'),
  account('Redwood Dental Care', 'London', '19 Marylebone Lane', 'Healthcare'),
  account('Oak & Iron Furniture', 'Manchester', '9 Ancoats Grove', 'Manufacturing'),
  account('Skylark Travel', 'London', '140 Borough High Street', 'Hospitality'),
  account('Copperfield Books', 'London', '27 Cecil Court', 'Retail'),
  account('Tidewater Insurance', 'New York', '55 Water Street', 'Finance'),
  account('Penrose Architects', 'London', '6 Clerkenwell Green', 'Construction'),
  account('Greenway Garden Centres', 'Manchester', '200 Chester Road', 'Retail'),
  account('Lumen Optics', 'London', '31 Hatton Garden', 'Technology'),
  account('Irwell Plumbing Supplies', 'Manchester', '2 Ordsall Lane', 'Construction'),
  account('Marigold Florists', 'London', '75 Columbia Road', 'Retail'),
  account('Brightwater Schools Trust', 'Manchester', '11 Oxford Road', 'Education'),
  account('Foxglove Pharmacy Group', 'London', '240 Kentish Town Road', 'Healthcare'),
  account('Empire Elevator Service', 'New York', '218 West 29th Street', 'Engineering'),
  account('Saltmarsh Brewing', 'London', '16 Druid Street', 'Manufacturing'),
  account('Pennine Outdoor', 'Manchester', '38 Oldham Street', 'Retail'),
  account('Quayside Property', 'London', '5 Narrow Street', 'Construction'),
  account('Orchard Software', 'Manchester', '1 Lever Street', 'Technology'),
  account('Wren & Daughters Printing', 'London', '44 Fleet Street', 'Media'),
  account('Canal Street Records', 'Manchester', '70 Canal Street', 'Media'),
  account('Silverbirch Care Homes', 'London', '9 Highgate Hill', 'Healthcare'),
  account('Bramble Organic Farms', 'Manchester', '3 Moss Lane', 'Agriculture'),
  account('Meridian Freight', 'London', '100 Creek Road', 'Transport'),
  account('Lighthouse Accountants', 'Manchester', '18 King Street', 'Finance'),
  account('Thistle Hotels Group', 'London', '61 Cromwell Road', 'Hospitality'),
  account('Juniper Cosmetics', 'London', '23 Carnaby Street', 'Retail'),
  account('Calder Textiles', 'Manchester', '90 Ducie Street', 'Manufacturing'),
  account('Hopscotch Nurseries', 'London', '14 Lordship Lane', 'Education'),
  account('Granite Security', 'Manchester', '7 Trafford Wharf', 'Other'),
  account('Beacon Community Bank', 'New York', '330 Court Street', 'Finance'),
  account('Swift Cycles', 'London', '112 Old Street', 'Retail'),
  account('Larkspur Event Hire', 'Manchester', '26 Great Ancoats Street', 'Hospitality'),
  account('Cobalt Laboratories', 'London', '2 Euston Road', 'Healthcare'),
  account('Wayfarer Camping', 'Manchester', '81 Stockport Road', 'Retail'),
];

export const FIRST_NAMES: readonly string[] = (
  'Charles Priya Tomás Grace Oliver Zoë Kwame Hannah Mateusz Aisha Liam Beatrice Rajesh Sofia Ewan Chloé Daniel ' +
  'Ngozi Isaac Freya Omar Martha Callum Mei Patrick Leila Hugo Amara Ruth Sanjay Erin Viktor Naomi Jonas Imogen ' +
  'Farid Clara Dylan Yasmin Felix'
).split(' ');

export const LAST_NAMES: readonly string[] = (
  'Babbage Whitfield Okafor Sharma Novák Ellison Hartley Mensah Costa Pemberton Lindqvist Barker Rahman Fletcher ' +
  'Dubois Ashworth Kowalski Bennett Iyer Thornton Quinn Adeyemi Müller Prescott Chowdhury Gallagher Hughes Santos ' +
  'Winters Eze Marlowe Ferreira Donnelly Sato Blackwood Haddad Nilsson Carver Osei Redfern Petrov Langley Moreau'
).split(' ');

export const TITLES: readonly string[] = [
  'Managing Director',
  'Office Manager',
  'Head of Purchasing',
  'Finance Manager',
  'Operations Manager',
  'Customer Service Lead',
  'IT Manager',
];

export const LEADS: readonly (readonly [first: string, last: string, company: string, status: string])[] = [
  ['Nadia', 'Brennan', 'Paperclip Studios', 'New'],
  ['Gareth', 'Pugh', 'Valley Roofing', 'Working'],
  ['Ines', 'Almeida', 'Azulejo Tiles', 'New'],
  ['Theo', 'Marsh', 'Marsh & Co Removals', 'Working'],
  ['Bridget', 'Kelleher', 'Kelleher Catering', 'Qualified'],
  ['Arjun', 'Menon', 'Banyan Consulting', 'New'],
  ['Lottie', 'Sinclair', 'Sinclair Interiors', 'Unqualified'],
  ['Emeka', 'Nwosu', 'Sunrise Solar', 'Working'],
  ['Marta', 'Zielinska', 'Amber Jewellery', 'New'],
  ['Joel', 'Abrams', 'Abrams Audio', 'Qualified'],
  ['Saoirse', 'Byrne', 'Dockside Yoga', 'New'],
  ['Wei', 'Zhang', 'Jade Dragon Imports', 'Working'],
  ['Rosalind', 'Peake', 'Peake Performance', 'New'],
  ['Idris', 'Vaughan', 'Vaughan Joinery', 'Working'],
  ['Camille', 'Laurent', 'Petit Four Patisserie', 'New'],
  ['Noel', 'Hutchings', 'Hutchings Hardware', 'Unqualified'],
  ['Fatima', 'Siddiqui', 'Crescent Tutors', 'Working'],
  ['Angus', 'Reid', 'Reid Forestry', 'New'],
];

export const CASES: readonly (readonly [subject: string, status: string, priority: string, text: string])[] =
  [
    [
      'The difference engine stops at column seven',
      'Working',
      'High',
      'The carry lever sticks after about an hour.',
    ],
    ['Delivery arrived with two boxes missing', 'New', 'Normal', 'The note lists six boxes, four came.'],
    ['Invoice was sent to the old address', 'Closed', 'Low', 'Address corrected, invoice sent again.'],
    ['Cannot sign in since the weekend', 'Working', 'High', 'A new password does not help.'],
    ['Asks for a copy of the contract', 'Closed', 'Normal', 'Sent by e-mail.'],
    ['Engineer did not come on Tuesday', 'Escalated', 'High', 'Second time. Wants to hear from a manager.'],
    ['Wrong colour delivered', 'Waiting for customer', 'Normal', 'Waiting for a photograph.'],
    ['How do I add a second user?', 'Closed', 'Low', 'Explained on the phone.'],
    ['Charged twice in March', 'Working', 'High', 'Finance is checking with the bank.'],
    ['Wants to move the appointment', 'Closed', 'Normal', 'Moved to Friday morning.'],
    ['Display stays dark after the update', 'New', 'High', 'Tried another cable already.'],
    ['Request for a larger order', 'Waiting for customer', 'Normal', 'Quotation sent, valid for 30 days.'],
    ['Noise on the line in the afternoon', 'Working', 'Normal', 'Only between three and five.'],
    ['Return of an unused item', 'Closed', 'Low', 'Label sent.'],
    ['Complaint about waiting time', 'Escalated', 'Normal', 'Waited 25 minutes on Monday.'],
    ['Warranty for the spare part', 'New', 'Normal', 'Bought in October.'],
    ['Opening hours over the holidays', 'Closed', 'Low', 'Told.'],
    ['Report shows last year’s figures', 'Working', 'Normal', 'The export is right, the page is not.'],
    ['Key does not fit the new lock', 'New', 'High', 'Needs it before the weekend.'],
    ['Change of the account holder', 'Waiting for customer', 'Normal', 'Form sent for signature.'],
  ];

/** Days from today; a negative one is overdue. */
export const TASKS: readonly (readonly [subject: string, days: number, priority: string])[] = [
  ['Call back about the quotation', 0, 'High'],
  ['Send the new price list', 1, 'Normal'],
  ['Ask how the installation went', 2, 'Normal'],
  ['Prepare the yearly review', 7, 'Normal'],
  ['Check the delivery date with the warehouse', -1, 'High'],
  ['Introduce the new account manager', 4, 'Low'],
  ['Remind of the contract’s end', 14, 'Normal'],
  ['Thank for the recommendation', 3, 'Low'],
  ['Arrange a visit', 5, 'Normal'],
  ['Confirm the training day', 9, 'Normal'],
  ['Follow up on the open invoice', -2, 'High'],
  ['Send the updated drawings', 1, 'Normal'],
];
