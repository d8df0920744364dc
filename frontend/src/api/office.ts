/** What a privacy officer keeps: the house's rules and duties, who acts for whom, and who is kept away. */
import type {
  AuthorityIn,
  AuthorityOut,
  BlocksOut,
  DutiesOut,
  DutyIn,
  Done,
  OfficePatientsOut,
  ProfileBody,
  ProfilesOut,
  RepresentativeCode,
  RepresentativesOut,
  SafeguardingIn,
  StandingOut,
} from '../wire.gen';
import { call, query } from './http';

export const fetchDuties = (organisation: string) => call<DutiesOut>('GET', `/api/organisations/${organisation}/duties`);
export const entrust = (organisation: string, body: DutyIn) => call<Done>('POST', `/api/organisations/${organisation}/duties`, body);
export const relieve = (organisation: string, { user, kind }: DutyIn) => call<Done>('DELETE', `/api/organisations/${organisation}/duties/${user}/${kind}`);
export const fetchProfile = (organisation: string) => call<ProfileBody>('GET', `/api/organisations/${organisation}/consent-profile`);
export const setProfile = (organisation: string, body: ProfileBody) => call<ProfileBody>('PUT', `/api/organisations/${organisation}/consent-profile`, body);
export const fetchTemplates = () => call<ProfilesOut>('GET', '/api/consent-profiles');
export const fetchHousePatients = (organisation: string, text: string, page = 1) =>
  call<OfficePatientsOut>('GET', `/api/organisations/${organisation}/patients${query({ query: text, page })}`);
export const fetchStanding = (patient: string) => call<StandingOut>('GET', `/api/patients/${patient}/standing`);
export const fetchRepresentatives = (patient: string) => call<RepresentativesOut>('GET', `/api/patients/${patient}/representatives`);
export const inviteRepresentative = (patient: string) => call<RepresentativeCode>('POST', `/api/patients/${patient}/representatives`);
export const recordAuthority = (patient: string, body: AuthorityIn) => call<AuthorityOut>('POST', `/api/patients/${patient}/authorities`, body);
export const endAuthority = (authority: string) => call<Done>('DELETE', `/api/authorities/${authority}`);
export const fetchBlocks = (patient: string) => call<BlocksOut>('GET', `/api/patients/${patient}/safeguarding`);
export const placeBlock = (patient: string, body: SafeguardingIn) => call<Done>('POST', `/api/patients/${patient}/safeguarding`, body);
export const liftBlock = (block: string) => call<Done>('DELETE', `/api/safeguarding/${block}`);
