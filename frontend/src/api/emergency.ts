/** Emergencies: declared, co-signed, ended and reviewed. */
import type { EmergenciesOut, EmergencyCosign, EmergencyFound, EmergencyIn, EmergencyLook, EmergencyOut, EmergencyReview } from '../wire.gen';
import { call } from './http';

export const lookForPatient = (body: EmergencyLook) => call<EmergencyFound>('POST', '/api/emergency/look', body);
export const fetchEmergencies = () => call<EmergenciesOut>('GET', '/api/emergencies');
export const fetchEmergenciesAbout = (patient: string) => call<EmergenciesOut>('GET', `/api/patients/${patient}/emergencies`);
export const declareEmergency = (patient: string, body: EmergencyIn) => call<EmergencyOut>('POST', `/api/patients/${patient}/emergencies`, body);
export const cosignEmergency = (id: string, body: EmergencyCosign) => call<EmergencyOut>('POST', `/api/emergencies/${id}/cosign`, body);
export const endEmergency = (id: string) => call<EmergencyOut>('POST', `/api/emergencies/${id}/end`);
export const reviewEmergency = (id: string, body: EmergencyReview) => call<EmergencyOut>('POST', `/api/emergencies/${id}/review`, body);
