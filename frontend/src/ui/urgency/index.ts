export { CrisisNote } from './CrisisNote';
export { OnCallCard } from './OnCallCard';
export { AnswerTimeCard } from './AnswerTimeCard';
export { QuietHoursCard } from './QuietHoursCard';
export { UrgencyBar } from './UrgencyBar';
export { UrgencyContext, UrgencyMark } from './UrgencyMark';
