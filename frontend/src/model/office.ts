/** The duties of the person who is signed in, and the words in which an office speaks. */
import * as api from '../api/office';
import type { AuthorityOut, DutyOut, Me, ProfileBody } from '../wire.gen';
import { Observable } from './observable';

export type Duty = DutyOut['kind'];

export const DUTY_WORDS: Record<Duty, { name: string; detail: string }> = {
  privacy_officer: { name: 'Privacy officer', detail: 'Records who acts for patients, sets the rules, reviews emergencies' },
  emergency: { name: 'Emergency access', detail: 'May open a record in an emergency, with a second factor' },
  witness: { name: 'Witness', detail: 'May bring in a patient’s spoken or written permission, with a second witness' },
};

export const TYPE_WORDS: Record<AuthorityOut['type'], string> = {
  parent: 'Parent',
  guardian: 'Guardian',
  attorney: 'Health-care attorney',
  deputy: 'Deputy',
  advocate: 'Advocate',
};

export const STATE_WORDS: Record<AuthorityOut['state'], string> = {
  acts: 'Acts now',
  sleeps: 'Sleeps until the patient cannot decide',
  not_yet: 'Begins later',
  ended: 'Ended',
  aged_out: 'Ended: the patient is of age',
  blocked: 'Kept away',
};

export const TEMPLATE_WORDS: Record<ProfileBody['template'], string> = {
  multidisciplinary: 'Multidisciplinary centre',
  payer_provider: 'Payer and provider in one',
  nhs_locality: 'NHS locality',
  community: 'Community mental-health centre',
};

export const DEFAULT_WORDS: Record<ProfileBody['default'], { name: string; detail: string }> = {
  deny: { name: 'Nobody', detail: 'Nothing opens until the patient has said so' },
  'implied-direct-care': { name: 'The care team reads', detail: 'Unlabelled entries, for treatment, unless the patient objects' },
  'team-unlabelled': { name: 'The care team works', detail: 'Reads and writes unlabelled entries, for treatment, unless the patient objects' },
};

/** The one place that knows which duties the signed-in person holds, and where. */
export class Office {
  /** The organisation whose privacy officer this person is, or null. */
  readonly house = new Observable<{ id: string; name: string } | null>(null);
  readonly duties = new Observable<readonly Duty[]>([]);

  async refresh(me: Me): Promise<void> {
    const post = me.posts[0];
    if (!post) return;
    const held = (await api.fetchDuties(post.organisation)).duties.filter((one) => one.user === me.id).map((one) => one.kind);
    this.duties.set(held);
    this.house.set(held.includes('privacy_officer') ? { id: post.organisation, name: post.organisation_name } : null);
  }
}
