export { AttachZone } from './AttachZone';
export { FileView } from './FileView';
