/** Patients, care teams, the directory, and people's public keys. */
import type { CareTeam, DirectoryPage, Done, NewPatient, PatientEnrolment, PatientOut, PatientsPage, PeopleKeys } from '../wire.gen';
import { call, query } from './http';

export const fetchPatients = (page = 1) => call<PatientsPage>('GET', `/api/patients${query({ page })}`);
export const fetchPatient = (id: string) => call<PatientOut>('GET', `/api/patients/${id}`);
export const createPatient = (body: NewPatient) => call<PatientEnrolment>('POST', '/api/patients', body);
export const newEnrolment = (patient: string) => call<PatientEnrolment>('POST', `/api/patients/${patient}/enrolment`);
export const fetchCareTeam = (patient: string) => call<CareTeam>('GET', `/api/patients/${patient}/care-team`);
export const joinCareTeam = (patient: string, user: string) => call<CareTeam>('POST', `/api/patients/${patient}/care-team`, { user });
export const leaveCareTeam = (patient: string, user: string) => call<Done>('DELETE', `/api/patients/${patient}/care-team/${user}`);
export const searchDirectory = (text: string, page = 1) => call<DirectoryPage>('GET', `/api/directory${query({ query: text, page })}`);
export const fetchPeopleKeys = (users: string[]) => call<PeopleKeys>('POST', '/api/people/keys', { users });
