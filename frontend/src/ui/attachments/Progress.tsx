import { sizeInWords } from '../../model/fileNames';

/** A bar with its words; what has no measure yet moves without one. */
export function Progress({ label, there, whole }: { label: string; there: number; whole: number }) {
  const words = whole ? `${label}, ${sizeInWords(there)} of ${sizeInWords(whole)}` : label;
  return (
    <span className="file-progress">
      <progress aria-label={label} max={whole || 1} {...(whole ? { value: there } : {})} />
      <span className="tiny muted">{words}</span>
    </span>
  );
}
