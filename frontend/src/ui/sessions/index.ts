export { FindPage } from './FindPage';
export { SessionPage } from './SessionPage';
export { SessionsPage } from './SessionsPage';
