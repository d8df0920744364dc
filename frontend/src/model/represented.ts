/** For whom a person acts, each with the consent that they decide; and who may act for the patient. */
import { fetchRepresented } from '../api/consent';
import { fetchStanding } from '../api/office';
import type { Vault } from '../crypto/vaultApi';
import type { AuthorityOut, Represented as RepresentedPatient, StandingOut } from '../wire.gen';
import { Consent } from './consent';
import { Observable } from './observable';
import { ACTS_FOR_ME, ACTING } from './plain/represented';
import type { Threads } from './threads';

export type ActedFor = RepresentedPatient & { consent: Consent };

export class Represented {
  readonly list = new Observable<readonly ActedFor[] | null>(null);
  readonly #parts: { vault: Vault; threads: Threads };

  constructor(parts: { vault: Vault; threads: Threads }) {
    this.#parts = parts;
  }

  /** The server says whom; what has ended or is blocked is simply not there. */
  async refresh(): Promise<void> {
    const { patients } = await fetchRepresented();
    const known = new Map((this.list.get() ?? []).map((one) => [one.authority.patient, one.consent]));
    this.list.set(
      patients.map((one) => ({
        ...one,
        consent: known.get(one.authority.patient) ?? new Consent({ ...this.#parts, of: { patient: one.authority.patient, voice: 'representative' } }),
      })),
    );
  }
}

export const whoActsFor = (patient: string): Promise<StandingOut> => fetchStanding(patient);

const dayIn = (iso: string) => Date.parse(`${iso}T12:00:00`);

/** One who may act for the patient, in sentences for the patient; '' for one whose time is over. */
export function actsForMe(one: AuthorityOut): string[] {
  const ends = one.ages_out ? [ACTS_FOR_ME.age(dayIn(one.ages_out))] : one.valid_until === null ? [] : [ACTS_FOR_ME.until(one.valid_until)];
  switch (one.state) {
    case 'acts':
      return [ACTS_FOR_ME.acts(one.name, one.type, one.valid_from), ...ends];
    case 'sleeps':
      return [ACTS_FOR_ME.sleeps(one.name), ...ends];
    case 'not_yet':
      return [ACTS_FOR_ME.ahead(one.name, one.valid_from), ...ends];
    case 'ended':
    case 'aged_out':
    case 'blocked':
      return [];
    default:
      return one.state satisfies never;
  }
}

/** By what right a person acts for a patient, in sentences for that person. */
export function iActFor(one: RepresentedPatient): string[] {
  const { authority } = one;
  const until = authority.ages_out ? dayIn(authority.ages_out) : authority.valid_until;
  return [ACTING.since(one.patient_name, authority.type, authority.valid_from), until === null ? '' : ACTING.until(until), ACTING.protect(one.patient_name)].filter(Boolean);
}
