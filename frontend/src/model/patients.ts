/** One's own caseload. */
import { createPatient, fetchPatients } from '../api/people';
import type { PatientEnrolment, PatientOut } from '../wire.gen';
import { newId } from './bytes';

const MOST_PAGES = 20;

export class Patients {
  async all(): Promise<PatientOut[]> {
    const found: PatientOut[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const answer = await fetchPatients(page);
      found.push(...answer.patients);
      if (!answer.more) break;
    }
    return found;
  }

  enrol(name: string, birthDate: string): Promise<PatientEnrolment> {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return createPatient({ id: newId(), name, birth_date: birthDate, zone });
  }
}
