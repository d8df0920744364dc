export { EmergenciesAboutMe } from './AboutMe';
export { EmergencyPage } from './EmergencyPage';
export { ReviewList } from './ReviewList';
