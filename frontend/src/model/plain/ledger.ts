/** The page of who read what, in plain words. */

export const LEDGER = {
  title: 'Who read what',
  lead: 'Every look, every change and every no is written down. Nothing can be taken out.',
  show: 'Show',
  everything: 'Everything',
  read: 'What was read',
  write: 'What was written or changed',
  consent: 'What you said yes or no to',
  call: 'Calls and visits',
  refused: 'Who was stopped',
  who: 'Who',
  what: 'What',
  when: 'When',
  why: 'Why they could',
  outcome: 'What came of it',
  loading: 'Loading the list',
  caption: 'The list, newest first',
  none: 'Nothing of this kind yet',
  noneMore: 'What happens from now on is written here.',
  failed: 'The list could not be loaded.',
  earlier: 'Show what came before',
};
